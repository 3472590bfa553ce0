local function eval(e, x)
  local kind = e.kind
  if kind == 1 then return e.n
  elseif kind == 2 then return x
  elseif kind == 3 then return eval(e.a, x) + eval(e.b, x)
  elseif kind == 4 then return eval(e.a, x) * eval(e.b, x) % 1000003
  else
    if eval(e.a, x) < eval(e.b, x) then return eval(e.t, x) end
    return eval(e.f, x)
  end
end
local x = { kind = 2 }
local square = { kind = 4, a = x, b = x }
local small = { kind = 3, a = square, b = { kind = 1, n = 7 } }
local large = { kind = 4, a = small, b = { kind = 3, a = x, b = { kind = 1, n = 1 } } }
local tree = { kind = 5, a = x, b = { kind = 1, n = 900000 }, t = large, f = small }
local sum = 0
for i = 0, 1799999 do sum = (sum + eval(tree, i)) % 1000000007 end
print(string.format("%d", sum))

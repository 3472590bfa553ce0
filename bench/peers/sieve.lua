local flags = {}
local count = 0
for i = 0, 999999 do flags[i] = true end
for i = 2, 999999 do
  if flags[i] then
    count = count + 1
    local k = i + i
    while k < 1000000 do
      flags[k] = false
      k = k + i
    end
  end
end
print(count)

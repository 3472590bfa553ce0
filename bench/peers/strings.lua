local floor = math.floor
local function append(out, at, n)
  while true do
    out[at] = n % 10 + 48
    at = at + 1
    n = floor(n / 10)
    if n == 0 then break end
  end
  return at
end
local function same(a, a_len, b, b_len)
  if a_len ~= b_len then return false end
  for i = 0, a_len - 1 do if a[i] ~= b[i] then return false end end
  return true
end
local function hash(text, len, h)
  for i = 0, len - 1 do h = (h * 31 + text[i]) % 1000003 end
  return h
end
local one, two = {}, {}
local h, repeated = 0, 0
for i = 0, 499999 do
  local stop = append(one, 0, i)
  one[stop] = 32
  stop = append(one, stop + 1, floor(i / 2))
  local last = append(two, 0, i)
  two[last] = 32
  last = append(two, last + 1, floor((i + 1) / 2))
  if same(one, stop, two, last) then repeated = repeated + 1 end
  h = hash(one, stop, h)
end
print(string.format("%d %d", h, repeated))

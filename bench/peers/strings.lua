local floor = math.floor
local buffer = {}
local hash = 0
for i = 0, 99999 do
  local n, at = i, 0
  while true do
    buffer[at] = n % 10 + 48
    at = at + 1
    n = floor(n / 10)
    if n == 0 then break end
  end
  for k = 0, at - 1 do hash = (hash * 31 + buffer[k]) % 1000000007 end
end
print(string.format("%d", hash))

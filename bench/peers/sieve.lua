local flags = {}
local count = 0
for round = 1, 70 do
  for i = 0, 199999 do flags[i] = true end
  for i = 2, 199999 do
    if flags[i] then
      count = count + 1
      local k = i + i
      while k < 200000 do
        flags[k] = false
        k = k + i
      end
    end
  end
end
print(count)

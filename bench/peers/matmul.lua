local a, b, c = {}, {}, {}
for i = 0, 329 do
  a[i], b[i], c[i] = {}, {}, {}
  for k = 0, 329 do
    a[i][k] = i + k
    b[i][k] = i - k
  end
end
for i = 0, 329 do
  for k = 0, 329 do
    local sum = 0.0
    for j = 0, 329 do sum = sum + a[i][j] * b[j][k] end
    c[i][k] = sum
  end
end
local total = 0.0
for i = 0, 329 do total = total + c[i][i] + c[i][329 - i] end
print(string.format("%d", total))

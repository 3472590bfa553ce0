local v = {}
local floor = math.floor
local function sort(lo, hi)
  if lo >= hi then return end
  local pivot = v[floor((lo + hi) / 2)]
  local i, k = lo, hi
  while i <= k do
    while v[i] < pivot do i = i + 1 end
    while v[k] > pivot do k = k - 1 end
    if i <= k then
      v[i], v[k] = v[k], v[i]
      i = i + 1
      k = k - 1
    end
  end
  sort(lo, k)
  sort(i, hi)
end
local seed, ok, sum = 42, 1, 0
for round = 0, 9 do
  for i = 0, 99999 do
    -- Split so that doubles stay exact.
    seed = ((seed * 16838 % 32768 * 65536 + seed * 20077) + 12345) % 2147483648
    v[i] = seed % 1000000
  end
  sort(0, 99999)
  for i = 1, 99999 do if v[i - 1] > v[i] then ok = 0 end end
  sum = sum + v[round * 10000 + 5000]
end
print(string.format("%d %d", sum, ok))

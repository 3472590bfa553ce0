-- LuaJIT has a bit library, Lua 5.4 operators; load what is there.
local band, bxor, bor, bnot, rshift, rotate
local ok, bit = pcall(require, "bit")
if ok then
  band, bxor, bnot, rshift, rotate = bit.band, bit.bxor, bit.bnot, bit.rshift, bit.ror
else
  local make = load([[
    local function rotate(x, n) return ((x >> n) | (x << (32 - n))) & 0xffffffff end
    return function(a, b) return a & b end, function(a, b, c) local r = a ~ b if c then r = r ~ c end return r end,
      function(a) return ~a & 0xffffffff end, function(a, n) return a >> n end, rotate
  ]])
  band, bxor, bnot, rshift, rotate = make()
end
local ROUND = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
local w = {}
local h = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 }
local function compress()
  for i = 16, 63 do
    local a, b = w[i - 15], w[i - 2]
    local s0 = bxor(rotate(a, 7), rotate(a, 18), rshift(a, 3))
    local s1 = bxor(rotate(b, 17), rotate(b, 19), rshift(b, 10))
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) % 4294967296
  end
  local v = { h[1], h[2], h[3], h[4], h[5], h[6], h[7], h[8] }
  for i = 0, 63 do
    local s1 = bxor(rotate(v[5], 6), rotate(v[5], 11), rotate(v[5], 25))
    local choice = bxor(band(v[5], v[6]), band(bnot(v[5]), v[7]))
    local t1 = (v[8] + s1 + choice + ROUND[i + 1] + w[i]) % 4294967296
    local s0 = bxor(rotate(v[1], 2), rotate(v[1], 13), rotate(v[1], 22))
    local majority = bxor(band(v[1], v[2]), band(v[1], v[3]), band(v[2], v[3]))
    v[8], v[7], v[6] = v[7], v[6], v[5]
    v[5] = (v[4] + t1) % 4294967296
    v[4], v[3], v[2] = v[3], v[2], v[1]
    v[1] = (t1 + s0 + majority) % 4294967296
  end
  for i = 1, 8 do h[i] = (h[i] + v[i]) % 4294967296 end
end
for block = 0, 31999 do
  for i = 0, 15 do w[i] = block * 16 + i end
  compress()
end
print(string.format("%d %d", h[1], h[8]))

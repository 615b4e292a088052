-- SHA-256 (FIPS 180-4) with LuaJIT's 32-bit operations. sha256_words(text, from) fills and returns an array of eight signed
-- 32-bit numbers, the big-endian words of the digest of text behind its first `from` bytes; the array is used again at the
-- next call.
local bit = require("bit")
local ffi = require("ffi")
local band, bor, bxor, bnot, tobit = bit.band, bit.bor, bit.bxor, bit.bnot, bit.tobit
local ror, rshift, lshift, bswap = bit.ror, bit.rshift, bit.lshift, bit.bswap

local SHA_K = ffi.new("int32_t[64]")
local SHA_INITIAL = ffi.new("int32_t[8]")
do
  -- The constants are the first 32 bits of the fractional parts of roots of the first 64 primes.
  local function root_bits(number, power)
    local root = number ^ (1 / power)
    local fraction = root - math.floor(root)
    return tobit(math.floor(fraction * 4294967296))
  end
  local count, candidate = 0, 2
  while count < 64 do
    local prime = true
    for divisor = 2, math.floor(math.sqrt(candidate)) do
      if candidate % divisor == 0 then prime = false break end
    end
    if prime then
      SHA_K[count] = root_bits(candidate, 3)
      if count < 8 then SHA_INITIAL[count] = root_bits(candidate, 2) end
      count = count + 1
    end
    candidate = candidate + 1
  end
end

local sha_w = ffi.new("int32_t[64]")
local sha_h = ffi.new("int32_t[8]")
local sha_block = ffi.new("uint8_t[320]")
local sha_block_words = ffi.cast("int32_t*", sha_block)

local function sha256_words(text, from)
  from = from or 0
  local length = #text - from
  local padded = math.floor((length + 8) / 64) * 64 + 64
  if padded > 320 then error("text too long to hash") end
  ffi.fill(sha_block, padded)
  ffi.copy(sha_block, ffi.cast("const char*", text) + from, length)
  sha_block[length] = 0x80
  sha_block_words[padded / 4 - 1] = bswap(tobit(length * 8))
  for i = 0, 7 do sha_h[i] = SHA_INITIAL[i] end
  local w, k = sha_w, SHA_K
  for block = 0, padded / 4 - 16, 16 do
    for i = 0, 15 do w[i] = bswap(sha_block_words[block + i]) end
    for i = 16, 63 do
      local a, b = w[i - 15], w[i - 2]
      local s0 = bxor(ror(a, 7), ror(a, 18), rshift(a, 3))
      local s1 = bxor(ror(b, 17), ror(b, 19), rshift(b, 10))
      w[i] = tobit(w[i - 16] + s0 + w[i - 7] + s1)
    end
    local a, b, c, d = sha_h[0], sha_h[1], sha_h[2], sha_h[3]
    local e, f, g, h = sha_h[4], sha_h[5], sha_h[6], sha_h[7]
    for i = 0, 63 do
      local s1 = bxor(ror(e, 6), ror(e, 11), ror(e, 25))
      local choice = bxor(g, band(e, bxor(f, g)))
      local t1 = tobit(h + s1 + choice + k[i] + w[i])
      local s0 = bxor(ror(a, 2), ror(a, 13), ror(a, 22))
      local majority = bor(band(a, b), band(c, bor(a, b)))
      h, g, f, e = g, f, e, tobit(d + t1)
      d, c, b, a = c, b, a, tobit(t1 + s0 + majority)
    end
    sha_h[0] = tobit(sha_h[0] + a)
    sha_h[1] = tobit(sha_h[1] + b)
    sha_h[2] = tobit(sha_h[2] + c)
    sha_h[3] = tobit(sha_h[3] + d)
    sha_h[4] = tobit(sha_h[4] + e)
    sha_h[5] = tobit(sha_h[5] + f)
    sha_h[6] = tobit(sha_h[6] + g)
    sha_h[7] = tobit(sha_h[7] + h)
  end
  return sha_h
end

-- Speed limits: how fast each caller calls, in a mapped file that all workers of this gateway share. Layout:
-- tdpf.dataplane.gateway.rate_buckets. A bucket says until when its caller's calls are paid for (GCRA); one whose moment has
-- passed says nothing any more and may be anybody's. RATES_PATH, RATE_SETS and RATE_WAYS are set before this file.
ffi.cdef([[
typedef struct { uint32_t low, high, plan, unused; double paid; } tdpf_bucket;
typedef struct { uint32_t seconds, seconds_high, nanoseconds, nanoseconds_high; } tdpf_moment;
int clock_gettime(int clock, tdpf_moment *moment);
int inet_pton(int family, const char *text, void *address);
]])

local CLOCK_MONOTONIC, AF_INET, AF_INET6 = 1, 2, 10
local RATE_BYTES = RATE_SETS * RATE_WAYS * 24
local buckets
local moment = ffi.new("tdpf_moment")
local address_words = ffi.new("uint32_t[4]")

local function map_rates()
  local descriptor = C.open(RATES_PATH, O_RDWR)
  if descriptor < 0 then return end
  local size = tonumber(C.lseek(descriptor, 0, SEEK_END))
  if size ~= RATE_BYTES then C.close(descriptor) return end
  local address = C.mmap(nil, size, PROT_READ_WRITE, MAP_SHARED, descriptor, 0)
  C.close(descriptor)
  if ffi.cast("intptr_t", address) ~= -1 then buckets = ffi.cast("tdpf_bucket*", address) end
end

local function ticking()
  C.clock_gettime(CLOCK_MONOTONIC, moment)
  return moment.seconds + moment.nanoseconds * 1e-9
end

-- Return the two halves of what stands for a client's address: an IPv4 address, or the first half of an IPv6 address.
local function caller_at(text)
  local name = text:match("^%[([^%]]+)%]") or text:match("^([^:]+):?%d*$") or ""
  if C.inet_pton(AF_INET, name, address_words) == 1 then return address_words[0], 0x80000001 end
  if C.inet_pton(AF_INET6, name, address_words) ~= 1 then return 0, 0x80000000 end
  if address_words[0] == 0 and address_words[1] == 0 and address_words[2] == 0xFFFF0000 then
    return address_words[3], 0x80000001
  end
  -- The upper bit of the high half is set for whatever is no application.
  return bxor(address_words[1], tobit(address_words[0] * 5)) % 4294967296, bit.bor(address_words[0], 0x80000000) % 4294967296
end

-- Return whether the caller may make a call by this plan now, and note it.
local function in_speed(low, high, plan)
  if buckets == nil then map_rates() end
  if buckets == nil then error("no rate buckets") end
  local now = ticking()
  local number = plan.number
  -- Of several gateways each lets a caller go at its share of the speed.
  local gap = header.gateways > 1 and plan.gap * header.gateways or plan.gap
  local first = finish(mix(mix(hash_seed, tobit(low)), tobit(high + number))) % RATE_SETS * RATE_WAYS
  local free, earliest = first, 1e300
  for slot = first, first + RATE_WAYS - 1 do
    local bucket = buckets[slot]
    local till = bucket.paid
    if bucket.low == low and bucket.high == high and bucket.plan == number then
      -- A moment too far away was written before the machine started anew.
      if till < now or till > now + 3600 then till = now end
      if till - now > plan.ahead then return false end
      bucket.paid = till + gap
      return true
    end
    if till < now or till > now + 3600 then till = 0 end
    if till < earliest then free, earliest = slot, till end
  end
  local bucket = buckets[free]
  bucket.low, bucket.high, bucket.plan, bucket.paid = low, high, number, now + gap
  return true
end

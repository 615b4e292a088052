-- The grant table as Envoy's workers read it. Layout: tdpf.wire.grant_layout; golden vectors: tests/wire/golden.
-- TABLE_PATH is set before this file. One mapping per script and worker.
local bit = require("bit")
local ffi = require("ffi")

ffi.cdef([[
typedef struct { uint32_t value, waiting; } tdpf_word;
typedef struct {
  char magic[8]; uint32_t format, header_bytes; uint64_t generation, file_bytes; uint32_t hash_seed, max_probes;
  uint64_t collection_offset, collection_slots, key_offset, key_slots, grant_offset, grant_slots;
  uint32_t header_check, successor; uint64_t not_after, stamp; int64_t clock_offset;
  uint32_t flags, prepared_day, prepared_month, gateways; uint64_t static_sum;
} tdpf_header;
typedef struct {
  char slug[64]; uint64_t dataset; uint32_t access, canonical; uint64_t sunset, deprecated_at; uint32_t check, flags;
} tdpf_collection;
typedef struct { int32_t sha256[8]; uint64_t application, expires_at; uint32_t check, flags; } tdpf_key;
typedef struct {
  uint32_t application_low, application_high, dataset_low, dataset_high; uint64_t agreement;
  uint32_t view, not_before, not_after, day_limit, month_limit, rate_plan, check, flags;
  tdpf_word day_words[2], month_words[2]; uint16_t day_of[2], month_of[2]; uint32_t day_fill[2], month_fill[2];
} tdpf_grant;
int open(const char *path, int flags, ...);
int close(int descriptor);
long lseek(int descriptor, long offset, int whence);
void *mmap(void *address, size_t length, int protection, int flags, int descriptor, long offset);
int munmap(void *address, size_t length);
int sem_trywait(void *semaphore);
int sem_post(void *semaphore);
int memcmp(const void *one, const void *other, size_t length);
int strncmp(const char *one, const char *other, size_t length);
long time(long *result);
]])

local C = ffi.C
local band, bxor, tobit = bit.band, bit.bxor, bit.tobit
local shift_left, shift_right = bit.lshift, bit.rshift

local LIVE, ALIAS = 2, 4
local DAY_SPENT, MONTH_SPENT = 8, 32
local FLAG_READY, FLAG_OPEN_DATA_NEEDS_KEY = 1, 2
local MAGIC = "TDPFGRT\1"
local O_RDWR, SEEK_END, PROT_READ_WRITE, MAP_SHARED = 2, 2, 3, 1

assert(ffi.sizeof("tdpf_collection") == 104 and ffi.sizeof("tdpf_key") == 56 and ffi.sizeof("tdpf_grant") == 112)
assert(ffi.offsetof("tdpf_header", "static_sum") == 136)

local header, mapped, mapped_bytes
local collections, keys, grants
local collection_slots, key_slots, grant_slots, hash_seed, max_probes

local function unmap()
  if mapped then C.munmap(mapped, mapped_bytes) end
  header, mapped = nil, nil
end

-- Map the file at TABLE_PATH if it is a whole table of another generation than the one in use.
local function map_table()
  local descriptor = C.open(TABLE_PATH, O_RDWR)
  if descriptor < 0 then return end
  local size = tonumber(C.lseek(descriptor, 0, SEEK_END))
  if size < 4096 then C.close(descriptor) return end
  local address = C.mmap(nil, size, PROT_READ_WRITE, MAP_SHARED, descriptor, 0)
  C.close(descriptor)
  if ffi.cast("intptr_t", address) == -1 then return end
  local found = ffi.cast("tdpf_header*", address)
  local good = ffi.string(found.magic, 8) == MAGIC and found.format == 1 and tonumber(found.file_bytes) == size
    and band(found.flags, FLAG_READY) ~= 0
    and tonumber(found.collection_offset) + tonumber(found.collection_slots) * 104 <= size
    and tonumber(found.key_offset) + tonumber(found.key_slots) * 56 <= size
    and tonumber(found.grant_offset) + tonumber(found.grant_slots) * 112 <= size
  if not good or (header and found.generation == header.generation) then
    C.munmap(address, size)
    return
  end
  unmap()
  header, mapped, mapped_bytes = found, address, size
  local bytes = ffi.cast("char*", address)
  collections = ffi.cast("tdpf_collection*", bytes + found.collection_offset)
  keys = ffi.cast("tdpf_key*", bytes + found.key_offset)
  grants = ffi.cast("tdpf_grant*", bytes + found.grant_offset)
  collection_slots, key_slots = tonumber(found.collection_slots), tonumber(found.key_slots)
  grant_slots = tonumber(found.grant_slots)
  hash_seed, max_probes = tobit(found.hash_seed), found.max_probes
end

-- Return the header of the table in force, or nil when there is none.
local function current_table()
  if header == nil or header.successor ~= 0 then map_table() end
  return header
end

-- Unix seconds; tests move the clock by the header's clock_offset.
local function clock()
  return tonumber(C.time(nil)) + tonumber(header.clock_offset)
end

local function mix(state, word)
  state = tobit(state + word)
  state = tobit(state + shift_left(state, 10))
  return bxor(state, shift_right(state, 6))
end

local function finish(state)
  state = tobit(state + shift_left(state, 3))
  state = bxor(state, shift_right(state, 11))
  state = tobit(state + shift_left(state, 15))
  return state < 0 and state + 4294967296 or state
end

local function low_half(number) return number % 4294967296 end
local function high_half(number) return math.floor(number / 4294967296) end

local function grant_hash(application, dataset)
  local state = mix(hash_seed, tobit(low_half(application)))
  state = mix(state, high_half(application))
  state = mix(state, tobit(low_half(dataset)))
  return finish(mix(state, high_half(dataset)))
end

local function slug_hash(slug)
  local state = hash_seed
  for i = 1, #slug do state = mix(state, slug:byte(i)) end
  return finish(state)
end

-- Say whether a slot holds the live grant of exactly these halves.
local function is_grant(grant, al, ah, dl, dh)
  return band(grant.flags, LIVE) ~= 0 and grant.application_low == al and grant.dataset_low == dl
    and grant.application_high == ah and grant.dataset_high == dh
end

-- Return the live grant of exactly this application and dataset, or nil. Most stand in their first slot, so that is looked at
-- outside the loop: LuaJIT cannot take a loop into the trace of what stands around it.
local function find_grant(application, dataset)
  local al, ah, dl, dh = low_half(application), high_half(application), low_half(dataset), high_half(dataset)
  local slot = grant_hash(application, dataset) % grant_slots
  local first = grants[slot]
  if is_grant(first, al, ah, dl, dh) then return first end
  for _ = 1, max_probes do
    local grant = grants[slot]
    if grant.flags == 0 then return nil end
    if is_grant(grant, al, ah, dl, dh) then return grant end
    slot = slot + 1
    if slot == grant_slots then slot = 0 end
  end
  return nil
end

local function is_key(key, words)
  local sha = key.sha256
  return band(key.flags, LIVE) ~= 0
    and sha[0] == bswap(words[0]) and sha[1] == bswap(words[1]) and sha[2] == bswap(words[2]) and sha[3] == bswap(words[3])
    and sha[4] == bswap(words[4]) and sha[5] == bswap(words[5]) and sha[6] == bswap(words[6]) and sha[7] == bswap(words[7])
end

-- Return the live key with exactly this SHA-256 (eight big-endian words), or nil.
local function find_key(words)
  local hash = words[0]
  local slot = (hash < 0 and hash + 4294967296 or hash) % key_slots
  local first = keys[slot]
  if is_key(first, words) then return first end
  for _ = 1, max_probes do
    local key = keys[slot]
    if key.flags == 0 then return nil end
    if is_key(key, words) then return key end
    slot = slot + 1
    if slot == key_slots then slot = 0 end
  end
  return nil
end

local function is_collection(collection, slug, length)
  return band(collection.flags, LIVE) ~= 0 and collection.slug[length] == 0 and C.memcmp(collection.slug, slug, length) == 0
end

-- Return the live collection with exactly this slug, or nil.
local function find_collection(slug)
  local length = #slug
  if length > 63 then return nil end
  local slot = slug_hash(slug) % collection_slots
  local first = collections[slot]
  if is_collection(first, slug, length) then return first end
  for _ = 1, max_probes do
    local collection = collections[slot]
    if collection.flags == 0 then return nil end
    if is_collection(collection, slug, length) then return collection end
    slot = slot + 1
    if slot == collection_slots then slot = 0 end
  end
  return nil
end

local function day_of(now) return math.floor((now + 32400) / 86400) end

-- Return year * 12 + month - 1 of a day number, and the first day number of the next month (Hinnant's civil algorithm).
local function month_of(day)
  local function civil(days)
    local z = days + 719468
    local era = math.floor(z / 146097)
    local doe = z - era * 146097
    local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
    local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
    local mp = math.floor((5 * doy + 2) / 153)
    local month = mp < 10 and mp + 3 or mp - 9
    return yoe + era * 400 + (month <= 2 and 1 or 0), month, doy - math.floor((153 * mp + 2) / 5) + 1
  end
  local year, month, date = civil(day)
  local following = day - date + 32
  local _, _, later = civil(following)
  return year * 12 + month - 1, following - later + 1
end

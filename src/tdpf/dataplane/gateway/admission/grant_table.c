#include "grant_table.h"

#include <fcntl.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool holds(const struct table_header *header, uint64_t offset, uint64_t slots, size_t slot_bytes) {
  return slots > 0 && offset % 8 == 0 && offset <= header->file_bytes && slots <= (header->file_bytes - offset) / slot_bytes;
}

static uint32_t now_of(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }

static bool is_whole(const struct table_header *header, size_t bytes) {
  return memcmp(header->magic, "TDPFGRT\1", 8) == 0 && header->format == 1 && header->file_bytes == bytes
      && (now_of(&header->flags) & TABLE_READY)
      && holds(header, header->collection_offset, header->collection_slots, sizeof(struct collection))
      && holds(header, header->key_offset, header->key_slots, sizeof(struct key))
      && holds(header, header->grant_offset, header->grant_slots, sizeof(struct grant));
}

void unmap_table(struct table *table) {
  if (table->header) munmap(table->header, table->bytes);
  *table = (struct table){0};
}

bool find_table(struct table *table, const char *path) {
  if (table->header && now_of(&table->header->successor) == 0) return true;
  int descriptor = open(path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return table->header != NULL;
  struct stat known;
  size_t bytes = fstat(descriptor, &known) == 0 && known.st_size >= 4096 ? (size_t)known.st_size : 0;
  void *mapped = bytes ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  close(descriptor);
  if (mapped == MAP_FAILED) return table->header != NULL;
  struct table_header *found = mapped;
  if (!is_whole(found, bytes) || (table->header && table->header->generation == found->generation)) {
    munmap(mapped, bytes);
    return table->header != NULL;
  }
  unmap_table(table);
  char *start = mapped;
  *table = (struct table){
      .header = found,
      .bytes = bytes,
      .collections = (struct collection *)(start + found->collection_offset),
      .keys = (struct key *)(start + found->key_offset),
      .grants = (struct grant *)(start + found->grant_offset),
  };
  return true;
}

int64_t clock_of(const struct table *table) { return (int64_t)time(NULL) + table->header->clock_offset; }

// Jenkins' one-at-a-time.
static uint32_t mixed(uint32_t state, uint32_t word) {
  state += word;
  state += state << 10;
  return state ^ state >> 6;
}

static uint32_t finished(uint32_t state) {
  state += state << 3;
  state ^= state >> 11;
  return state + (state << 15);
}

uint32_t slug_hash(uint32_t seed, struct text slug) {
  uint32_t state = seed;
  for (size_t i = 0; i < slug.length; i++) state = mixed(state, (uint8_t)slug.at[i]);
  return finished(state);
}

uint32_t grant_hash(uint32_t seed, uint64_t application, uint64_t dataset) {
  uint32_t state = mixed(seed, (uint32_t)application);
  state = mixed(state, (uint32_t)(application >> 32));
  state = mixed(state, (uint32_t)dataset);
  return finished(mixed(state, (uint32_t)(dataset >> 32)));
}

// Look through slots from where the hash leads, at most max_probes of them, until `found` is true of one or one was never used.
#define FIND(slots, count, hash, found)                                          \
  uint64_t place = (hash) % (count);                                             \
  for (uint32_t probe = 0; probe < table->header->max_probes; probe++) {         \
    uint32_t flags = now_of(&(slots)[place].flags);                              \
    if (flags == 0) return NULL;                                                 \
    if ((flags & LIVE) && (found)) return &(slots)[place];                       \
    if (++place == (count)) place = 0;                                           \
  }                                                                              \
  return NULL;

const struct collection *find_collection(const struct table *table, struct text slug) {
  if (slug.length == 0 || slug.length > 63) return NULL;
  const struct collection *slots = table->collections;
  FIND(slots, table->header->collection_slots, slug_hash(table->header->hash_seed, slug),
       slots[place].slug[slug.length] == 0 && memcmp(slots[place].slug, slug.at, slug.length) == 0)
}

const struct key *find_key(const struct table *table, const struct digest *digest) {
  const uint8_t *bytes = digest->bytes;
  uint32_t hash = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  const struct key *slots = table->keys;
  FIND(slots, table->header->key_slots, hash, memcmp(slots[place].digest.bytes, bytes, 32) == 0)
}

struct grant *find_grant(const struct table *table, uint64_t application, uint64_t dataset) {
  struct grant *slots = table->grants;
  FIND(slots, table->header->grant_slots, grant_hash(table->header->hash_seed, application, dataset),
       slots[place].application == application && slots[place].dataset == dataset)
}

bool take_one(struct budget *budget) { return sem_trywait((sem_t *)budget) == 0; }

void give_back(struct budget *budget) { sem_post((sem_t *)budget); }

uint32_t left_in(const struct budget *budget) { return now_of(&budget->left); }

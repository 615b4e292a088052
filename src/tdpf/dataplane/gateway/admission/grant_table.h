// The grant table as Envoy's workers read it: docs/reference/grant-table.md, src/tdpf/wire/grant_layout.py.
#pragma once

#include "sha256.h"
#include "text.h"

enum { LIVE = 2, ALIAS = 4, DAY_SPENT = 8, MONTH_SPENT = 32 };
enum { TABLE_READY = 1, OPEN_DATA_NEEDS_KEY = 2 };

// What remains of a budget: the first eight bytes of a semaphore of glibc's.
struct budget {
  uint32_t left, waiting;
};

struct table_header {
  char magic[8];
  uint32_t format, header_bytes;
  uint64_t generation, file_bytes;
  uint32_t hash_seed, max_probes;
  uint64_t collection_offset, collection_slots, key_offset, key_slots, grant_offset, grant_slots;
  uint32_t header_check, successor;
  uint64_t not_after, stamp;
  int64_t clock_offset;
  uint32_t flags, prepared_day, prepared_month, gateways;
  uint64_t static_sum;
};

struct collection {
  char slug[64];
  uint64_t dataset;
  uint32_t access, canonical;
  uint64_t sunset, deprecated_at;
  uint32_t check, flags;
};

struct key {
  struct digest digest;
  uint64_t application, expires_at;
  uint32_t check, flags;
};

struct grant {
  uint64_t application, dataset, agreement;
  uint32_t view, not_before, not_after, day_limit, month_limit, rate_plan, check, flags;
  struct budget day[2], month[2];
  uint16_t day_of[2], month_of[2];
  uint32_t day_fill[2], month_fill[2];
};

_Static_assert(sizeof(struct collection) == 104 && sizeof(struct key) == 56 && sizeof(struct grant) == 112, "layout");
_Static_assert(offsetof(struct table_header, static_sum) == 136 && offsetof(struct grant, day) == 56, "layout");

// A mapped table. Without one `header` is NULL.
struct table {
  struct table_header *header;
  size_t bytes;
  struct collection *collections;
  struct key *keys;
  struct grant *grants;
};

// Map the table at `path` unless the one that is mapped is still the newest; say whether there is one.
bool find_table(struct table *table, const char *path);
void unmap_table(struct table *table);

// Unix seconds; tests move the clock by the header's clock_offset.
int64_t clock_of(const struct table *table);

uint32_t slug_hash(uint32_t seed, struct text slug);
uint32_t grant_hash(uint32_t seed, uint64_t application, uint64_t dataset);

// Return the live slot of exactly this, or NULL.
const struct collection *find_collection(const struct table *table, struct text slug);
const struct key *find_key(const struct table *table, const struct digest *digest);
struct grant *find_grant(const struct table *table, uint64_t application, uint64_t dataset);

// Take one call from a budget, atomically among all workers; false when nothing is left.
bool take_one(struct budget *budget);
void give_back(struct budget *budget);
uint32_t left_in(const struct budget *budget);

// Speed limits: how fast each caller calls, in a mapped file that all workers share: src/tdpf/dataplane/gateway/rate_buckets.py.
#pragma once

#include "text.h"

enum { RATE_WAYS = 8, RATE_SETS = 8192 };

// Says until when its caller's calls are paid for (GCRA); one whose moment has passed may be anybody's.
struct bucket {
  uint32_t low, high, plan, unused;
  double paid;
};

_Static_assert(sizeof(struct bucket) == 24, "layout");

struct plan {
  uint32_t number, per_second, burst;
};

// What stands for a caller: its application, or its address.
struct caller {
  uint32_t low, high;
};

struct caller caller_of_application(uint64_t application);
// An IPv4 address, or the first half of an IPv6 address; with or without a port.
struct caller caller_at(struct text address);

struct bucket *map_rates(const char *path);
void unmap_rates(struct bucket *buckets);

// Say whether the caller may make a call by this plan now, and note it. Of several gateways each gives its share of the speed.
bool in_speed(struct bucket *buckets, uint32_t seed, struct caller caller, const struct plan *plan, uint32_t gateways);

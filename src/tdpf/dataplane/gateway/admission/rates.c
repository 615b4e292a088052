#include "rates.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_WAIT = 3600 };

struct caller caller_of_application(uint64_t application) {
  return (struct caller){(uint32_t)application, (uint32_t)(application >> 32)};
}

struct caller caller_at(struct text address) {
  // The upper bit of the high half is set for whatever is no application.
  const struct caller nobody = {0, 0x80000000}, no_host = {0, 0x80000001};
  char name[INET6_ADDRSTRLEN];
  if (address.length && address.at[0] == '[') {
    address = behind(address, 1);
    address = first(address, where_is(address, ']'));
  } else if (memchr(address.at ? address.at : "", '.', address.length)) {
    address = first(address, where_is(address, ':'));
  }
  if (address.length == 0 || address.length >= sizeof name) return nobody;
  memcpy(name, address.at, address.length);
  name[address.length] = 0;
  uint32_t words[4];
  if (inet_pton(AF_INET, name, words) == 1) return (struct caller){words[0], no_host.high};
  if (inet_pton(AF_INET6, name, words) != 1) return nobody;
  if (words[0] == 0 && words[1] == 0 && words[2] == 0xFFFF0000) return (struct caller){words[3], no_host.high};
  return (struct caller){words[1] ^ words[0] * 5, words[0] | 0x80000000};
}

struct bucket *map_rates(const char *path) {
  int descriptor = open(path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return NULL;
  const size_t bytes = (size_t)RATE_SETS * RATE_WAYS * sizeof(struct bucket);
  struct stat known;
  bool right = fstat(descriptor, &known) == 0 && (size_t)known.st_size == bytes;
  void *mapped = right ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  close(descriptor);
  return mapped == MAP_FAILED ? NULL : mapped;
}

void unmap_rates(struct bucket *buckets) {
  if (buckets) munmap(buckets, (size_t)RATE_SETS * RATE_WAYS * sizeof(struct bucket));
}

static uint32_t mixed(uint32_t state, uint32_t word) {
  state += word;
  state += state << 10;
  return state ^ state >> 6;
}

static double ticking(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec * 1e-9;
}

bool in_speed(struct bucket *buckets, uint32_t seed, struct caller caller, const struct plan *plan, uint32_t gateways) {
  const double now = ticking();
  const double gap = (double)(gateways > 1 ? gateways : 1) / plan->per_second;
  const double ahead = (double)(plan->burst - 1) / plan->per_second;
  uint32_t hash = mixed(mixed(seed, caller.low), caller.high + plan->number);
  hash += hash << 3;
  hash ^= hash >> 11;
  hash += hash << 15;
  struct bucket *set = buckets + (size_t)(hash % RATE_SETS) * RATE_WAYS, *free = set;
  double earliest = 1e300;
  for (struct bucket *bucket = set; bucket < set + RATE_WAYS; bucket++) {
    double paid = bucket->paid;
    // A moment too far away was written before the machine started anew.
    bool over = !(paid >= now && paid <= now + LONGEST_WAIT);
    if (bucket->low == caller.low && bucket->high == caller.high && bucket->plan == plan->number) {
      if (over) paid = now;
      if (paid - now > ahead) return false;
      bucket->paid = paid + gap;
      return true;
    }
    if (over) paid = 0;
    if (paid < earliest) free = bucket, earliest = paid;
  }
  *free = (struct bucket){caller.low, caller.high, plan->number, 0, now + gap};
  return true;
}

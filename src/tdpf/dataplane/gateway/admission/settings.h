// What the agent tells the module, once for each listener: lines of tab-separated words.
#pragma once

#include "rates.h"
#include "text.h"

enum refusal {
  TWO_KEYS, NO_KEY, KEY_UNKNOWN, KEY_EXPIRED, NOT_GRANTED, NOT_IN_FORCE, NOT_FOUND, METHOD_NOT_ALLOWED, UPGRADE_NEEDED,
  ADDRESS_TOO_LONG, TOO_FAST, QUOTA_SPENT, NOT_READY, CLOSED, NOT_DECIDED, REFUSALS,
};

// A problem document as JSON, in which the instance is written as @instance@.
struct problem {
  uint32_t status;
  struct text japanese, english;
};

enum { MOST_PLANS = 16 };

struct settings {
  char *words;
  const char *table, *rates, *connected, *mark;
  // What a browser may do with an answer.
  struct text policy;
  struct plan plans[MOST_PLANS], anonymous;
  size_t plan_count;
  struct problem problems[REFUSALS];
};

// Read them; NULL when something is missing or not understood, and then Envoy refuses the configuration.
struct settings *read_settings(struct text lines);
void forget_settings(struct settings *settings);

// The plan of this number, or the slowest.
const struct plan *plan_of(const struct settings *settings, uint32_t number);

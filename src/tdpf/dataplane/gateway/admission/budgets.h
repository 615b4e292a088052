// What a grant may be used for in a day and in a month.
#pragma once

#include "grant_table.h"

// One quota in the period that it is.
struct quota {
  struct text name, span;
  uint32_t limit, fill, spent_flag;
  int64_t resets;
  bool ready;
  struct budget *budget;
};

struct quotas {
  struct quota day, month;
};

struct quotas quotas_of(struct grant *grant, int64_t now);

// How taking a call from both went. MORE_MAY_COME: this gateway, one of several, has spent what it held of a quota.
enum taken { TAKEN, NOT_FILLED, MORE_MAY_COME, SPENT };

// Take one call from both or from none; a grant without limits is counted too. `short_of` is the one that is the reason.
enum taken take_call(const struct grant *grant, struct quotas *quotas, const struct quota **short_of);

// What is left of a quota: what stands in its word, and what other gateways may still be lent.
uint32_t left_of(const struct quota *quota);

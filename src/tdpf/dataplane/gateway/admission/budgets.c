#include "budgets.h"

#include "calendar.h"

// Days begin at midnight in Japan.
enum { JAPAN = 32400, DAY = 86400 };

struct quotas quotas_of(struct grant *grant, int64_t now) {
  const int64_t day = (now + JAPAN) / DAY;
  const struct month month = month_of(day);
  const int even = day & 1, even_month = month.number & 1;
  return (struct quotas){
      .day = {
          .name = TEXT("\"day\""),
          .span = TEXT("86400"),
          .limit = grant->day_limit,
          .fill = grant->day_fill[even],
          .spent_flag = (uint32_t)DAY_SPENT << even,
          .resets = (day + 1) * DAY - JAPAN - now,
          .ready = grant->day_of[even] == day,
          .budget = &grant->day[even],
      },
      .month = {
          .name = TEXT("\"month\""),
          .span = TEXT("2592000"),
          .limit = grant->month_limit,
          .fill = grant->month_fill[even_month],
          .spent_flag = (uint32_t)MONTH_SPENT << even_month,
          .resets = month.ends * DAY - JAPAN - now,
          .ready = grant->month_of[even_month] == month.number,
          .budget = &grant->month[even_month],
      },
  };
}

static enum taken short_of_quota(const struct grant *grant, const struct quota *quota) {
  return quota->fill < quota->limit && !(grant->flags & quota->spent_flag) ? MORE_MAY_COME : SPENT;
}

enum taken take_call(const struct grant *grant, struct quotas *quotas, const struct quota **short_of) {
  struct quota *day = &quotas->day, *month = &quotas->month;
  if ((day->limit && !day->ready) || (month->limit && !month->ready)) return NOT_FILLED;
  bool taken = day->ready && take_one(day->budget);
  if (!taken && day->limit) return *short_of = day, short_of_quota(grant, day);
  if (month->limit && !take_one(month->budget)) {
    if (taken) give_back(day->budget);
    return *short_of = month, short_of_quota(grant, month);
  }
  return TAKEN;
}

uint32_t left_of(const struct quota *quota) {
  uint32_t left = left_in(quota->budget);
  return quota->fill < quota->limit ? left + quota->limit - quota->fill : left;
}

// Days, months and times of day. Days are numbered since 1970-01-01.
#pragma once

#include "text.h"

// The number of a month (year x 12 + month - 1), and that of the first day of the next one.
struct month {
  int64_t number, ends;
};

struct month month_of(int64_t day);

// Write a moment (Unix seconds) as HTTP does.
struct text put_date(struct page *page, int64_t moment);

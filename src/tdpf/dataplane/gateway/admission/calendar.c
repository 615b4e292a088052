#include "calendar.h"

enum { DAY = 86400 };

struct civil {
  int64_t year, month, date;
};

// Howard Hinnant's algorithm.
static struct civil civil_of(int64_t day) {
  int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
  int64_t month = mp < 10 ? mp + 3 : mp - 9;
  return (struct civil){yoe + era * 400 + (month <= 2), month, doy - (153 * mp + 2) / 5 + 1};
}

struct month month_of(int64_t day) {
  struct civil civil = civil_of(day);
  int64_t following = day - civil.date + 32;
  return (struct month){civil.year * 12 + civil.month - 1, following - civil_of(following).date + 1};
}

struct text put_date(struct page *page, int64_t moment) {
  static const char DAYS[] = "ThuFriSatSunMonTueWed", MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int64_t day = moment / DAY, second = moment % DAY;
  struct civil civil = civil_of(day);
  size_t since = page->used;
  put(page, (struct text){DAYS + day % 7 * 3, 3});
  put(page, civil.date < 10 ? TEXT(", 0") : TEXT(", "));
  put_number(page, (uint64_t)civil.date);
  put(page, TEXT(" "));
  put(page, (struct text){MONTHS + (civil.month - 1) * 3, 3});
  put(page, TEXT(" "));
  put_number(page, (uint64_t)civil.year);
  const int64_t parts[3] = {second / 3600, second / 60 % 60, second % 60};
  for (int i = 0; i < 3; i++) {
    put(page, i ? TEXT(":") : TEXT(" "));
    if (parts[i] < 10) put(page, TEXT("0"));
    put_number(page, (uint64_t)parts[i]);
  }
  put(page, TEXT(" GMT"));
  return said_since(page, since);
}

// Bytes that belong to someone else, and a page of bounded room to write on.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Some bytes: nothing ends them but their length. Absent when `at` is NULL, which is not the same as empty.
struct text {
  const char *at;
  size_t length;
};

#define TEXT(literal) ((struct text){(literal), sizeof(literal) - 1})

static inline bool same(struct text one, struct text other) {
  return one.length == other.length && (one.length == 0 || memcmp(one.at, other.at, one.length) == 0);
}

static inline bool begins_with(struct text whole, struct text beginning) {
  return whole.length >= beginning.length && memcmp(whole.at, beginning.at, beginning.length) == 0;
}

// Return the place of the first such byte, or the length when there is none.
static inline size_t where_is(struct text whole, char wanted) {
  const char *found = whole.length ? memchr(whole.at, wanted, whole.length) : NULL;
  return found ? (size_t)(found - whole.at) : whole.length;
}

static inline bool has(struct text whole, char wanted) { return where_is(whole, wanted) < whole.length; }

// Return what stands behind the first `count` bytes; nothing when there are fewer.
static inline struct text behind(struct text whole, size_t count) {
  if (count > whole.length) count = whole.length;
  return (struct text){whole.at ? whole.at + count : NULL, whole.length - count};
}

static inline struct text first(struct text whole, size_t count) {
  return (struct text){whole.at, count < whole.length ? count : whole.length};
}

// A page is never written past its room: one on which something had no room is `full`, and what is on it must not be used.
struct page {
  char *at;
  size_t used, room;
  bool full;
};

static inline void put(struct page *page, struct text said) {
  if (said.length > page->room - page->used) {
    page->full = true;
    return;
  }
  if (said.length) memcpy(page->at + page->used, said.at, said.length);
  page->used += said.length;
}

static inline void put_number(struct page *page, uint64_t number) {
  char digits[20];
  size_t start = sizeof digits;
  do digits[--start] = (char)('0' + number % 10);
  while (number /= 10);
  put(page, (struct text){digits + start, sizeof digits - start});
}

// Return what was put on the page since it held `since` bytes.
static inline struct text said_since(const struct page *page, size_t since) {
  return (struct text){page->at + since, page->used - since};
}

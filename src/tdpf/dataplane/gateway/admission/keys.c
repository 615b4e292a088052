#include "keys.h"

enum { LONGEST_KEY = 200 };

static int digit_of(char byte) {
  char low = (char)(byte | 32);
  return byte >= '0' && byte <= '9' ? byte - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static struct text percent_decoded(struct text text, struct page *page) {
  size_t since = page->used;
  while (text.length) {
    int high = text.length > 2 && text.at[0] == '%' ? digit_of(text.at[1]) : -1;
    int low = high >= 0 ? digit_of(text.at[2]) : -1;
    char byte = low >= 0 ? (char)(high * 16 + low) : text.at[0];
    put(page, (struct text){&byte, 1});
    text = behind(text, low >= 0 ? 3 : 1);
  }
  return said_since(page, since);
}

static struct text next_part(struct text *rest) {
  struct text part = first(*rest, where_is(*rest, '&'));
  *rest = behind(*rest, part.length + 1);
  return part;
}

struct text without_key(struct text path, struct page *page, struct sent *sent) {
  const struct text name = TEXT("apikey=");
  const size_t mark = where_is(path, '?');
  const struct text query = behind(path, mark + 1);
  struct text key = query;
  for (struct text rest = query; rest.length;) {
    struct text part = next_part(&rest);
    if (begins_with(part, name) && sent->count++ == 0) key = behind(part, name.length);
  }
  if (sent->count == 0) return path;
  sent->key = percent_decoded(key, page);
  size_t since = page->used;
  put(page, first(path, mark));
  struct text between = TEXT("?");
  for (struct text rest = query; rest.length;) {
    struct text part = next_part(&rest);
    if (part.length == 0 || begins_with(part, name)) continue;
    put(page, between);
    put(page, part);
    between = TEXT("&");
  }
  return said_since(page, since);
}

static bool may_be_key(struct text key) {
  if (key.length < 6 || key.length > LONGEST_KEY || !begins_with(key, TEXT("tdpf_"))) return false;
  for (size_t i = 5; i < key.length; i++) {
    char byte = key.at[i], low = (char)(byte | 32);
    if (!(low >= 'a' && low <= 'z') && !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-') return false;
  }
  return true;
}

// Return what stands behind the scheme Bearer, in any case, without the spaces around it; nothing if that is not the scheme.
static struct text behind_bearer(struct text authorization) {
  const struct text scheme = TEXT("bearer");
  struct text rest = behind(authorization, scheme.length);
  if (rest.length == 0 || rest.at[0] != ' ') return first(rest, 0);
  for (size_t i = 0; i < scheme.length; i++)
    if ((authorization.at[i] | 32) != scheme.at[i]) return first(rest, 0);
  while (rest.length && rest.at[0] == ' ') rest = behind(rest, 1);
  while (rest.length && rest.at[rest.length - 1] == ' ') rest.length--;
  return rest;
}

enum refusal sort_keys(struct sent *sent, uint32_t authorizations, struct text authorization, uint32_t api_keys, struct text api_key) {
  sent->count += authorizations + api_keys;
  if (sent->count == 0) return REFUSALS;
  if (sent->count > 1 || has(authorization, ',') || has(api_key, ',')) return TWO_KEYS;
  if (authorizations) sent->key = behind_bearer(authorization);
  if (api_keys) sent->key = api_key;
  return may_be_key(sent->key) ? REFUSALS : KEY_UNKNOWN;
}

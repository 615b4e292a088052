// The keys that a call sent, and its path without them.
#pragma once

#include "settings.h"
#include "text.h"

struct sent {
  uint32_t count;
  struct text key;
};

// Take apikey parameters out of a path and count them. The path is written anew, on the page, only if there was one.
struct text without_key(struct text path, struct page *page, struct sent *sent);

// Add those in headers and say why the call is refused, REFUSALS = it is not. Only a text that may be a key is left.
enum refusal sort_keys(struct sent *sent, uint32_t authorizations, struct text authorization, uint32_t api_keys, struct text api_key);

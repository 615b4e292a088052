// What an address of /data asks for.
#pragma once

#include "text.h"

enum class { NO_CLASS, ITEMS, ITEM, AGGREGATE, META, STREAM, API, FILE_OF };

extern const struct text CLASS_WORDS[];

// `slug` is absent where no grant is needed; NO_CLASS = nothing is there.
struct address {
  struct text slug;
  enum class class;
};

// Read a path without its query.
struct address address_of(struct text path);

// Say whether a path is one of this pattern; a byte 0x01 is any part of a path, or any piece of a part, and never empty.
bool fits(struct text path, struct text pattern);

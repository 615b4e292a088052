// What a route says of itself in its metadata: lines of tab-separated words, read where they lie.
#pragma once

#include "text.h"

// What may be asked at one path of an API; `allow` as in the header of that name.
struct operation {
  struct text allow;
  bool only_upgraded;
};

// Find the first operation whose pattern fits the path, which begins behind the API's name.
bool find_operation(struct text place, struct text path, struct operation *found);
// The same of what stands in the list of what is connected: pattern, allow and "call" or "upgrade" of one after the other.
bool find_listed_operation(struct text operations, struct text path, struct operation *found);
bool allows(struct operation operation, struct text method);

// What the agent is told of what stays open; absent when nothing of this route does.
struct text streams_of(struct text place);

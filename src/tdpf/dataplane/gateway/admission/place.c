#include "place.h"

#include "addresses.h"

static struct text taken(struct text *rest, char end) {
  struct text found = first(*rest, where_is(*rest, end));
  *rest = behind(*rest, found.length + 1);
  return found;
}

bool find_operation(struct text place, struct text path, struct operation *found) {
  while (place.length) {
    struct text line = taken(&place, '\n');
    if (!same(taken(&line, '\t'), TEXT("operation")) || !fits(path, taken(&line, '\t'))) continue;
    *found = (struct operation){.allow = taken(&line, '\t'), .only_upgraded = same(line, TEXT("upgrade"))};
    return true;
  }
  return false;
}

bool find_listed_operation(struct text operations, struct text path, struct operation *found) {
  while (operations.length) {
    const struct text pattern = taken(&operations, '\t'), allow = taken(&operations, '\t'), how = taken(&operations, '\t');
    if (!fits(path, pattern)) continue;
    *found = (struct operation){.allow = allow, .only_upgraded = same(how, TEXT("upgrade"))};
    return true;
  }
  return false;
}

bool allows(struct operation operation, struct text method) {
  while (operation.allow.length) {
    struct text allowed = taken(&operation.allow, ',');
    if (allowed.length && allowed.at[0] == ' ') allowed = behind(allowed, 1);
    if (same(allowed, method)) return true;
  }
  return false;
}

struct text streams_of(struct text place) {
  while (place.length) {
    struct text line = taken(&place, '\n');
    if (same(taken(&line, '\t'), TEXT("streams"))) return line;
  }
  return (struct text){NULL, 0};
}

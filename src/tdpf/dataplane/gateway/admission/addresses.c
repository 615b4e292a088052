#include "addresses.h"

const struct text CLASS_WORDS[] = {
    [NO_CLASS] = {"other", 5},  [ITEMS] = {"items", 5},   [ITEM] = {"item", 4}, [AGGREGATE] = {"aggregate", 9},
    [META] = {"meta", 4},       [STREAM] = {"stream", 6}, [API] = {"api", 3},   [FILE_OF] = {"file", 4},
};

static bool is_letter(char byte) { return byte >= 'a' && byte <= 'z'; }
static bool is_of_slug(char byte) { return is_letter(byte) || (byte >= '0' && byte <= '9') || byte == '-'; }
static bool is_of_distribution(char byte) { return is_of_slug(byte) || byte == '_'; }
static bool is_of_part(char byte) { return byte != '/'; }

// Return how many bytes at the beginning are of this kind.
static size_t run_of(struct text text, bool (*kind)(char)) {
  size_t count = 0;
  while (count < text.length && kind(text.at[count])) count++;
  return count;
}

// Take the name of a distribution, a point and what is of this kind, from the beginning; false when only a point is there.
static bool passed_distribution(struct text *rest, bool (*kind)(char)) {
  if (rest->length == 0 || rest->at[0] != '.') return true;
  size_t count = run_of(behind(*rest, 1), kind);
  *rest = behind(*rest, 1 + count);
  return count > 0;
}

static bool is_one_part(struct text text) { return text.length > 0 && run_of(text, is_of_part) == text.length; }

static enum class class_of_collection(struct text rest) {
  if (!passed_distribution(&rest, is_of_part)) return NO_CLASS;
  if (same(rest, TEXT("/items"))) return ITEMS;
  if (begins_with(rest, TEXT("/items/")) && is_one_part(behind(rest, 7))) return ITEM;
  if (same(rest, TEXT("/aggregate"))) return AGGREGATE;
  return rest.length == 0 || rest.at[0] == '/' ? META : NO_CLASS;
}

static enum class class_of_stream(struct text rest) {
  if (!passed_distribution(&rest, is_of_distribution)) return NO_CLASS;
  if (rest.length == 0) return STREAM;
  struct text word = behind(rest, 1);
  return rest.at[0] == '/' && word.length > 0 && run_of(word, is_letter) == word.length ? STREAM : NO_CLASS;
}

static enum class class_of_api(struct text rest) {
  return passed_distribution(&rest, is_of_distribution) && rest.length > 0 && rest.at[0] == '/' ? API : NO_CLASS;
}

static enum class class_of_file(struct text rest) {
  if (rest.length == 0 || same(rest, TEXT("/"))) return META;
  return rest.at[0] == '/' && is_one_part(behind(rest, 1)) ? FILE_OF : NO_CLASS;
}

static bool is_list(struct text path) {
  struct text rest = behind(path, 5);
  return !begins_with(path, TEXT("/data")) ? false
       : rest.length == 0 || same(rest, TEXT("/")) || same(rest, TEXT("/conformance")) || same(rest, TEXT("/collections"))
      || same(rest, TEXT("/collections/")) || same(rest, TEXT("/api")) || begins_with(rest, TEXT("/api/"))
      || begins_with(rest, TEXT("/api."));
}

struct address address_of(struct text path) {
  static const struct {
    struct text beginning;
    enum class (*class_of)(struct text rest);
  } KINDS[] = {
      {{"/data/collections/", 18}, class_of_collection},
      {{"/data/streams/", 14}, class_of_stream},
      {{"/data/apis/", 11}, class_of_api},
      {{"/data/files/", 12}, class_of_file},
  };
  for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
    if (!begins_with(path, KINDS[i].beginning)) continue;
    struct text rest = behind(path, KINDS[i].beginning.length);
    size_t slug = run_of(rest, is_of_slug);
    if (slug == 0) break;
    enum class class = KINDS[i].class_of(behind(rest, slug));
    if (class == NO_CLASS) return (struct address){{NULL, 0}, NO_CLASS};
    return (struct address){first(rest, slug), class};
  }
  return (struct address){{NULL, 0}, is_list(path) ? META : NO_CLASS};
}

enum { PARAMETER = 1 };

bool fits(struct text path, struct text pattern) {
  // The last parameter takes one byte more whenever what stands behind it does not fit: an earlier one need not be tried again.
  size_t at = 0, in = 0, back_at = 0, back_in = 0;
  bool in_parameter = false;
  while (at < path.length || in < pattern.length) {
    if (in < pattern.length && pattern.at[in] == PARAMETER) {
      in++;
      if (at == path.length || path.at[at] == '/') return false;
      back_at = ++at, back_in = in, in_parameter = true;
    } else if (in < pattern.length && at < path.length && pattern.at[in] == path.at[at]) {
      in++, at++;
    } else if (in_parameter && back_at < path.length && path.at[back_at] != '/') {
      at = ++back_at, in = back_in;
    } else {
      return false;
    }
  }
  return true;
}

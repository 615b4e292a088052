#include "settings.h"

#include <stdlib.h>

static const char *const REFUSAL_WORDS[REFUSALS] = {
    [TWO_KEYS] = "gateway/two-keys",
    [NO_KEY] = "gateway/no-key",
    [KEY_UNKNOWN] = "gateway/key-unknown",
    [KEY_EXPIRED] = "gateway/key-expired",
    [NOT_GRANTED] = "gateway/not-granted",
    [NOT_IN_FORCE] = "gateway/not-in-force",
    [NOT_FOUND] = "gateway/not-found",
    [METHOD_NOT_ALLOWED] = "gateway/method-not-allowed",
    [UPGRADE_NEEDED] = "gateway/upgrade-needed",
    [ADDRESS_TOO_LONG] = "gateway/address-too-long",
    [TOO_FAST] = "gateway/too-fast",
    [QUOTA_SPENT] = "gateway/quota-spent",
    [NOT_READY] = "gateway/not-ready",
    [CLOSED] = "gateway/closed",
    [NOT_DECIDED] = "gateway/not-decided",
};

enum { MOST_WORDS = 5 };

// One line, whose words are ended by zeros where the tabs were.
struct line {
  const char *words[MOST_WORDS];
  size_t count;
};

static char *copy_of(struct text lines) {
  char *words = malloc(lines.length + 1);
  if (!words) return NULL;
  if (lines.length) memcpy(words, lines.at, lines.length);
  words[lines.length] = 0;
  return words;
}

static bool next_line(char **rest, struct line *line) {
  *line = (struct line){0};
  if (**rest == 0) return false;
  char *at = *rest, *end = strchr(at, '\n');
  *rest = end ? end + 1 : at + strlen(at);
  if (end) *end = 0;
  while (at && line->count < MOST_WORDS) {
    line->words[line->count++] = at;
    at = strchr(at, '\t');
    if (at) *at++ = 0;
  }
  return true;
}

static bool says(const struct line *line, const char *what, size_t words) {
  return line->count == words && strcmp(line->words[0], what) == 0;
}

static struct text text_of(const char *word) { return (struct text){word, strlen(word)}; }

static uint32_t number_of(const char *word) { return (uint32_t)strtoul(word, NULL, 10); }

static bool take_problem(struct settings *settings, const struct line *line) {
  for (size_t i = 0; i < REFUSALS; i++) {
    if (strcmp(REFUSAL_WORDS[i], line->words[1]) != 0) continue;
    settings->problems[i] = (struct problem){number_of(line->words[2]), text_of(line->words[3]), text_of(line->words[4])};
    return true;
  }
  return false;
}

static bool take_plan(struct settings *settings, const struct line *line) {
  struct plan plan = {number_of(line->words[1]), number_of(line->words[2]), number_of(line->words[3])};
  if (settings->plan_count == MOST_PLANS || plan.per_second == 0 || plan.burst == 0) return false;
  settings->plans[settings->plan_count++] = plan;
  if (strcmp(line->words[4], "anonymous") == 0) settings->anonymous = plan;
  return true;
}

static bool take(struct settings *settings, const struct line *line) {
  if (says(line, "problem", 5)) return take_problem(settings, line);
  if (says(line, "plan", 5)) return take_plan(settings, line);
  if (says(line, "table", 2)) return (settings->table = line->words[1]) != NULL;
  if (says(line, "rates", 4) && number_of(line->words[2]) == RATE_SETS && number_of(line->words[3]) == RATE_WAYS)
    return (settings->rates = line->words[1]) != NULL;
  if (says(line, "policy", 2)) return (settings->policy = text_of(line->words[1])).length > 0;
  if (says(line, "connected", 3)) return (settings->connected = line->words[1]) && (settings->mark = line->words[2]);
  return false;
}

struct settings *read_settings(struct text lines) {
  struct settings *settings = calloc(1, sizeof *settings);
  char *rest = settings ? settings->words = copy_of(lines) : NULL;
  struct line line;
  bool good = rest != NULL;
  while (good && next_line(&rest, &line)) good = take(settings, &line);
  good = good && settings->table && settings->rates && settings->connected && settings->policy.at && settings->anonymous.per_second;
  for (size_t i = 0; good && i < REFUSALS; i++) good = settings->problems[i].status != 0;
  if (good) return settings;
  if (settings) forget_settings(settings);
  return NULL;
}

void forget_settings(struct settings *settings) {
  free(settings->words);
  free(settings);
}

const struct plan *plan_of(const struct settings *settings, uint32_t number) {
  for (size_t i = 0; i < settings->plan_count; i++)
    if (settings->plans[i].number == number) return &settings->plans[i];
  return &settings->plans[0];
}

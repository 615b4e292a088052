// Odd calls by the thousand, decided under the compiler's watch: each text lies in memory of exactly its length.
// odd_calls SETTINGS PLACE SEED COUNT; the table is spoilt towards the end.
#include <stdio.h>
#include <stdlib.h>

#include "decision.h"

static uint64_t state;

static uint32_t draw(uint32_t below) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)(state >> 33) % below;
}

static const char *const PIECES[] = {
    "/data", "/collections", "/files", "/streams", "/apis", "/a", "/b", "/old", "/items", "/aggregate", "/api", "//", "/v1/x-y",
    "/b.csv", "?", "&", "=", "apikey=", "apikey=tdpf_good", "%", "%2", "%74%64%70%66%5fgood", ".", "..", ";", "#", "[", "]",
    "\xe6\x97\xa5", "tdpf_good", "Bearer tdpf_good", "bearer  ", "Bearer", ",", " ", "tdpf_", "en", "ja;q=0.5", "application/grpc",
    "203.0.113.9:1", "[2001:db8::1]:2", "\x01", "@instance@", "-",
};
enum { PIECES_COUNT = sizeof PIECES / sizeof PIECES[0] };

static char *held[16];
static size_t holding;

static struct text hold(const char *bytes, size_t length) {
  char *copy = malloc(length ? length : 1);
  memcpy(copy, bytes, length);
  held[holding++] = copy;
  return (struct text){copy, length};
}

static struct text odd(const char *beginning) {
  char said[20000];
  size_t used = strlen(beginning);
  memcpy(said, beginning, used);
  for (uint32_t left = draw(7); left; left--) {
    const char *piece = PIECES[draw(PIECES_COUNT)];
    size_t length = strlen(piece), times = draw(500) == 0 ? 1 + draw(2000) : 1;
    while (times-- && used + length < sizeof said) memcpy(said + used, piece, length), used += length;
  }
  if (used && draw(50) == 0) said[draw((uint32_t)used)] = (char)draw(256);
  return hold(said, used);
}

static uint64_t sum;

static void touch(struct text text) {
  for (size_t i = 0; i < text.length; i++) sum += (uint8_t)text.at[i];
}

int main(int count, char **words) {
  if (count != 5) return 2;
  struct settings *settings = read_settings((struct text){words[1], strlen(words[1])});
  const struct text place = {words[2], strlen(words[2])};
  state = strtoull(words[3], NULL, 10) | 1;
  uint32_t calls = (uint32_t)strtoul(words[4], NULL, 10), admitted = 0, refused = 0, undecided = 0;
  struct worker *worker = calloc(1, sizeof *worker);
  if (!settings || !worker) return 3;
  for (uint32_t i = 0; i < calls; i++) {
    static const char *const BEGINNINGS[] = {
        "/data/collections/abc/items", "/data/collections/abc.main/items/", "/data/streams/abc", "/data/apis/abc/v1/", "/data/files/abc/b.csv",
        "/data/collections/older/items", "/data", "",
    };
    static const char *const METHODS[] = {"GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "G"};
    holding = 0;
    const char *method = METHODS[draw(7)];
    struct call call = {.path = odd(BEGINNINGS[draw(8)]), .method = hold(method, strlen(method))};
    if (draw(2)) call.authorization = draw(2) ? hold("Bearer tdpf_good", 16) : odd(""), call.authorizations = 1 + (draw(9) == 0);
    if (draw(5) == 0) call.api_key = draw(2) ? hold("tdpf_good", 9) : odd(""), call.api_keys = 1;
    if (draw(2)) call.from = odd(draw(2) ? "203.0.113.9" : "[");
    if (draw(2)) call.reader = (struct reader){odd(""), odd(""), odd("")};
    if (draw(3)) call.place = hold(place.at, draw(4) ? place.length : draw((uint32_t)place.length));
    size_t room = draw(20) == 0 ? draw(200) : 1024;
    struct page page = {malloc(room ? room : 1), 0, room, false};
    struct decision decision;
    decide(settings, worker, &call, &page, &decision);
    if (decision.admitted && decision.answer.status) return 4;
    if (decision.admitted && !decision.said.at) return 5;
    admitted += decision.admitted, refused += decision.answer.status != 0, undecided += !decision.admitted && !decision.answer.status;
    const struct text all[] = {
        decision.said, decision.path, decision.bare, decision.sight, decision.key, decision.stream,
        decision.told.policy, decision.told.state, decision.told.limit, decision.told.remaining, decision.told.reset,
        decision.told.deprecation, decision.told.sunset, decision.told.instance, decision.answer.body,
    };
    for (size_t at = 0; at < sizeof all / sizeof all[0]; at++) touch(all[at]);
    for (size_t at = 0; at < decision.answer.count; at++) touch(decision.answer.headers[at].name), touch(decision.answer.headers[at].value);
    if (decision.file) touch(decision.file->cluster), touch(decision.file->host), touch(decision.file->target);
    free(page.at);
    while (holding) free(held[--holding]);
    // Whatever a slot says, nothing outside the table is read.
    if (i > calls / 2 && worker->table.header) ((uint8_t *)worker->table.header)[4096 + draw((uint32_t)worker->table.bytes - 4096)] = (uint8_t)draw(256);
    // What the module is told may be cut short anywhere.
    if (draw(200) == 0) {
      struct settings *cut = read_settings(hold(words[1], draw((uint32_t)strlen(words[1]))));
      if (cut) forget_settings(cut);
      while (holding) free(held[--holding]);
    }
  }
  forget_worker(worker);
  free(worker);
  forget_settings(settings);
  printf("admitted %u refused %u undecided %u (%llu)\n", admitted, refused, undecided, (unsigned long long)sum);
  return 0;
}

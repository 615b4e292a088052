#include "decision.h"

#include "budgets.h"
#include "calendar.h"
#include "keys.h"
#include "place.h"

enum { NOBODY = 1, ANY_KEY = 2, FIRST_APPLICATION = 1000, LONGEST_PATH = 8192 };

void forget_worker(struct worker *worker) {
  unmap_table(&worker->table);
  unmap_rates(worker->buckets);
  worker->buckets = NULL;
  forget_connected(&worker->connected);
}

// What is known of the call that is being decided.
struct deciding {
  const struct settings *settings;
  struct worker *worker;
  const struct call *call;
  struct page *page, *wide;
  struct decision *decision;
  struct text kind;
  enum class class;
  uint64_t application, agreement, dataset;
  int64_t now;
};

static void say(struct deciding *it, struct text counted) {
  const uint64_t numbers[3] = {it->application, it->agreement, it->dataset};
  size_t since = it->page->used;
  for (int i = 0; i < 3; i++) {
    put_number(it->page, numbers[i]);
    put(it->page, TEXT(","));
  }
  put(it->page, it->kind);
  put(it->page, TEXT(","));
  put(it->page, CLASS_WORDS[it->class]);
  put(it->page, TEXT("\t"));
  put(it->page, counted);
  it->decision->said = said_since(it->page, since);
}

static struct text number_on(struct page *page, uint64_t number) {
  size_t since = page->used;
  put_number(page, number);
  return said_since(page, since);
}

static struct text put_hexadecimal(struct page *page, const struct digest *digest) {
  static const char DIGITS[] = "0123456789abcdef";
  size_t since = page->used;
  for (size_t i = 0; i < sizeof digest->bytes; i++) {
    char pair[2] = {DIGITS[digest->bytes[i] >> 4], DIGITS[digest->bytes[i] & 15]};
    put(page, (struct text){pair, sizeof pair});
  }
  return said_since(page, since);
}

// Each way to refuse ends the deciding. Nothing is known of the call:
static void refuse(struct deciding *it, enum refusal refusal) {
  refuse_with(&it->decision->answer, it->settings, refusal, &it->call->reader, it->wide);
}

static void refuse_for_now(struct deciding *it, enum refusal refusal, struct text seconds) {
  tell(&it->decision->answer, TEXT("retry-after"), seconds);
  refuse(it, refusal);
}

// It is known whose the call is:
static void refuse_known(struct deciding *it, enum refusal refusal) {
  tell(&it->decision->answer, TEXT("deprecation"), it->decision->told.deprecation);
  tell(&it->decision->answer, TEXT("sunset"), it->decision->told.sunset);
  say(it, TEXT("-"));
  refuse(it, refusal);
}

static void refuse_known_with(struct deciding *it, enum refusal refusal, struct text name, struct text value) {
  tell(&it->decision->answer, name, value);
  refuse_known(it, refusal);
}

static enum refusal find_caller(struct deciding *it, struct text sent, struct digest *digest) {
  *digest = sha256(sent);
  const struct key *key = find_key(&it->worker->table, digest);
  if (!key) return KEY_UNKNOWN;
  it->application = key->application;
  it->kind = TEXT("key");
  return key->expires_at != 0 && (uint64_t)it->now >= key->expires_at ? KEY_EXPIRED : REFUSALS;
}

// Return the first grant in force: that of the application, else that of whoever has a key. `other` = one is out of its time.
static struct grant *grant_in_force(const struct deciding *it, bool *other) {
  for (uint64_t principal = it->application;; principal = ANY_KEY) {
    struct grant *grant = find_grant(&it->worker->table, principal, it->dataset);
    if (grant) {
      if (it->now >= grant->not_before && (grant->not_after == 0 || it->now < grant->not_after)) return grant;
      *other = true;
    }
    if (principal < FIRST_APPLICATION) return NULL;
  }
}

// Lead to the present name of a collection; false when it is not there any more.
static bool lead_on(struct deciding *it, const struct collection *alias, struct text slug) {
  const struct table *table = &it->worker->table;
  if (alias->canonical >= table->header->collection_slots) return false;
  const struct collection *target = &table->collections[alias->canonical];
  if (!(target->flags & LIVE) || target->dataset != alias->dataset) return false;
  const struct text sent = it->call->path;
  const size_t before = (size_t)(slug.at - it->decision->bare.at);
  size_t since = it->wide->used;
  put(it->wide, first(sent, before));
  put(it->wide, (struct text){target->slug, strnlen(target->slug, sizeof target->slug)});
  put(it->wide, behind(sent, before + slug.length));
  struct answer *answer = &it->decision->answer;
  answer->status = 308;
  tell(answer, TEXT("location"), said_since(it->wide, since));
  tell(answer, TEXT("cache-control"), TEXT("no-cache"));
  say(it, TEXT("-"));
  return true;
}

static void tell_ending(struct deciding *it, const struct collection *collection) {
  // Deprecation: RFC 9745. Sunset: RFC 8594.
  if (collection->deprecated_at) {
    size_t since = it->page->used;
    put(it->page, TEXT("@"));
    put_number(it->page, collection->deprecated_at);
    it->decision->told.deprecation = said_since(it->page, since);
  }
  if (collection->sunset) it->decision->told.sunset = put_date(it->page, (int64_t)collection->sunset);
}

// Say whether the method may be used at this path of an API; false = refused.
static bool may_operate(struct deciding *it) {
  struct text path = behind(it->decision->bare, sizeof "/data/apis/" - 1);
  struct operation operation;
  path = behind(path, where_is(path, '/'));
  const struct connected_file *listed = it->decision->file;
  if (!(listed ? find_listed_operation(listed->operations, path, &operation) : find_operation(it->call->place, path, &operation)))
    return refuse_known(it, NOT_FOUND), false;
  if (!allows(operation, it->call->method))
    return refuse_known_with(it, METHOD_NOT_ALLOWED, TEXT("allow"), operation.allow), false;
  if (operation.only_upgraded) return refuse_known_with(it, UPGRADE_NEEDED, TEXT("upgrade"), TEXT("websocket")), false;
  return true;
}

static void put_limit(struct page *page, const struct quota *quota) {
  put(page, quota->name);
  put(page, TEXT(";q="));
  put_number(page, quota->limit);
  put(page, TEXT(";w="));
  put(page, quota->span);
}

static void put_state(struct page *page, const struct quota *quota, uint32_t left) {
  put(page, quota->name);
  put(page, TEXT(";r="));
  put_number(page, left);
  put(page, TEXT(";t="));
  put_number(page, (uint64_t)quota->resets);
}

static void refuse_spent(struct deciding *it, const struct quota *quota) {
  struct answer *answer = &it->decision->answer;
  const struct text resets = number_on(it->page, (uint64_t)quota->resets);
  size_t since = it->page->used;
  put_limit(it->page, quota);
  tell(answer, TEXT("ratelimit-policy"), said_since(it->page, since));
  since = it->page->used;
  put_state(it->page, quota, 0);
  tell(answer, TEXT("ratelimit"), said_since(it->page, since));
  tell(answer, TEXT("x-ratelimit-limit"), number_on(it->page, quota->limit));
  tell(answer, TEXT("x-ratelimit-remaining"), TEXT("0"));
  tell(answer, TEXT("x-ratelimit-reset"), resets);
  refuse_known_with(it, QUOTA_SPENT, TEXT("retry-after"), resets);
}

static void tell_plan(struct deciding *it, const struct plan *plan) {
  size_t since = it->page->used;
  put(it->page, TEXT("\"second\";q="));
  put_number(it->page, plan->per_second);
  put(it->page, TEXT(";w=1"));
  it->decision->told.policy = said_since(it->page, since);
}

// Tell the quotas, what is left of each, and the numbers of the one of which least is left.
static void tell_quotas(struct deciding *it, const struct quotas *quotas) {
  const struct quota *all[2] = {&quotas->day, &quotas->month}, *least = NULL;
  struct told *told = &it->decision->told;
  uint32_t left[2] = {0, 0}, least_left = 0;
  for (int i = 0; i < 2; i++) {
    if (!all[i]->limit) continue;
    put(it->page, TEXT(", "));
    put_limit(it->page, all[i]);
    left[i] = left_of(all[i]);
    if (!least || left[i] < least_left) least = all[i], least_left = left[i];
  }
  if (!least) return;
  // What was put behind the plan continues it.
  told->policy.length = (size_t)(it->page->at + it->page->used - told->policy.at);
  size_t since = it->page->used;
  for (int i = 0; i < 2; i++) {
    if (!all[i]->limit) continue;
    if (it->page->used > since) put(it->page, TEXT(", "));
    put_state(it->page, all[i], left[i]);
  }
  told->state = said_since(it->page, since);
  told->limit = number_on(it->page, least->limit);
  told->remaining = number_on(it->page, least_left);
  told->reset = number_on(it->page, (uint64_t)least->resets);
}

// Take one call from the grant's day and month; false = refused.
static bool spend(struct deciding *it, struct grant *grant) {
  struct quotas quotas = quotas_of(grant, it->now);
  const struct quota *short_of = NULL;
  switch (take_call(grant, &quotas, &short_of)) {
    case TAKEN: return tell_quotas(it, &quotas), true;
    case NOT_FILLED: return refuse_known_with(it, NOT_READY, TEXT("retry-after"), TEXT("2")), false;
    case MORE_MAY_COME: return refuse_known_with(it, NOT_READY, TEXT("retry-after"), TEXT("1")), false;
    case SPENT: break;
  }
  return refuse_spent(it, short_of), false;
}

static void tell_stream(struct deciding *it, const struct digest *digest, struct caller caller) {
  const struct text streams = streams_of(it->call->place);
  if (!streams.at) return;
  struct page *page = it->page;
  const uint64_t numbers[3] = {it->application, it->agreement, it->dataset};
  size_t since = page->used;
  for (int i = 0; i < 3; i++) {
    put_number(page, numbers[i]);
    put(page, TEXT(","));
  }
  if (digest) put_hexadecimal(page, digest);
  put(page, TEXT(","));
  if (!digest) {
    put_number(page, caller.low);
    put(page, TEXT("."));
    put_number(page, caller.high);
  }
  put(page, TEXT(","));
  put(page, streams);
  it->decision->stream = said_since(page, since);
}

// Return where an API is asked for what stands behind these bytes of our path, its query included.
static struct text target_of_api(struct deciding *it, struct text path, size_t before) {
  size_t since = it->wide->used;
  put(it->wide, it->decision->file->target);
  put(it->wide, behind(path, before));
  return said_since(it->wide, since);
}

static void decide_within(struct deciding *it) {
  const struct call *call = it->call;
  struct decision *decision = it->decision;
  struct worker *worker = it->worker;

  struct sent sent = {0};
  const struct text path = without_key(call->path, it->wide, &sent);
  if (sent.count) decision->path = path;
  if (path.length > LONGEST_PATH) return refuse(it, ADDRESS_TOO_LONG);
  if (same(call->method, TEXT("OPTIONS"))) {
    decision->answer.status = 204;
    return tell(&decision->answer, TEXT("allow"), TEXT("GET, HEAD, OPTIONS"));
  }
  if (!find_table(&worker->table, it->settings->table)) return refuse_for_now(it, NOT_READY, TEXT("2"));
  const struct table_header *header = worker->table.header;
  it->now = clock_of(&worker->table);
  if (it->now < 0 || (uint64_t)it->now >= header->not_after) return refuse_for_now(it, CLOSED, TEXT("60"));

  decision->bare = first(path, where_is(path, '?'));
  decision->bare = first(decision->bare, where_is(decision->bare, '#'));
  const struct address address = address_of(decision->bare);
  it->class = address.class;
  const struct collection *collection = address.slug.at ? find_collection(&worker->table, address.slug) : NULL;
  if (collection) it->dataset = collection->dataset;

  struct digest digest;
  enum refusal fault = sort_keys(&sent, call->authorizations, call->authorization, call->api_keys, call->api_key);
  const bool with_key = fault == REFUSALS && sent.count;
  if (with_key) fault = find_caller(it, sent.key, &digest);
  if (fault != REFUSALS) {
    it->application = 0, it->kind = TEXT("none");
    return refuse_known(it, fault);
  }
  if (address.class == NO_CLASS) return refuse_known(it, NOT_FOUND);
  if (address.class != API && !same(call->method, TEXT("GET")) && !same(call->method, TEXT("HEAD")))
    return refuse_known_with(it, METHOD_NOT_ALLOWED, TEXT("allow"), TEXT("GET, HEAD, OPTIONS"));

  const struct plan *plan = &it->settings->anonymous;
  struct grant *grant = NULL;
  if (address.slug.at) {
    if (!collection) return refuse_known(it, NOT_FOUND);
    if (collection->flags & ALIAS) {
      if (!lead_on(it, collection, address.slug)) refuse_known(it, NOT_FOUND);
      return;
    }
    bool other = false;
    if (with_key || !(header->flags & OPEN_DATA_NEEDS_KEY)) grant = grant_in_force(it, &other);
    if (!grant) return refuse_known(it, !with_key ? NO_KEY : other ? NOT_IN_FORCE : NOT_GRANTED);
    it->agreement = grant->agreement;
    plan = plan_of(it->settings, grant->rate_plan);
    tell_ending(it, collection);
  }
  // A route of an API's own says of itself what the API is.
  if (address.class == FILE_OF || (address.class == API && !call->place.at)) {
    const size_t before = address.class == API ? sizeof "/data/apis/" - 1 : sizeof "/data/files/" - 1;
    struct text wanted = behind(decision->bare, before);
    if (address.class == API) wanted = first(wanted, where_is(wanted, '/'));
    if (!find_connected(&worker->connected, it->settings->connected, it->settings->mark, wanted, &decision->file)) return refuse(it, NOT_DECIDED);
    if (decision->file) decision->target = address.class == API ? target_of_api(it, path, before + wanted.length + 1) : decision->file->target;
  }
  if (address.class == API && !may_operate(it)) return;

  const struct caller caller = with_key ? caller_of_application(it->application) : caller_at(call->from);
  if (!worker->buckets) worker->buckets = map_rates(it->settings->rates);
  if (!worker->buckets) return refuse(it, NOT_DECIDED);
  if (!in_speed(worker->buckets, header->hash_seed, caller, plan, header->gateways))
    return refuse_known_with(it, TOO_FAST, TEXT("retry-after"), TEXT("1"));
  tell_plan(it, plan);
  if (grant && !spend(it, grant)) return;

  decision->admitted = true;
  decision->leaves_us = decision->file || address.class == API;
  say(it, grant ? TEXT("1") : TEXT("0"));
  size_t since = it->page->used;
  put_number(it->page, grant ? grant->view : 0);
  put(it->page, TEXT(","));
  put_number(it->page, it->dataset);
  decision->sight = said_since(it->page, since);
  // A stream outlives its admission: it is ended when the key is taken back.
  if (with_key && address.class == STREAM) decision->key = put_hexadecimal(it->page, &digest);
  if (address.class == API) tell_stream(it, with_key ? &digest : NULL, caller);
  since = it->page->used;
  put(it->page, call->reader.instance);
  if (!decision->leaves_us) decision->told.instance = said_since(it->page, since);
}

// What every answer says.
static void tell_usual(struct deciding *it) {
  struct answer *answer = &it->decision->answer;
  tell(answer, TEXT("x-content-type-options"), TEXT("nosniff"));
  tell(answer, TEXT("content-security-policy"), it->settings->policy);
  tell(answer, TEXT("cross-origin-resource-policy"), TEXT("cross-origin"));
  tell(answer, TEXT("x-request-id"), it->call->reader.instance);
}

void decide(const struct settings *settings, struct worker *worker, const struct call *call, struct page *page,
            struct decision *decision) {
  struct page wide = {worker->room, 0, sizeof worker->room, false};
  *decision = (struct decision){0};
  struct deciding it = {
      .settings = settings,
      .worker = worker,
      .call = call,
      .page = page,
      .wide = &wide,
      .decision = decision,
      .kind = TEXT("anonymous"),
      .application = NOBODY,
  };
  decide_within(&it);
  if (!decision->admitted && decision->answer.status) tell_usual(&it);
  if (page->full || wide.full) *decision = (struct decision){0};
}

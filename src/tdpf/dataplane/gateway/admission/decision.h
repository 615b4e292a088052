// Who calls, what for, is there a grant in force, is the call in its speed, is there budget left? The one place where it is decided.
#pragma once

#include "addresses.h"
#include "answers.h"
#include "connected.h"
#include "grant_table.h"
#include "settings.h"

// What one worker of Envoy keeps between calls; no other one touches it.
struct worker {
  struct table table;
  struct bucket *buckets;
  struct connected connected;
  // Room for what may be long: an address written anew, a problem document. What is there lasts until the next call.
  char room[96 * 1024];
};

void forget_worker(struct worker *worker);

// One call as Envoy has it. Of headers sent more than once one is here, and how many there were.
struct call {
  struct text method, path, authorization, api_key;
  uint32_t authorizations, api_keys;
  // The caller's address; needed only of who sends no key.
  struct text from;
  // What the route says of itself.
  struct text place;
  struct reader reader;
};

// For the answer's headers: what is left of a budget, absent where there is no limit, and by which number the log knows the call.
struct told {
  struct text policy, state, limit, remaining, reset, deprecation, sunset, instance;
};

struct decision {
  bool admitted;
  // For the log: application,agreement,dataset,kind,class, a tab, 1 if the call is counted, else 0 or -; absent = nothing is known of it.
  struct text said;

  // Of a call that is admitted. `path` is there only if it was written anew; `bare` is the one asked for, without its query.
  bool leaves_us;
  struct text path, bare, key, stream;
  // view,dataset
  struct text sight;
  struct told told;
  // What is connected without a route of its own, and the path that is asked for there.
  const struct connected_file *file;
  struct text target;

  // Of one that is not.
  struct answer answer;
};

// Decide a call. Texts of the decision are on the page, in the worker's room, or the call's own. When one of them had no room,
// nothing is decided: not admitted, and no answer.
void decide(const struct settings *settings, struct worker *worker, const struct call *call, struct page *page,
            struct decision *decision);

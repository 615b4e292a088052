// Envoy's side: what a call says goes into a decision, and what was decided goes back. Nothing is decided here.
#include "envoy.h"

#include <stdlib.h>

#include "decision.h"

enum { MOST_WORKERS = 256, MOST_SENT = 200 };

// The filter of one listener. A worker's state is made when it is first needed.
struct gate {
  struct settings *settings;
  struct worker *workers[MOST_WORKERS];
};

// One call in the filter: what was decided lasts until its answer. A call is stopped unless it was admitted.
struct passing {
  struct gate *gate;
  bool admitted, leaves_us;
  struct told told;
  char room[1024];
};

static const struct text METADATA = {"tdpf", 4};

static void set(stream stream, int which, struct text name, struct text value) {
  if (value.at) ENVOY(http_set_header)(stream, which, name, value);
}

static void add(stream stream, int which, struct text name, struct text value) {
  if (value.at) ENVOY(http_add_header)(stream, which, name, value);
}

static struct worker *worker_of(struct gate *gate, stream stream) {
  uint32_t index = ENVOY(http_filter_get_worker_index)(stream);
  if (index >= MOST_WORKERS) return NULL;
  if (!gate->workers[index]) gate->workers[index] = calloc(1, sizeof(struct worker));
  return gate->workers[index];
}

// Read what a decision needs; false when there is more than can be read.
static bool read_call(stream stream, struct call *call) {
  struct header found[MOST_SENT];
  size_t count = ENVOY(http_get_headers_size)(stream, REQUEST);
  if (count > MOST_SENT || !ENVOY(http_get_headers)(stream, REQUEST, found)) return false;
  for (size_t i = 0; i < count; i++) {
    const struct text name = found[i].name, value = found[i].value;
    if (same(name, TEXT(":method"))) call->method = value;
    else if (same(name, TEXT(":path"))) call->path = value;
    else if (same(name, TEXT("authorization"))) call->authorization = value, call->authorizations++;
    else if (same(name, TEXT("x-api-key"))) call->api_key = value, call->api_keys++;
    else if (same(name, TEXT("accept-language"))) call->reader.language = value;
    else if (same(name, TEXT("content-type"))) call->reader.content_type = value;
    else if (same(name, TEXT("x-request-id"))) call->reader.instance = value;
  }
  if (!call->authorizations && !call->api_keys) ENVOY(http_filter_get_attribute_string)(stream, SOURCE_ADDRESS, &call->from);
  if (begins_with(call->path, TEXT("/data/apis/")))
    ENVOY(http_get_metadata_string)(stream, OF_ROUTE, TEXT("admit"), TEXT("place"), &call->place);
  return call->path.at && call->method.at;
}

static int answer_undecided(stream stream) {
  // Envoy makes the problem document of this status.
  const struct text nothing = {NULL, 0};
  ENVOY(http_send_response)(stream, 403, NULL, 0, nothing, TEXT("not decided"));
  return STOP;
}

static int answer_with(stream stream, const struct decision *decision) {
  const struct answer *answer = &decision->answer;
  if (answer->status == 0) return answer_undecided(stream);
  set(stream, REQUEST, TEXT(":path"), decision->path);
  set(stream, REQUEST, TEXT("x-tdpf-call"), decision->said);
  ENVOY(http_set_dynamic_metadata_bool)(stream, METADATA, TEXT("answered"), true);
  ENVOY(http_send_response)(stream, answer->status, answer->headers, answer->count, answer->body, TEXT("admission"));
  return STOP;
}

// Lead the call to the provider: its route is found by a header and our path, which both go before the request does.
static bool lead_to_provider(stream stream, const struct connected_file *file, struct text target) {
  const struct text nothing = {NULL, 0};
  set(stream, REQUEST, TEXT("x-tdpf-to"), file->cluster);
  ENVOY(http_clear_route_cache)(stream);
  struct text found = {NULL, 0};
  if (!ENVOY(http_get_cluster_name)(stream, &found) || !same(found, file->cluster)) return false;
  ENVOY(http_set_header)(stream, REQUEST, TEXT("x-tdpf-to"), nothing);
  set(stream, REQUEST, TEXT(":authority"), file->host);
  set(stream, REQUEST, TEXT(":path"), target);
  return true;
}

static void note(stream stream, struct text name, struct text value) {
  if (value.at) ENVOY(http_set_dynamic_metadata_string)(stream, METADATA, name, value);
}

static bool let_pass(stream stream, const struct call *call, const struct decision *decision) {
  if (decision->leaves_us) {
    // The path is written anew, and the provider reads no header of ours: the log takes its words from here.
    note(stream, TEXT("request"), call->reader.instance);
    note(stream, TEXT("call"), decision->said);
    set(stream, REQUEST, TEXT("x-envoy-original-path"), decision->bare);
    add(stream, REQUEST, TEXT("x-tdpf-stream"), decision->stream);
    set(stream, REQUEST, TEXT(":path"), decision->path);
    return !decision->file || lead_to_provider(stream, decision->file, decision->target);
  }
  set(stream, REQUEST, TEXT(":path"), decision->path);
  add(stream, REQUEST, TEXT("x-tdpf-call"), decision->said);
  add(stream, REQUEST, TEXT("x-tdpf-view"), decision->sight);
  add(stream, REQUEST, TEXT("x-tdpf-key"), decision->key);
  return true;
}

const char *HOOK(program_init)(void) {
  const void *const needed[] = {
      (const void *)ENVOY(http_get_headers_size),
      (const void *)ENVOY(http_get_headers),
      (const void *)ENVOY(http_add_header),
      (const void *)ENVOY(http_set_header),
      (const void *)ENVOY(http_filter_get_attribute_string),
      (const void *)ENVOY(http_send_response),
      (const void *)ENVOY(http_set_dynamic_metadata_bool),
      (const void *)ENVOY(http_set_dynamic_metadata_string),
      (const void *)ENVOY(http_get_cluster_name),
      (const void *)ENVOY(http_clear_route_cache),
      (const void *)ENVOY(http_get_metadata_string),
      (const void *)ENVOY(http_filter_get_worker_index),
  };
  for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
    if (!needed[i]) return NULL;
  return ENVOY_INTERFACE;
}

const void *HOOK(http_filter_config_new)(void *envoy, struct text name, struct text lines) {
  (void)envoy, (void)name;
  struct gate *gate = calloc(1, sizeof *gate);
  if (gate) gate->settings = read_settings(lines);
  if (gate && gate->settings) return gate;
  free(gate);
  return NULL;
}

void HOOK(http_filter_config_destroy)(const void *config) {
  struct gate *gate = (struct gate *)config;
  for (size_t i = 0; i < MOST_WORKERS; i++) {
    if (gate->workers[i]) forget_worker(gate->workers[i]);
    free(gate->workers[i]);
  }
  forget_settings(gate->settings);
  free(gate);
}

const void *HOOK(http_filter_new)(const void *gate, stream stream) {
  (void)stream;
  struct passing *passing = malloc(sizeof *passing);
  if (passing) passing->gate = (struct gate *)gate, passing->admitted = false;
  return passing;
}

void HOOK(http_filter_destroy)(const void *filter) { free((void *)filter); }

int HOOK(http_filter_request_headers)(stream stream, const void *filter, bool ends) {
  (void)ends;
  struct passing *passing = (struct passing *)filter;
  struct worker *worker = worker_of(passing->gate, stream);
  struct call call = {0};
  struct page page = {passing->room, 0, sizeof passing->room, false};
  struct decision decision;
  if (!worker || !read_call(stream, &call)) return answer_undecided(stream);
  decide(passing->gate->settings, worker, &call, &page, &decision);
  if (!decision.admitted) return answer_with(stream, &decision);
  if (!let_pass(stream, &call, &decision)) return answer_undecided(stream);
  passing->admitted = true;
  passing->leaves_us = decision.leaves_us;
  passing->told = decision.told;
  return CONTINUE;
}

int HOOK(http_filter_response_headers)(stream stream, const void *filter, bool ends) {
  (void)ends;
  const struct passing *passing = filter;
  if (!passing->admitted) return CONTINUE;
  const struct told *told = &passing->told;
  const struct header headers[] = {
      {TEXT("ratelimit-policy"), told->policy}, {TEXT("ratelimit"), told->state},
      {TEXT("x-ratelimit-limit"), told->limit}, {TEXT("x-ratelimit-remaining"), told->remaining},
      {TEXT("x-ratelimit-reset"), told->reset}, {TEXT("deprecation"), told->deprecation},
      {TEXT("sunset"), told->sunset},                   {TEXT("x-request-id"), told->instance},
  };
  // Delivery says nothing of these.
  const struct header usual[] = {
      {TEXT("x-content-type-options"), TEXT("nosniff")},
      {TEXT("content-security-policy"), passing->gate->settings->policy},
      {TEXT("cross-origin-resource-policy"), TEXT("cross-origin")},
  };
  for (size_t i = 0; !passing->leaves_us && i < sizeof usual / sizeof usual[0]; i++) add(stream, RESPONSE, usual[i].name, usual[i].value);
  // A provider may have said something else.
  void (*const said)(void *, int, struct text, struct text) = passing->leaves_us ? set : add;
  for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) said(stream, RESPONSE, headers[i].name, headers[i].value);
  return CONTINUE;
}

// What Envoy asks for too, and what nothing is to be done at.
int HOOK(http_filter_request_body)(stream s, const void *f, bool e) { return (void)s, (void)f, (void)e, CONTINUE; }
int HOOK(http_filter_request_trailers)(stream s, const void *f) { return (void)s, (void)f, CONTINUE; }
int HOOK(http_filter_response_body)(stream s, const void *f, bool e) { return (void)s, (void)f, (void)e, CONTINUE; }
int HOOK(http_filter_response_trailers)(stream s, const void *f) { return (void)s, (void)f, CONTINUE; }
int HOOK(http_filter_local_reply)(void) { return CONTINUE; }

#define NOTHING_AT(name) \
  void HOOK(name)(void) {}
NOTHING_AT(http_filter_stream_complete)
NOTHING_AT(http_filter_scheduled)
NOTHING_AT(http_filter_http_callout_done)
NOTHING_AT(http_filter_http_stream_headers)
NOTHING_AT(http_filter_http_stream_data)
NOTHING_AT(http_filter_http_stream_trailers)
NOTHING_AT(http_filter_http_stream_complete)
NOTHING_AT(http_filter_http_stream_reset)
NOTHING_AT(http_filter_downstream_above_write_buffer_high_watermark)
NOTHING_AT(http_filter_downstream_below_write_buffer_low_watermark)
NOTHING_AT(http_filter_config_scheduled)
NOTHING_AT(http_filter_config_http_callout_done)
NOTHING_AT(http_filter_config_http_stream_headers)
NOTHING_AT(http_filter_config_http_stream_data)
NOTHING_AT(http_filter_config_http_stream_trailers)
NOTHING_AT(http_filter_config_http_stream_complete)
NOTHING_AT(http_filter_config_http_stream_reset)

// What is used of the interface that Envoy 1.40 offers to dynamic modules, its version 0.2.0, declared in our own words. Names,
// numbers and the order of arguments are Envoy's.
#pragma once

#include "answers.h"

#define ENVOY_INTERFACE "v0.2.0"
// What Envoy calls is envoy_dynamic_module_on_…, what it offers envoy_dynamic_module_callback_….
#define HOOK(name) envoy_dynamic_module_on_##name
#define ENVOY(name) envoy_dynamic_module_callback_##name
// What an Envoy does not offer is NULL; the module looks for all of it before it is taken up.
#define OFFERED __attribute__((weak))

// A call in Envoy; only passed back.
typedef void *stream;

enum { REQUEST = 0, RESPONSE = 2 };
enum { CONTINUE = 0, STOP = 1 };
enum { SOURCE_ADDRESS = 24 };
enum { OF_ROUTE = 1 };

OFFERED size_t ENVOY(http_get_headers_size)(stream stream, int which);
OFFERED bool ENVOY(http_get_headers)(stream stream, int which, struct header *found);
OFFERED bool ENVOY(http_add_header)(stream stream, int which, struct text name, struct text value);
// An absent value takes the header away.
OFFERED bool ENVOY(http_set_header)(stream stream, int which, struct text name, struct text value);
OFFERED bool ENVOY(http_filter_get_attribute_string)(stream stream, int which, struct text *value);
OFFERED void ENVOY(http_send_response)(stream stream, uint32_t status, const struct header *headers, size_t count, struct text body, struct text details);
OFFERED void ENVOY(http_set_dynamic_metadata_bool)(stream stream, struct text space, struct text name, bool value);
OFFERED void ENVOY(http_set_dynamic_metadata_string)(stream stream, struct text space, struct text name, struct text value);
// The cluster that the call's route leads to; looks for the route if it is not known.
OFFERED bool ENVOY(http_get_cluster_name)(stream stream, struct text *name);
OFFERED void ENVOY(http_clear_route_cache)(stream stream);
OFFERED bool ENVOY(http_get_metadata_string)(stream stream, int whose, struct text space, struct text name, struct text *value);
OFFERED uint32_t ENVOY(http_filter_get_worker_index)(stream stream);

// Connected files, and APIs that have no route of their own: where each is. The list and its mark: src/tdpf/dataplane/gateway/connected_files.py.
#pragma once

#include "text.h"

// `operations` are those of an API (place.h), whose `target` is what its paths begin with; a file has none.
struct connected_file {
  struct text address, cluster, host, target, operations;
};

// The list as one worker has read it.
struct connected {
  uint32_t *mark, seen;
  char *bytes;
  struct connected_file *files;
  size_t slots;
};

// Find what is at this address (behind /data/files/ or /data/apis/), NULL when no provider has it; false when that cannot be known.
bool find_connected(struct connected *connected, const char *list, const char *mark, struct text address,
                    const struct connected_file **found);
void forget_connected(struct connected *connected);

// Connected files: from where each is fetched. The list and its mark: src/tdpf/dataplane/gateway/connected_files.py.
#pragma once

#include "text.h"

struct connected_file {
  struct text address, cluster, host, target;
};

// The list as one worker has read it.
struct connected {
  uint32_t *mark, seen;
  char *bytes;
  struct connected_file *files;
  size_t slots;
};

// Find the file at this address (behind /data/files/), NULL when no provider has it; false when that cannot be known.
bool find_connected(struct connected *connected, const char *list, const char *mark, struct text address,
                    const struct connected_file **found);
void forget_connected(struct connected *connected);

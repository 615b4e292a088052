#include "connected.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static uint32_t *map_mark(const char *path) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return NULL;
  struct stat known;
  bool right = fstat(descriptor, &known) == 0 && known.st_size >= (off_t)sizeof(uint32_t);
  void *mapped = right ? mmap(NULL, sizeof(uint32_t), PROT_READ, MAP_SHARED, descriptor, 0) : MAP_FAILED;
  close(descriptor);
  return mapped == MAP_FAILED ? NULL : mapped;
}

static char *whole_file(const char *path, size_t *length) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return NULL;
  struct stat known;
  char *bytes = fstat(descriptor, &known) == 0 ? malloc((size_t)known.st_size + 1) : NULL;
  size_t got = 0;
  while (bytes && got < (size_t)known.st_size) {
    ssize_t more = read(descriptor, bytes + got, (size_t)known.st_size - got);
    if (more <= 0) {
      free(bytes);
      bytes = NULL;
    } else {
      got += (size_t)more;
    }
  }
  close(descriptor);
  *length = got;
  return bytes;
}

static size_t slot_of(struct text address, size_t slots) {
  uint64_t hash = 14695981039346656037u;
  for (size_t i = 0; i < address.length; i++) hash = (hash ^ (uint8_t)address.at[i]) * 1099511628211u;
  return (size_t)(hash % slots);
}

static struct text word(struct text *line) {
  struct text found = first(*line, where_is(*line, '\t'));
  *line = behind(*line, found.length + 1);
  return found;
}

static bool read_list(struct connected *connected, const char *path) {
  size_t length, lines = 0;
  char *bytes = whole_file(path, &length);
  if (!bytes) return false;
  for (size_t i = 0; i < length; i++) lines += bytes[i] == '\n';
  size_t slots = lines * 2 + 1;
  struct connected_file *files = calloc(slots, sizeof *files);
  if (!files) {
    free(bytes);
    return false;
  }
  for (struct text rest = {bytes, length}; rest.length;) {
    struct text line = first(rest, where_is(rest, '\n'));
    rest = behind(rest, line.length + 1);
    struct connected_file file = {.address = word(&line), .cluster = word(&line), .host = word(&line), .target = word(&line)};
    file.operations = line;
    if (!file.address.length || !file.cluster.length || !file.host.length || !file.target.length) continue;
    size_t slot = slot_of(file.address, slots);
    while (files[slot].address.length && !same(files[slot].address, file.address)) slot = (slot + 1) % slots;
    files[slot] = file;
  }
  free(connected->bytes);
  free(connected->files);
  connected->bytes = bytes, connected->files = files, connected->slots = slots;
  return true;
}

bool find_connected(struct connected *connected, const char *list, const char *mark, struct text address,
                    const struct connected_file **found) {
  if (!connected->mark) connected->mark = map_mark(mark);
  if (!connected->mark) return false;
  uint32_t number = __atomic_load_n(connected->mark, __ATOMIC_ACQUIRE);
  if (!connected->files || number != connected->seen) {
    if (!read_list(connected, list)) return false;
    connected->seen = number;
  }
  *found = NULL;
  for (size_t slot = slot_of(address, connected->slots); connected->files[slot].address.length;) {
    if (same(connected->files[slot].address, address)) {
      *found = &connected->files[slot];
      return true;
    }
    slot = (slot + 1) % connected->slots;
  }
  return true;
}

void forget_connected(struct connected *connected) {
  if (connected->mark) munmap(connected->mark, sizeof(uint32_t));
  free(connected->bytes);
  free(connected->files);
  *connected = (struct connected){0};
}

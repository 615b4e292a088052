#pragma once

#include "text.h"

struct digest {
  uint8_t bytes[32];
};

// Return the SHA-256 of a text (FIPS 180-4).
struct digest sha256(struct text text);

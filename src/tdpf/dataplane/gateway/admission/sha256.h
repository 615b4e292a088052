#pragma once

#include "text.h"

struct digest {
  uint8_t bytes[32];
};

// Take a block of 64 bytes into a state of eight words.
typedef void block_taker(uint32_t *state, const uint8_t *block);
block_taker take_block, take_block_by_instructions;

// Whether the processor has instructions of its own for it.
bool has_sha256_instructions(void);

// Return the SHA-256 of a text (FIPS 180-4), by those instructions where there are such.
struct digest sha256(struct text text);
struct digest sha256_by(block_taker *take, struct text text);

extern const uint32_t SHA256_CUBE_ROOTS[64];

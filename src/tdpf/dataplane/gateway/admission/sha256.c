#include "sha256.h"

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, and of the square roots of the first 8.
const uint32_t SHA256_CUBE_ROOTS[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t SQUARE_ROOTS[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static uint32_t turned(uint32_t word, int by) { return word >> by | word << (32 - by); }

static uint32_t big_endian(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

void take_block(uint32_t *state, const uint8_t *block) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) w[i] = big_endian(block + 4 * i);
  for (int i = 16; i < 64; i++) {
    uint32_t low = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t high = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + low + w[i - 7] + high;
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t choice = g ^ (e & (f ^ g));
    uint32_t majority = (a & b) | (c & (a | b));
    uint32_t one = h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + SHA256_CUBE_ROOTS[i] + w[i];
    uint32_t two = (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority;
    h = g, g = f, f = e, e = d + one;
    d = c, c = b, b = a, a = one + two;
  }
  uint32_t done[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) state[i] += done[i];
}

struct digest sha256_by(block_taker *take, struct text text) {
  uint32_t state[8];
  memcpy(state, SQUARE_ROOTS, sizeof state);
  const uint8_t *bytes = (const uint8_t *)text.at;
  size_t left = text.length;
  for (; left >= 64; left -= 64, bytes += 64) take(state, bytes);

  uint8_t last[128] = {0};
  size_t padded = left < 56 ? 64 : 128;
  if (left) memcpy(last, bytes, left);
  last[left] = 0x80;
  uint64_t bits = (uint64_t)text.length * 8;
  for (size_t i = 0; i < 8; i++) last[padded - 1 - i] = (uint8_t)(bits >> 8 * i);
  for (size_t block = 0; block < padded; block += 64) take(state, last + block);

  struct digest digest;
  for (int i = 0; i < 32; i++) digest.bytes[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
  return digest;
}

struct digest sha256(struct text text) {
  // Asked once: a processor that is only lent answers slowly. Whoever else asks meanwhile gets the same answer.
  static block_taker *known;
  block_taker *take = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (!take) {
    take = has_sha256_instructions() ? take_block_by_instructions : take_block;
    __atomic_store_n(&known, take, __ATOMIC_RELAXED);
  }
  return sha256_by(take, text);
}

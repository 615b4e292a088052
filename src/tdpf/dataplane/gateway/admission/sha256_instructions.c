// SHA-256 by instructions of the processor: those of x86_64, of which newer ones have them.
#include "sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

enum { SSSE3 = 1 << 9, SSE41 = 1 << 19, SHA = 1 << 29 };

bool has_sha256_instructions(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & SSSE3) || !(c & SSE41)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & SHA);
}

__attribute__((target("sha,sse4.1,ssse3")))
void take_block_by_instructions(uint32_t *state, const uint8_t *block) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  // The instructions want the words a b e f and c d g h together, the first one uppermost.
  const __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state), 0x1b);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state + 4)), 0x1b);
  const __m128i abef_before = _mm_unpackhi_epi64(efgh, abcd), cdgh_before = _mm_unpacklo_epi64(efgh, abcd);
  __m128i abef = abef_before, cdgh = cdgh_before, w[4];
  for (int i = 0; i < 4; i++) w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)block + i), big_endian);
  // Four words of the schedule at a time, and the four rounds that take them.
  for (int i = 0; i < 16; i++) {
    if (i >= 4) {
      const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4));
      w[i % 4] = _mm_sha256msg2_epu32(sum, w[(i + 3) % 4]);
    }
    const __m128i words = _mm_add_epi32(w[i % 4], _mm_loadu_si128((const __m128i *)SHA256_CUBE_ROOTS + i));
    cdgh = _mm_sha256rnds2_epu32(cdgh, abef, words);
    abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(words, 0x0e));
  }
  abef = _mm_add_epi32(abef, abef_before), cdgh = _mm_add_epi32(cdgh, cdgh_before);
  _mm_storeu_si128((__m128i *)state, _mm_shuffle_epi32(_mm_unpackhi_epi64(cdgh, abef), 0x1b));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_shuffle_epi32(_mm_unpacklo_epi64(cdgh, abef), 0x1b));
}

#else

bool has_sha256_instructions(void) { return false; }

void take_block_by_instructions(uint32_t *state, const uint8_t *block) { take_block(state, block); }

#endif

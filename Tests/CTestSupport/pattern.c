// In C, so that a debug build checks megabytes in milliseconds.
#include "CTestSupport.h"

static uint64_t word(uint64_t seed, uint64_t index) {
    uint64_t mixed = seed + (index + 1) * 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
}

static uint8_t byte(uint64_t seed, uint64_t offset) { return (uint8_t)(word(seed, offset / 8) >> (offset % 8 * 8)); }

void test_pattern_fill(uint64_t seed, int64_t offset, uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) bytes[i] = byte(seed, (uint64_t)offset + i);
}

ssize_t test_pattern_mismatch(uint64_t seed, int64_t offset, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != byte(seed, (uint64_t)offset + i)) return (ssize_t)i;
    return -1;
}

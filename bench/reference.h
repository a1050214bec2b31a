/* SPDX-License-Identifier: BSD-2-Clause */
/* What the references written by hand in C for clang (*_reference.c) begin with. */
#ifndef FFPF_BENCH_REFERENCE_H
#define FFPF_BENCH_REFERENCE_H

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))
#define ALWAYS static inline __attribute__((always_inline))
#define htons(x) __builtin_bswap16(x)

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

static void *(*bpf_map_lookup_elem)(void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translators: human forms of a filter into packet programs.
 */
#ifndef FFPF_TRANSLATE_TRANSLATE_H
#define FFPF_TRANSLATE_TRANSLATE_H

#include <ffpf/ir.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;

/* One classic BPF instruction, as libpcap's struct bpf_insn. */
struct ffpf_cbpf {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

/* Longest expression in bytes: libpcap takes seconds for this many, and more than quadratic time. */
#define FFPF_CBPF_TEXT_MAX (32u << 10)

/* Added to a link type: the packets' headers in host byte order (DLT_NULL) are in the other one, as in a savefile from
 * another machine. */
#define FFPF_CBPF_SWAPPED 0x10000

/*
 * Compiles a pcap expression for a link type (DLT_ value) with libpcap, optimised: what `tcpdump -r FILE EXPR` runs on
 * a file of that link type and snaplen. A blank expression accepts all. *out is from the arena. 0, or -EINVAL with
 * libpcap's message in *why (arena or static). Thread-safe (a lock is taken: name lookups are not).
 */
int ffpf_cbpf_compile(struct ffpf_arena *arena, const char *expr, int linktype, uint32_t snaplen,
		      struct ffpf_cbpf **out, size_t *n, const char **why);

/*
 * Where the mistake lies that ffpf_cbpf_compile() complained of: bytes [*start, *end) of the expression. False: not to
 * be found. May take a fifth of a second.
 */
bool ffpf_cbpf_locate(const char *expr, int linktype, const char *why, size_t *start, size_t *end);

/*
 * Emits a classic BPF program, in the meaning of bpf_filter(): a non-zero return value accepts with class `class`
 * (0: the class that the packet came with), zero, a load outside the captured bytes and a division by zero reject. 0,
 * or -EINVAL with a reason when the program is none that bpf_validate() accepts.
 */
int ffpf_cbpf_translate(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, uint32_t class,
			const char **why);

/*
 * Bytes of the packet that a program may look at: the largest end that a load can have (a computed offset has a bound
 * too, 60 for an IPv4 header's length), or FFPF_ALL_BYTES when there is no bound below 64 KiB.
 */
uint32_t ffpf_cbpf_demand(const struct ffpf_cbpf *insns, size_t n);

/*
 * Does the program compare an EtherType with a VLAN tag's (0x8100, 0x88a8, 0x9100)? Such a program sees something else
 * at a level that keeps the tag outside the packet. Never misses what libpcap emits for Ethernet; may say yes for a
 * port or length of the same value.
 */
int ffpf_cbpf_tests_vlan(const struct ffpf_cbpf *insns, size_t n, int linktype);

#endif

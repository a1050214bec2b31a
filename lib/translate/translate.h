/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translators: human forms of a filter into packet programs.
 */
#ifndef FFPF_TRANSLATE_TRANSLATE_H
#define FFPF_TRANSLATE_TRANSLATE_H

#include <ffpf/ir.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_arena;

/* One classic BPF instruction, as libpcap's struct bpf_insn. */
struct ffpf_cbpf {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

/*
 * Compiles a pcap expression for a link type (DLT_ value) with libpcap, optimised. *out is from the arena. 0, or -EINVAL with
 * libpcap's message in *why (arena). Thread-safe (libpcap's compiler is not: a lock is taken).
 */
int ffpf_cbpf_compile(struct ffpf_arena *arena, const char *expr, int linktype, uint32_t snaplen, struct ffpf_cbpf **out, size_t *n,
		      const char **why);

/*
 * Emits a classic BPF program, in the meaning of bpf_filter(): a non-zero return value accepts with class `class`
 * (0: the class that the packet came with), zero, a load outside the captured bytes and a division by zero reject. 0, or -EINVAL with a reason when
 * the program is none that bpf_validate() accepts.
 */
int ffpf_cbpf_translate(struct ffpf_builder *b, const struct ffpf_cbpf *insns, size_t n, uint32_t class, const char **why);

/* Bytes of the packet that a program may look at: the largest fixed end of a load, or FFPF_ALL_BYTES with computed offsets. */
uint32_t ffpf_cbpf_demand(const struct ffpf_cbpf *insns, size_t n);

/* Does the program look at the VLAN tag (EtherType 0x8100, 0x88a8, 0x9100 compared on Ethernet)? See EBPF facts on tags kept outside the packet. */
int ffpf_cbpf_tests_vlan(const struct ffpf_cbpf *insns, size_t n, int linktype);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: packets one behind the other, each with two bytes before it: its length, and how much time has gone by.
 * All that came is counted once, memory is given back, and a whole is an IP packet that is no fragment.
 */
#include "../unit/native_bytes.h"

#include <lib/native/defrag.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t memory[FFPF_DEFRAG_MEMORY_LEAST / 8];
static uint8_t out[FFPF_DEFRAG_OUT];

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_whole(const struct ffpf_defrag *d, uint32_t n, uint16_t linktype)
{
	struct ffpf_bytes row = native_row(out, n);
	struct ffpf_payload p;

	ffpf_payload_find(&row, linktype, &p);
	check(p.network >= FFPF_NETWORK_IP4 && native_payload_holds(&p, n));
	check(p.network_end == n || p.network_end == n - 1 || p.fragment || n > 65535);
	free((void *)row.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint16_t linktype = 12;
	struct ffpf_defrag d;
	uint64_t now = 0;
	size_t at = 0;

	ffpf_defrag_init(&d, memory, sizeof(memory), 1000, size ? data[0] : 0);
	while (size - at >= 2) {
		uint32_t n = data[at] < size - at - 2 ? data[at] : (uint32_t)(size - at - 2), n_out = 0;
		struct ffpf_bytes row = native_row(data + at + 2, n), parts = native_parts(&row);
		const struct ffpf_defrag_counts *c = &d.counts;

		now += data[at + 1];
		if (ffpf_defrag_packet(&d, n & 1 ? &parts : &row, linktype, 0, now, out, &n_out) == FFPF_DEFRAG_WHOLE)
			check_whole(&d, n_out, linktype);
		check(c->fragments == c->joined + c->timed_out + c->memory + c->bad + c->overlap + c->waiting);
		free((void *)row.data);
		at += 2 + n;
	}
	ffpf_defrag_expire(&d, now + 10000);
	check(!d.counts.waiting && d.n_free == d.n_blocks && d.oldest == UINT32_MAX);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a packet: what all names of the packet are of it, on the reference interpreter and compiled by the
 * userspace machine. No load outside of the packet, and equal values.
 *
 * The first byte chooses the link type, the second how much longer the packet was on the wire.
 */
#include "../unit/packet_probe.h"

#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/vm.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* DLT_ values: Ethernet, raw IP, Linux cooked 1 and 2 */
static const uint16_t linktypes[] = {1, 12, 113, 276};
enum { LINKS = sizeof(linktypes) / sizeof(linktypes[0]), PROBES_MAX = 40 };

struct pair {
	struct probe plain, fast;
	struct ffpf_vm *vm;
	uint64_t *cells;
};

static struct pair pairs[LINKS][PROBES_MAX];
static unsigned n_pairs[LINKS];

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void compile(struct pair *pair)
{
	struct ffpf_ebpf_options o = {.target = FFPF_EBPF_USER,
				      .n_cpus = 1,
				      .n_cells = PROBE_CELLS,
				      .stride = ffpf_ebpf_stride(PROBE_CELLS, 0, 0, 0),
				      .next_piece = -1,
				      .slow_piece = -1};
	struct ffpf_ebpf_program code;
	const char *why;

	check(ffpf_ebpf_generate(pair->fast.arena, pair->fast.program, &o, &code) == 0);
	ffpf_ebpf_place_tables(&code, code.data);
	check(ffpf_vm_new(&(struct ffpf_vm_program){.insns = code.insns, .n = code.n}, &pair->vm, &why) == 0);
	ffpf_vm_compile(pair->vm);
	pair->cells = ffpf_arena_alloc(pair->fast.arena, o.stride);
}

static void prepare(unsigned link)
{
	for (size_t at = 0; fpl_field_at(at); n_pairs[link]++) {
		struct pair *pair = &pairs[link][n_pairs[link]];

		check(n_pairs[link] < PROBES_MAX);
		probe_take(&pair->plain, &at, PROBE_SLOTS);
		pair->fast = pair->plain;
		check(!probe_build(&pair->plain, linktypes[link], false));
		check(!probe_build(&pair->fast, linktypes[link], true));
		compile(pair);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *bytes;
	struct pair *row;
	uint32_t caplen, len;
	unsigned link;

	if (size < 2 || size > 4096)
		return 0;
	link = data[0] % LINKS;
	if (!n_pairs[link])
		prepare(link);
	row = pairs[link];
	caplen = (uint32_t)size - 2;
	len = caplen + data[1];
	bytes = malloc(caplen + 1u); /* of its own, so that the sanitizer sees every byte behind */
	memcpy(bytes + 1, data + 2, caplen);
	for (unsigned i = 0; i < n_pairs[link]; i++) {
		struct ffpf_packet packet = {.data = bytes + 1, .caplen = caplen, .len = len};
		struct ffpf_user_ctx ctx = {.cells = row[i].cells};

		check(probe_run(&row[i].plain, bytes + 1, caplen, len) == 0);
		memset(row[i].cells, 0, PROBE_CELLS * sizeof(uint64_t));
		ffpf_vm_run(row[i].vm, &packet, (uintptr_t)&ctx, NULL);
		check(!memcmp(row[i].plain.cells, row[i].cells, PROBE_CELLS * sizeof(uint64_t)));
	}
	free(bytes);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (head,N) passes the first N packets, over all CPUs together, and none after them.
 *
 * State: one counter for all CPUs. It is read before it is incremented: once the N packets are through, no
 * atomic operation is left on the way of the packets.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

enum { SEEN };

static const struct ffpf_param params[] = {
	{.name = "n",
	 .type = FFPF_TYPE_COUNT,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .min = 0,
	 .max = INT64_MAX,
	 .doc = "how many packets to pass"},
};

static const struct ffpf_field fields[] = {
	[SEEN] = {.name = "seen",
		  .merge = FFPF_MERGE_SHARED,
		  .unit = FFPF_UNIT_PACKETS,
		  .flags = FFPF_FIELD_HIDDEN,
		  .cells = 1,
		  .doc = "packets tried so far"},
};

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	uint64_t n = (uint64_t)ffpf_instance_value(instance, "n")->i;
	ffpf_block maybe = ffpf_ir_block(b), yes = ffpf_ir_block(b), no = ffpf_ir_block(b);

	ffpf_ir_branch_imm(b, FFPF_LT, 64, ffpf_ir_state_load(b, SEEN, 0), n, maybe, no);
	ffpf_ir_seal(b, maybe);

	ffpf_ir_switch_to(b, maybe);
	ffpf_val before = ffpf_ir_state_fetch_add(b, SEEN, 0, ffpf_ir_const(b, 1));
	ffpf_ir_branch_imm(b, FFPF_LT, 64, before, n, yes, no);
	ffpf_ir_seal(b, yes);
	ffpf_ir_seal(b, no);

	ffpf_ir_switch_to(b, yes);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	ffpf_ir_switch_to(b, no);
	ffpf_ir_reject(b);
	return 0;
}

static bool exhausted(const struct ffpf_instance *instance, const uint64_t *cells)
{
	return cells[SEEN] >= (uint64_t)ffpf_instance_value(instance, "n")->i;
}

const struct ffpf_class ffpf_class_head = {
	.abi = FFPF_CLASS_ABI,
	.name = "head",
	.help = "pass only the first packets",
	.manual = "Passes the first N packets of its flow and no other. The count is exact, whatever the number of "
		  "CPUs.\n"
		  "A run ends by itself when every branch of its graph has had all it will get.",
	.example = "[pcap $FILE] > (head,10) > (pktcount)",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_LIMITS,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.build = build,
	.exhausted = exhausted,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * (sample,N) passes one packet in N: the N-th, the 2N-th, … of all CPUs together.
 * (sample,p=P) passes each packet with probability P, by itself.
 *
 * State: one counter for all CPUs, used by the first form only. The second one keeps none and is
 * the cheaper of the two where many CPUs see packets.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>
#include <errno.h>

enum { SEEN };

static const struct ffpf_param params[] = {
	{.name = "n",
	 .type = FFPF_TYPE_COUNT,
	 .flags = FFPF_PARAM_MAIN,
	 .min = 1,
	 .max = INT64_MAX,
	 .doc = "pass one packet in n"},
	{.name = "p",
	 .type = FFPF_TYPE_FLOAT,
	 .min = 0,
	 .max = 1,
	 .doc = "pass each packet with this probability: 0.01 or 1%"},
};

static const struct ffpf_field fields[] = {
	[SEEN] = {.name = "seen",
		  .merge = FFPF_MERGE_SHARED,
		  .unit = FFPF_UNIT_PACKETS,
		  .flags = FFPF_FIELD_HIDDEN,
		  .cells = 1,
		  .doc = "packets seen so far"},
};

static int check(struct ffpf_instance *instance)
{
	const struct ffpf_value *n = ffpf_instance_value(instance, "n"), *p = ffpf_instance_value(instance, "p");

	if (n->set && p->set) {
		struct ffpf_diag *diag =
			ffpf_diag_error(instance->diags, FFPF_D_PARAM_MANY, p->span, "'sample' takes n or p, not both");

		ffpf_diag_label(instance->diags, diag, n->span, "n is given here");
		return -EINVAL;
	}
	if (!n->set && !p->set) {
		struct ffpf_diag *diag =
			ffpf_diag_error(instance->diags, FFPF_D_PARAM_MISSING, instance->span, "'sample' needs n or p");

		ffpf_diag_hint(instance->diags, diag,
			       "(sample,100) passes one packet in 100, (sample,p=1%%) each one with that probability");
		return -EINVAL;
	}
	return 0;
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	const struct ffpf_value *n = ffpf_instance_value(instance, "n"), *p = ffpf_instance_value(instance, "p");
	ffpf_block yes = ffpf_ir_block(b), no = ffpf_ir_block(b);

	if (n->set) {
		ffpf_val before = ffpf_ir_state_fetch_add(b, SEEN, 0, ffpf_ir_const(b, 1));
		ffpf_val number = ffpf_ir_alu_imm(b, FFPF_ADD, 64, before, 1);

		ffpf_ir_branch_imm(b, FFPF_EQ, 64, ffpf_ir_alu_imm(b, FFPF_MOD, 64, number, (uint64_t)n->i), 0, yes,
				   no);
	} else {
		/* 32 random bits are below p · 2^32 with probability p; 1 is always, since that does not fit in 32
		 * bits. */
		ffpf_val random = ffpf_ir_call(b, FFPF_HELPER_RANDOM);

		ffpf_ir_branch_imm(b, FFPF_LT, 64, random, (uint64_t)(p->f * 4294967296.0), yes, no);
	}
	ffpf_ir_seal(b, yes);
	ffpf_ir_seal(b, no);
	ffpf_ir_switch_to(b, yes);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	ffpf_ir_switch_to(b, no);
	ffpf_ir_reject(b);
	return 0;
}

const struct ffpf_class ffpf_class_sample = {
	.abi = FFPF_CLASS_ABI,
	.name = "sample",
	.help = "pass one packet in n, or each with probability p",
	.manual = "(sample,100) passes the 100th, the 200th, … packet of its flow, counted over all CPUs: exactly one "
		  "in a\n"
		  "hundred. (sample,p=1%) decides for each packet by chance. Packets keep their class.",
	.example = "[pcap $FILE] > (sample,2) > (pktcount)",
	.role = FFPF_FUNCTION,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.check = check,
	.build = build,
};

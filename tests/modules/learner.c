/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A user's class that reads another function's result: (learner,FUNCTION,result=RESULT,above=N) passes packets while
 * the result is greater than N, and keeps the greatest one that it saw, and the sum of what each packet saw.
 */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

enum { GREATEST, SUM };

static const struct ffpf_param params[] = {
	{.name = "of",
	 .type = FFPF_TYPE_STRING,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "the function whose result is read"},
	{.name = "result", .type = FFPF_TYPE_STRING, .def = "packets", .doc = "which"},
	{.name = "above",
	 .type = FFPF_TYPE_COUNT,
	 .def = "0",
	 .max = INT64_MAX,
	 .doc = "packets pass while it is more"},
};

static const struct ffpf_field fields[] = {
	[GREATEST] = {.name = "greatest", .merge = FFPF_MERGE_MAX, .cells = 1},
	[SUM] = {.name = "sum", .cells = 1},
};

struct learner {
	struct ffpf_schema schema;
	struct ffpf_wanted wanted;
};

static int check(struct ffpf_instance *instance)
{
	struct learner *l = instance->data = ffpf_instance_alloc(instance, sizeof(*l));

	l->wanted = (struct ffpf_wanted){instance->values[0].s, instance->values[1].s, instance->values[0].span};
	l->schema = (struct ffpf_schema){.fields = fields, .n_fields = 2, .wanted = &l->wanted, .n_wanted = 1};
	return 0;
}

static const struct ffpf_schema *schema(const struct ffpf_instance *instance)
{
	return &((const struct learner *)instance->data)->schema;
}

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	ffpf_val x = ffpf_ir_wanted(b, 0);
	ffpf_block greater = ffpf_ir_block(b), next = ffpf_ir_block(b), yes = ffpf_ir_block(b), no = ffpf_ir_block(b);

	ffpf_ir_state_add(b, SUM, 0, x);
	ffpf_ir_branch(b, FFPF_GT, 64, x, ffpf_ir_state_load(b, GREATEST, 0), greater, next);
	ffpf_ir_seal(b, greater);
	ffpf_ir_switch_to(b, greater);
	ffpf_ir_state_store(b, GREATEST, 0, x);
	ffpf_ir_jump(b, next);
	ffpf_ir_seal(b, next);
	ffpf_ir_switch_to(b, next);
	ffpf_ir_branch_imm(b, FFPF_GT, 64, x, (uint64_t)instance->values[2].i, yes, no);
	ffpf_ir_seal(b, yes);
	ffpf_ir_seal(b, no);
	ffpf_ir_switch_to(b, no);
	ffpf_ir_reject(b);
	ffpf_ir_switch_to(b, yes);
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class learner_class = {.abi = FFPF_CLASS_ABI,
						.name = "learner",
						.help = "reads another function's result",
						.role = FFPF_FUNCTION,
						.params = params,
						.n_params = 3,
						.fields = fields,
						.n_fields = 2,
						.check = check,
						.build = build,
						.schema = schema};

const struct ffpf_class *const ffpf_classes[] = {&learner_class, NULL};

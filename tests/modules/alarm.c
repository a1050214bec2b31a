/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's class that writes events: (alarm,N) passes packets on and writes N records of each. */
#include <ffpf/class.h>
#include <ffpf/ir.h>

extern const struct ffpf_class *const ffpf_classes[];

#define SLOTS 1024

enum { HEAD, RING };

static const struct ffpf_param params[] = {
	{.name = "burst",
	 .type = FFPF_TYPE_COUNT,
	 .flags = FFPF_PARAM_MAIN,
	 .def = "1",
	 .min = 1,
	 .max = 100,
	 .doc = "records of each packet"},
};

static const struct ffpf_field fields[] = {
	[HEAD] = {.name = "seen.head", .flags = FFPF_FIELD_HIDDEN, .cells = 1},
	[RING] = {.name = "seen.ring", .flags = FFPF_FIELD_HIDDEN | FFPF_FIELD_RING, .cells = SLOTS * 3},
};

static const struct ffpf_member members[] = {
	{.name = "len", .offset = 0, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
	{.name = "nth", .offset = 8, .count = 1, .size = 8, .kind = FFPF_MEMBER_UNSIGNED},
};

static const struct ffpf_class_event events[] = {
	{.name = "seen",
	 .doc = "packets seen",
	 .field = HEAD,
	 .slots = SLOTS,
	 .words = 3,
	 .time = true,
	 .members = {members, 2}},
};

static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	for (int64_t i = 0; i < instance->values[0].i; i++) {
		ffpf_val head = ffpf_ir_state_load(b, HEAD, 0);
		ffpf_val slot = ffpf_ir_alu_imm(b, FFPF_MUL, 64, ffpf_ir_alu_imm(b, FFPF_AND, 64, head, SLOTS - 1), 3);

		ffpf_ir_state_store(b, RING, slot, ffpf_ir_meta(b, FFPF_META_TIME));
		ffpf_ir_state_store(b, RING, ffpf_ir_alu_imm(b, FFPF_ADD, 64, slot, 1), ffpf_ir_meta(b, FFPF_META_LEN));
		ffpf_ir_state_store(b, RING, ffpf_ir_alu_imm(b, FFPF_ADD, 64, slot, 2), head);
		ffpf_ir_state_fetch_add(b, HEAD, 0, ffpf_ir_const(b, 1));
	}
	ffpf_ir_accept(b, ffpf_ir_class(b));
	return 0;
}

static const struct ffpf_class alarm_class = {.abi = FFPF_CLASS_ABI,
					      .name = "alarm",
					      .help = "writes events",
					      .role = FFPF_FUNCTION,
					      .flags = FFPF_CLASS_PASSES,
					      .needs = FFPF_NEED_TIME,
					      .params = params,
					      .n_params = 1,
					      .fields = fields,
					      .n_fields = 2,
					      .events = events,
					      .n_events = 1,
					      .build = build};

const struct ffpf_class *const ffpf_classes[] = {&alarm_class, NULL};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ebpf: the user's own compiled BPF program as a function.
 *
 *     [dev eth0]>(ebpf,"web.o")>(pktcount)
 *     [dev eth0]>(ebpf,"tools.o",program=big)>[1:(write,a.pcap)|2:(write,b.pcap)]
 *     [dev eth0]>[(BPF,"tcp")>(ebpf,"seen.o",instance=all)|(BPF,"udp")>(ebpf,"seen.o",instance=all)]
 *
 * What the program returns is the packet's class: 0, and the packet leaves the flow; anything else, and it goes on with
 * that class. A program of the sections xdp and ffpf runs in the kernel where its packets are there; every other in the
 * machine of the user flowspace. Whether it writes to packets is found out by the verifier of that machine, wherever it
 * will run: a program that the verifier can't follow is taken only with writes=yes, for the kernel's verifier to judge.
 */
#include <flowspaces/user/machine.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <ffpf/class.h>
#include <string.h>

enum { PARAM_FILE, PARAM_PROGRAM, PARAM_INSTANCE, PARAM_WRITES };

/* What is wrong, with the words for a diagnostic. */
struct fault {
	enum ffpf_diag_id id;
	unsigned param; /* whose value is underlined */
	const char *message, *hint;
};

/* ---- which program --------------------------------------------------------------------------- */

static const char *list(struct ffpf_arena *arena, const struct ffpf_object *object)
{
	const char *text = "";

	for (size_t i = 0; i < object->n_programs; i++)
		text = ffpf_arena_printf(arena, "%s%s%s (%s)", text, i ? ", " : "", object->programs[i].name,
					 object->programs[i].section);
	return ffpf_arena_printf(arena, "its programs: %.600s", text);
}

/* A program by its name, else the only one of its section. */
static size_t find(const struct ffpf_object *object, const char *name, bool *several)
{
	size_t found = SIZE_MAX;

	*several = false;
	for (size_t i = 0; i < object->n_programs; i++)
		if (!strcmp(object->programs[i].name, name))
			return i;
	for (size_t i = 0; i < object->n_programs; i++) {
		if (strcmp(object->programs[i].section, name) != 0)
			continue;
		*several |= found != SIZE_MAX;
		found = i;
	}
	return found;
}

static int choose(struct ffpf_arena *arena, const struct ffpf_object *object, const char *path, const char *name,
		  size_t *out, struct fault *fault)
{
	bool several = object->n_programs > 1;

	*out = name ? find(object, name, &several) : 0;
	if (*out != SIZE_MAX && !several)
		return 0;
	*fault = (struct fault){
		.id = FFPF_D_VALUE_CHOICE, .param = name ? PARAM_PROGRAM : PARAM_FILE, .hint = list(arena, object)};
	if (!name)
		fault->message = ffpf_arena_printf(arena, "%s has %zu programs: say which with program=", path,
						   object->n_programs);
	else if (several)
		fault->message = ffpf_arena_printf(arena, "%s has several programs in section '%s'", path, name);
	else
		fault->message = ffpf_arena_printf(arena, "%s has no program '%s'", path, name);
	return -EINVAL;
}

/* ---- putting it together --------------------------------------------------------------------- */

static bool calls(const struct ffpf_object_code *code, int32_t helper)
{
	for (size_t i = 0; i < code->n; i++) {
		const struct bpf_insn *in = &code->insns[i];

		if (in->code == (BPF_LD | BPF_IMM | BPF_DW))
			i++;
		else if (in->code == (BPF_JMP | BPF_CALL) && !in->src_reg && in->imm == helper)
			return true;
	}
	return false;
}

static const struct {
	int32_t id;
	const char *name;
} resizing[] = {
	{BPF_FUNC_xdp_adjust_head, "bpf_xdp_adjust_head"},   {BPF_FUNC_xdp_adjust_tail, "bpf_xdp_adjust_tail"},
	{BPF_FUNC_xdp_adjust_meta, "bpf_xdp_adjust_meta"},   {BPF_FUNC_skb_change_tail, "bpf_skb_change_tail"},
	{BPF_FUNC_skb_change_head, "bpf_skb_change_head"},   {BPF_FUNC_skb_adjust_room, "bpf_skb_adjust_room"},
	{BPF_FUNC_skb_change_proto, "bpf_skb_change_proto"}, {BPF_FUNC_skb_vlan_push, "bpf_skb_vlan_push"},
	{BPF_FUNC_skb_vlan_pop, "bpf_skb_vlan_pop"},
};

/* Links one program and asks the verifier. What it says against it is use->refusal. */
static int prepare(struct ffpf_arena *arena, struct ffpf_object_use *use, struct ffpf_object_ready *ready,
		   const char **why)
{
	const char *name = use->object->programs[ready->program].name;
	const char *refusal = NULL;
	int err = ffpf_object_link(use->object, ready->program, &ready->code, why);

	if (err)
		return err;
	for (size_t i = 0; i < sizeof(resizing) / sizeof(resizing[0]); i++)
		if (calls(&ready->code, resizing[i].id)) {
			*why = ffpf_arena_printf(
				arena, "'%s' calls %s, which moves the ends of the packet: other functions see it too",
				name, resizing[i].name);
			return -EINVAL;
		}
	use->tail_calls |= calls(&ready->code, BPF_FUNC_tail_call);
	err = ffpf_machine_verify(arena, use->object, ready->program, &ready->code, use->writes, &ready->verified,
				  &refusal);
	if (err && !use->refusal)
		use->refusal = ffpf_arena_printf(arena, "'%s': %s", name, refusal);
	return 0;
}

static bool is_target(const struct ffpf_object_use *use, size_t program)
{
	for (size_t i = 0; i < use->n_targets; i++)
		if (use->targets[i].program == program)
			return true;
	return false;
}

/* All programs that the object's arrays of programs hold may come to run. */
static int prepare_targets(struct ffpf_arena *arena, struct ffpf_object_use *use, const char **why)
{
	const struct ffpf_object *o = use->object;
	int err = 0;

	use->targets = ffpf_arena_alloc(arena, o->n_programs * sizeof(*use->targets));
	for (size_t m = 0; m < o->n_maps; m++)
		for (size_t t = 0; !err && t < o->maps[m].n_targets; t++) {
			size_t program = o->maps[m].targets[t].program;

			if (is_target(use, program))
				continue;
			if (o->programs[program].context != o->programs[use->main.program].context) {
				*why = ffpf_arena_printf(arena,
							 "'%s' and '%s', which map '%s' holds, are of different kinds",
							 o->programs[use->main.program].name, o->programs[program].name,
							 o->maps[m].spec.name);
				return -EINVAL;
			}
			use->targets[use->n_targets].program = program;
			err = prepare(arena, use, &use->targets[use->n_targets++], why);
		}
	return err;
}

static int prepare_all(struct ffpf_arena *arena, struct ffpf_object_use *use, const char **why)
{
	int err;

	use->refusal = NULL;
	use->n_targets = 0;
	err = prepare(arena, use, &use->main, why);
	return !err && use->tail_calls ? prepare_targets(arena, use, why) : err;
}

/* "line | line | line" of the verifier's message. */
static const char *in_one_line(struct ffpf_arena *arena, const char *text)
{
	const char *out = "";

	for (unsigned n = 0; *text && n < 8; n++) {
		size_t len;

		text += strspn(text, " \t\n");
		len = strcspn(text, "\n");
		/* A line of C brings its own semicolon. */
		if (len)
			out = ffpf_arena_printf(arena, "%s%s%.*s", out, n ? " | " : "", (int)(len < 300 ? len : 300),
						text);
		text += len;
	}
	return out;
}

/* Would it be taken if it might write? */
static bool only_writes(struct ffpf_arena *arena, const struct ffpf_object_use *use)
{
	struct ffpf_object_use with = *use;
	const char *why;

	with.writes = true;
	return !prepare_all(arena, &with, &why) && !with.refusal;
}

static int judge(struct ffpf_arena *arena, struct ffpf_object_use *use, struct fault *fault)
{
	bool native = use->object->programs[use->main.program].context == FFPF_OBJECT_XDP;

	if (!use->refusal)
		return 0;
	use->refusal = in_one_line(arena, use->refusal);
	if (!use->writes && only_writes(arena, use)) {
		*fault =
			(struct fault){.id = FFPF_D_PROGRAM_REFUSED,
				       .param = PARAM_FILE,
				       .message = ffpf_arena_printf(arena, "it writes to the packet: %s", use->refusal),
				       .hint = "writes=yes allows it to"};
		return -EINVAL;
	}
	/* The kernel's verifier follows more; but it does not say who writes. */
	if (use->writes && native)
		return 0;
	*fault = (struct fault){
		.id = FFPF_D_PROGRAM_REFUSED,
		.param = PARAM_FILE,
		.message = ffpf_arena_printf(arena, "the verifier refuses it: %s", use->refusal),
		.hint = native ? "writes=yes leaves it to the kernel's verifier, and it may write to packets" : NULL};
	return -EINVAL;
}

static int load(struct ffpf_arena *arena, const char *path, const char *program, bool writes,
		struct ffpf_object_use **out, struct fault *fault)
{
	struct ffpf_object_use *use = ffpf_arena_alloc(arena, sizeof(*use));
	struct ffpf_object *object;
	const char *why = "";
	int err = ffpf_object_read(arena, path, &object, &why);

	*fault = (struct fault){.id = err == -EINVAL ? FFPF_D_OBJECT : FFPF_D_FILE_OPEN, .param = PARAM_FILE};
	if (err) {
		fault->message = ffpf_arena_printf(arena, "%s: %s", path, why);
		return err;
	}
	use->object = object;
	use->writes = writes;
	err = choose(arena, object, path, program, &use->main.program, fault);
	if (err)
		return err;
	err = prepare_all(arena, use, &why);
	if (err) {
		*fault = (struct fault){.id = FFPF_D_OBJECT,
					.param = PARAM_FILE,
					.message = ffpf_arena_printf(arena, "%s: %s", path, why)};
		return err;
	}
	*out = use;
	return judge(arena, use, fault);
}

/* ---- the class ------------------------------------------------------------------------------- */

static const char *text_of(const struct ffpf_value *v)
{
	return v->set && v->s && *v->s ? v->s : NULL;
}

static const char *share_of(const struct ffpf_instance *instance)
{
	const char *name = text_of(&instance->values[PARAM_INSTANCE]);

	return name ? ffpf_arena_printf(instance->arena, "%s of %s", name, instance->values[PARAM_FILE].s) : NULL;
}

static int ebpf_check(struct ffpf_instance *instance)
{
	const struct ffpf_value *v = instance->values;
	struct ffpf_object_use *use = NULL;
	struct fault fault;
	int err = load(instance->arena, v[PARAM_FILE].s, text_of(&v[PARAM_PROGRAM]), v[PARAM_WRITES].i != 0, &use,
		       &fault);

	if (err) {
		struct ffpf_diag *diag =
			ffpf_diag_error(instance->diags, fault.id, v[fault.param].span, "%s", fault.message);

		if (fault.hint)
			ffpf_diag_hint(instance->diags, diag, "%s", fault.hint);
		return err;
	}
	use->share = share_of(instance);
	instance->data = use;
	return 0;
}

static int ebpf_reload(const struct ffpf_instance *instance, const char *file, struct ffpf_arena *arena, void **data,
		       const char **why)
{
	const struct ffpf_object_use *old = instance->data;
	const struct ffpf_value *v = instance->values;
	struct ffpf_object_use *use = NULL;
	struct fault fault;
	int err = load(arena, file ? file : v[PARAM_FILE].s, text_of(&v[PARAM_PROGRAM]), v[PARAM_WRITES].i != 0, &use,
		       &fault);

	if (err) {
		*why = fault.hint ? ffpf_arena_printf(arena, "%s (%s)", fault.message, fault.hint) : fault.message;
		return err;
	}
	use->share = old->share ? ffpf_arena_strdup(arena, old->share) : NULL;
	*data = use;
	return 0;
}

static const char *ebpf_together(const struct ffpf_instance *instance)
{
	const struct ffpf_object_use *use = instance->data;

	return use ? use->share : NULL;
}

static uint32_t ebpf_demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static int ebpf_build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	const struct ffpf_object_use *use = instance->data;

	ffpf_ir_accept(b, ffpf_ir_program(b, use->writes));
	return 0;
}

static const struct ffpf_param params[] = {
	[PARAM_FILE] = {.name = "file",
			.type = FFPF_TYPE_FILE,
			.flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
			.doc = "the object, as clang -target bpf makes it"},
	[PARAM_PROGRAM] = {.name = "program",
			   .type = FFPF_TYPE_STRING,
			   .doc = "which of its programs: the name of the function, or of its section"},
	[PARAM_INSTANCE] = {.name = "instance",
			    .type = FFPF_TYPE_STRING,
			    .doc = "functions with the same file and instance have one state"},
	[PARAM_WRITES] = {.name = "writes", .type = FFPF_TYPE_BOOL, .def = "no", .doc = "may it write to packets?"},
};

const struct ffpf_class ffpf_class_ebpf = {
	.abi = FFPF_CLASS_ABI,
	.name = "ebpf",
	.help = "your own compiled BPF program",
	.manual =
		"Gives each packet to a program that clang has compiled for BPF (clang -O2 -g -target bpf -c). What "
		"the\n"
		"program returns is the packet's class: 0, and the packet leaves the flow; any other number, and it "
		"goes\n"
		"on with that class. That holds for programs of the section xdp, too: they decide about the flow, not\n"
		"about the network.\n"
		"\n"
		"Programs of the sections xdp, xdp.frags and ffpf (r1 is struct xdp_md) run in the kernel at 'xdp'. "
		"Where\n"
		"they can't, and with other sections (tc, tcx, classifier, action, socket, filter: struct __sk_buff), "
		"they\n"
		"run in the machine of 'user', behind a verifier of its own. A program that writes to packets is "
		"refused\n"
		"unless writes=yes; functions behind it see what it wrote.\n"
		"\n"
		"Maps (array, percpu_array, hash, percpu_hash, lru_hash, lru_percpu_hash, lpm_trie, prog_array) and "
		"global\n"
		"variables are the function's state: each function has its own, unless instance= says the same of "
		"several.\n"
		"The number of entries of each map is among the results, and so are the numbers in arrays of one "
		"entry.",
	.example = "[pcap $FILE] > (ebpf, $OBJ) > (pktcount)",
	.role = FFPF_FUNCTION,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.check = ebpf_check,
	.demand = ebpf_demand,
	.build = ebpf_build,
	.reload = ebpf_reload,
	.together = ebpf_together,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking the verifier about users' programs; see machine.h. */
#include <flowspaces/user/machine.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of the machine's local calls one leads from the generated program to the user's. */
#define FRAMES (FFPF_VM_FRAMES - 1)

const struct ffpf_vm_context *ffpf_machine_context(enum ffpf_object_context context)
{
	return context == FFPF_OBJECT_XDP ? &ffpf_vm_xdp_md : &ffpf_vm_sk_buff;
}

static const struct ffpf_vm_line *lines(struct ffpf_arena *arena, const struct ffpf_object_code *code)
{
	struct ffpf_vm_line *out = ffpf_arena_alloc(arena, code->n_lines * sizeof(*out) + 1);

	for (size_t i = 0; i < code->n_lines; i++) {
		const struct ffpf_object_line *l = &code->lines[i];

		out[i] = (struct ffpf_vm_line){l->insn, l->line, l->column, l->file, l->text};
	}
	return out;
}

int ffpf_machine_verify(struct ffpf_arena *arena, const struct ffpf_object *object, size_t program,
			const struct ffpf_object_code *code, bool writes, const struct bpf_insn **out, const char **why)
{
	enum ffpf_object_context context = object->programs[program].context;
	struct ffpf_vm_map *maps = ffpf_arena_alloc(arena, object->n_maps * sizeof(*maps) + 1);
	struct bpf_insn *insns = ffpf_arena_alloc(arena, code->n * sizeof(*insns));
	struct ffpf_vm_program p = {.insns = code->insns,
				    .n = code->n,
				    .helpers = &ffpf_vm_user_helpers,
				    .maps = maps,
				    .n_maps = object->n_maps,
				    .context = context == FFPF_OBJECT_XDP ? &ffpf_vm_xdp_md : &ffpf_vm_sk_buff,
				    .writes_packet = writes,
				    .frames = FRAMES,
				    .lines = lines(arena, code),
				    .n_lines = code->n_lines};
	char *message = NULL;
	int err;

	for (size_t i = 0; i < object->n_maps; i++)
		maps[i].spec = &object->maps[i].spec;
	err = ffpf_vm_verify(&p, insns, 0, &message);
	if (err)
		*why = message ? ffpf_arena_strdup(arena, message) : strerror(-err);
	else
		*out = insns;
	free(message);
	return err;
}

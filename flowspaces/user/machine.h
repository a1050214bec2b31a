/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Users' programs for the userspace machine: what they may call, what r1 points to, and the verifier's word on them.
 */
#ifndef FFPF_USER_MACHINE_H
#define FFPF_USER_MACHINE_H

#include <flowspaces/ebpf/use.h>
#include <flowspaces/user/vm/vm.h>

/*
 * Verifies a program of an object; *out gets its instructions as the machine runs them, in the arena. 0; -errno with
 * the verifier's words in *why (arena).
 */
int ffpf_machine_verify(struct ffpf_arena *arena, const struct ffpf_object *object, size_t program,
			const struct ffpf_object_code *code, bool writes, const struct bpf_insn **out,
			const char **why);

/* What r1 points to. */
const struct ffpf_vm_context *ffpf_machine_context(enum ffpf_object_context context);
#endif

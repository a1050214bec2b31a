/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bare programs: verified, loaded, compiled and run, with nothing around them (`ffpf vm`).
 */
#include <ffpf/ffpf.h>
#include <flowspaces/user/vm/vm.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int say(char **message, const char *text, int err)
{
	*message = strdup(text);
	return err;
}

static int load(const struct ffpf_vm_program *program, enum ffpf_machine how, struct ffpf_vm **vm, char **message)
{
	const char *why = NULL;
	int err = ffpf_vm_new(program, vm, &why);

	if (err)
		return say(message, why ? why : strerror(-err), err);
	if (how != FFPF_MACHINE_INTERPRETER)
		err = ffpf_vm_compile(*vm);
	if (err && how == FFPF_MACHINE_COMPILER) {
		ffpf_vm_free(*vm);
		return say(message, "there is no native code for this processor", err);
	}
	return 0;
}

int ffpf_machine_run(const void *program, size_t bytes, void *memory, size_t size, enum ffpf_machine how, bool verify,
		     uint64_t *result, char **message)
{
	struct ffpf_vm_program p = {.helpers = &ffpf_vm_user_helpers, .memory = size};
	struct ffpf_vm_env env = {0};
	struct ffpf_vm *vm = NULL;
	struct bpf_insn *insns;
	int err = 0;

	*message = NULL;
	if (!bytes || bytes % sizeof(*insns))
		return say(message,
			   bytes ? "the program is not a whole number of instructions of 8 bytes"
				 : "the program is empty",
			   -EINVAL);
	insns = malloc(bytes);
	if (!insns)
		return say(message, "out of memory", -ENOMEM);
	memcpy(insns, program, bytes);
	p.insns = insns;
	p.n = bytes / sizeof(*insns);
	if (verify)
		err = ffpf_vm_verify(&p, insns, 0, message);
	if (!err)
		err = load(&p, how, &vm, message);
	if (!err)
		*result = ffpf_vm_run(vm, memory, size, &env);
	ffpf_vm_free(vm);
	free(insns);
	return err;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as an eBPF program: the loader takes or refuses it, and reads nothing outside it. What it takes is not run:
 * memory accesses are for the verifier to check.
 */
#include <flowspaces/user/vm/vm.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t nothing(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	return r1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ffpf_vm_helper_info table[] = {{.id = 1, .function = nothing},
							   {.id = 5, .function = nothing}};
	const struct ffpf_vm_helpers helpers = {table, 2};
	size_t n = size / sizeof(struct bpf_insn);
	struct bpf_insn *insns = malloc(n * sizeof(*insns) + 1);
	struct ffpf_vm *vm = NULL;
	const char *why = NULL;

	memcpy(insns, data, n * sizeof(*insns));
	if (ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = n, .helpers = &helpers}, &vm, &why) < 0 &&
	    (vm || !why))
		abort();
	free(insns);
	ffpf_vm_free(vm);
	return 0;
}

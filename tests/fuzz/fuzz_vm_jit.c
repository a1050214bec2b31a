/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs made of bytes (vm_random.h), interpreted and compiled: the same result, the same memory.
 */
#include <flowspaces/user/vm/vm.h>
#include <tests/unit/vm_random.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HELPER 5

static uint64_t mix(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	(void)env;
	return r1 + 3 * r2 + 5 * r3 + 7 * r4 + 11 * r5;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ffpf_vm_helper_info table[] = {{.id = HELPER, .name = "mix", .function = mix}};
	static const struct ffpf_vm_helpers helpers = {table, 1};
	static uint64_t memory[VM_RANDOM_MEMORY / 8], first[VM_RANDOM_MEMORY / 8];
	struct bpf_insn insns[VM_RANDOM_MOST];
	struct ffpf_vm_env env = {.cpu = 1};
	struct ffpf_vm *vm;
	const char *why;
	size_t n = vm_random_program(data, size, HELPER, insns);

	if (ffpf_vm_new(&(struct ffpf_vm_program){.insns = insns, .n = n, .helpers = &helpers}, &vm, &why) < 0)
		abort();
	for (size_t i = 0; i < VM_RANDOM_MEMORY / 8; i++)
		memory[i] = i * 0x9e3779b97f4a7c15;
	uint64_t interpreted = ffpf_vm_run(vm, memory, 0, &env);
	memcpy(first, memory, sizeof(first));
	for (size_t i = 0; i < VM_RANDOM_MEMORY / 8; i++)
		memory[i] = i * 0x9e3779b97f4a7c15;
	if (ffpf_vm_compile(vm) == 0 &&
	    (ffpf_vm_run(vm, memory, 0, &env) != interpreted || memcmp(memory, first, sizeof(first)) != 0))
		abort();
	ffpf_vm_free(vm);
	return 0;
}

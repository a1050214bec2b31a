/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a program, raw or through a generator of programs that mean something (tests/unit/vm_generate.h): the
 * verifier ends, and what it says of the program is true on several packets (tests/unit/vm_soundness.h).
 */
#include <tests/unit/vm_generate.h>
#include <tests/unit/vm_soundness.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct ffpf_vm_program *program, const uint8_t *data, size_t size)
{
	static const uint8_t zeros[64], ones[64] = {[0 ... 63] = 0xff};
	uint8_t mixed[64];
	bool accepted;

	for (size_t i = 0; i < sizeof(mixed); i++)
		mixed[i] = (uint8_t)(size ? data[(i * 7 + size / 2) % size] + i : i);
	const uint8_t *packets[] = {mixed, size % 3 ? zeros : ones};
	size_t lengths[] = {64, size % 41};
	if (!is_sound(program, packets, lengths, 2, &accepted))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ffpf_vm_program program;
	struct bpf_insn insns[GENERATE_MOST + 1];

	if (size && *data == 0xff) { /* as it stands */
		size_t n = (size - 1) / sizeof(*insns) < GENERATE_MOST ? (size - 1) / sizeof(*insns) : GENERATE_MOST;

		memcpy(insns, data + 1, n * sizeof(*insns));
		program = (struct ffpf_vm_program){.insns = insns,
						   .n = n,
						   .helpers = &world_helpers,
						   .maps = generate_maps,
						   .n_maps = 3,
						   .context = size % 2 ? &ffpf_vm_xdp_md : NULL,
						   .memory = size % 2 ? 0 : GENERATE_MEMORY};
	} else {
		generate_program(data, size, insns, &program);
	}
	check(&program, data, size);
	return 0;
}

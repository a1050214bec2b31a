/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How much a packet can take along from XDP: the kernel's limit for metadata, found by asking for so much of it
 * in the test runner. A limit of 252 bytes came with Linux 6.3, 32 are older; what drivers leave free in front of a
 * packet (192 bytes on many) is less.
 */
#include <flowspaces/bpf/bpf.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <unistd.h>

/* The program's answers. */
enum { REFUSED = 1, GRANTED = 2 };

/* Does the kernel give a packet so many bytes of metadata? */
static bool grants(int bytes)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = -bytes},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_xdp_adjust_meta},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = REFUSED},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 1, .off = 1, .imm = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = GRANTED},
		{.code = BPF_JMP | BPF_EXIT},
	};
	const uint8_t packet[64] = {0};
	uint32_t answer = REFUSED;
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "ffpf_room", "GPL", insns, sizeof(insns) / sizeof(insns[0]), NULL);

	if (fd < 0)
		return false;
	if (ffpf_bpf_test_run(fd, packet, sizeof(packet), 1, &answer, NULL) < 0)
		answer = REFUSED;
	close(fd);
	return answer == GRANTED;
}

unsigned ffpf_bpf_metadata_room(void)
{
	static const int sizes[] = {192, 32};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (grants(sizes[i]))
			return (unsigned)sizes[i];
	return 0;
}

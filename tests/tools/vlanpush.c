/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vlanpush: tags every packet that leaves a device, the way a VLAN device above it would: in the metadata, where the
 * kernel leaves the tag if the device has tx-vlan-hw-insert, or else writes it into the frame.
 *
 *     vlanpush -i DEVICE [-v VLAN] [-s]
 *
 * -s: a service tag (802.1ad). A program at the TCX egress hook (Linux 6.6); prints "ready", holds until standard input
 * ends.
 */
#include <bpf/bpf.h>
#include <endian.h>
#include <errno.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TCX_EGRESS 47 /* BPF_TCX_EGRESS, newer than some headers */
#define TCX_NEXT (-1)

int main(int argc, char **argv)
{
	unsigned vlan = 5, type = 0x8100;
	const char *device = NULL;
	int option, prog_fd, link_fd;
	char byte;

	while ((option = getopt(argc, argv, "i:v:s")) != -1) {
		switch (option) {
		case 'i':
			device = optarg;
			break;
		case 'v':
			vlan = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			type = 0x88a8;
			break;
		default:
			optind = argc;
			device = NULL;
			break;
		}
	}
	if (!device || optind != argc) {
		fputs("usage: vlanpush -i DEVICE [-v VLAN] [-s]\n", stderr);
		return 2;
	}
	const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = htobe16((uint16_t)type)},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = (int)vlan},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_skb_vlan_push},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = TCX_NEXT},
		{.code = BPF_JMP | BPF_EXIT},
	};

	prog_fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "vlanpush", "GPL", program,
				sizeof(program) / sizeof(program[0]), NULL);
	if (prog_fd < 0) {
		fprintf(stderr, "vlanpush: program: %s\n", strerror(-prog_fd));
		return 1;
	}
	link_fd = bpf_link_create(prog_fd, (int)if_nametoindex(device), TCX_EGRESS, NULL);
	if (link_fd < 0) {
		fprintf(stderr, "vlanpush: %s: %s\n", device, strerror(-link_fd));
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vlanpush: tags every packet that leaves a device, the way a VLAN device above it would: in the metadata, where the
 * kernel leaves the tag if the device has tx-vlan-hw-insert, or else writes it into the frame.
 *
 *     vlanpush -i DEVICE [-v VLAN] [-s]
 *
 * -s: a service tag (802.1ad). A program at the TCX egress hook, on kernels before Linux 6.6 the first filter of
 * clsact; prints "ready", holds until standard input ends.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
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
#define TCX_NEXT (-1) /* of clsact, too: TC_ACT_UNSPEC */

static void hold(void)
{
	char byte;

	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
}

static int by_clsact(int prog_fd, int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, qdisc, .ifindex = ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = prog_fd, .handle = 1, .priority = 1);
	int made = bpf_tc_hook_create(&qdisc), err = made && made != -EEXIST ? made : bpf_tc_attach(&hook, &opts);

	if (!err) {
		hold();
		opts.prog_fd = (int)(opts.prog_id = opts.flags = 0);
		bpf_tc_detach(&hook, &opts);
	}
	if (!made)
		bpf_tc_hook_destroy(&qdisc);
	return err;
}

int main(int argc, char **argv)
{
	unsigned vlan = 5, type = 0x8100;
	const char *device = NULL;
	int option, prog_fd, err;

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
	err = bpf_link_create(prog_fd, (int)if_nametoindex(device), TCX_EGRESS, NULL);
	if (err >= 0) {
		hold();
		return 0;
	}
	if (err == -EINVAL)
		err = by_clsact(prog_fd, (int)if_nametoindex(device));
	if (err)
		fprintf(stderr, "vlanpush: %s: %s\n", device, strerror(-err));
	return err != 0;
}

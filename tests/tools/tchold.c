/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tchold: a program of somebody else at a TCX hook (Linux 6.6), which counts packets and lets the others on the hook go
 * on, or not; and how many programs there are.
 *
 *     tchold -i DEVICE [-d in|out] [-a next|drop] [-f] [-m MARK]
 *     tchold -i DEVICE [-d in|out] -q
 *
 * -f: before all others instead of behind them. -m: sets the packets' mark. Prints "ready" when attached, holds until
 * standard input ends, then prints "packets=N tagged=M" (tagged: a VLAN tag in the metadata). -q prints the number of
 * programs on the hook.
 */
#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than some headers. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47
#define BEFORE (1u << 3)

static int fail(const char *what, int err)
{
	fprintf(stderr, "tchold: %s: %s\n", what, strerror(err < 0 ? -err : err));
	return 1;
}

/*
 *     counts[0] += 1
 *     if (skb->vlan_present)
 *             counts[1] += 1
 *     skb->mark = mark       (where one is given)
 *     return action
 */
static int load(int map_fd, int action, int mark)
{
	struct bpf_insn program[] = {
		{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 8, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map_fd},
		{0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = 8, .src_reg = 0, .off = 0, .imm = BPF_ADD},
		{.code = BPF_LDX | BPF_MEM | BPF_W,
		 .dst_reg = 2,
		 .src_reg = 1,
		 .off = offsetof(struct __sk_buff, vlan_present)},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 2, .off = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = 8, .src_reg = 0, .off = 8, .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = mark},
		{.code = BPF_STX | BPF_MEM | BPF_W,
		 .dst_reg = 1,
		 .src_reg = 2,
		 .off = offsetof(struct __sk_buff, mark)},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = action},
		{.code = BPF_JMP | BPF_EXIT},
	};

	if (!mark) /* a jump over nothing */
		program[8] = (struct bpf_insn){.code = BPF_JMP | BPF_JA};
	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tchold", "GPL", program, sizeof(program) / sizeof(program[0]),
			     NULL);
}

/* libbpf of some systems does not know the flags of such links. */
static int attach(int prog_fd, unsigned ifindex, uint32_t hook, bool first)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (uint32_t)prog_fd;
	attr.link_create.target_ifindex = ifindex;
	attr.link_create.attach_type = hook;
	attr.link_create.flags = first ? BEFORE : 0;
	return (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
}

static int hold(int map_fd)
{
	uint64_t counts[2] = {0};
	uint32_t key = 0;
	char byte;

	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	bpf_map_lookup_elem(map_fd, &key, counts);
	printf("packets=%llu tagged=%llu\n", (unsigned long long)counts[0], (unsigned long long)counts[1]);
	return 0;
}

static int query(unsigned ifindex, uint32_t hook)
{
	uint32_t ids[64], n = 64, flags;
	int err = bpf_prog_query((int)ifindex, hook, 0, &flags, ids, &n);

	if (err < 0)
		return fail("query", err);
	printf("%u\n", n);
	return 0;
}

int main(int argc, char **argv)
{
	const char *device = "";
	uint32_t hook = TCX_INGRESS;
	int option, action = TC_ACT_UNSPEC, mark = 0, map_fd, prog_fd;
	bool first = false, asks = false;
	unsigned ifindex;

	while ((option = getopt(argc, argv, "i:d:a:m:fq")) != -1) {
		switch (option) {
		case 'i':
			device = optarg;
			break;
		case 'd':
			hook = strcmp(optarg, "out") ? TCX_INGRESS : TCX_EGRESS;
			break;
		case 'a':
			action = strcmp(optarg, "drop") ? TC_ACT_UNSPEC : TC_ACT_SHOT;
			break;
		case 'm':
			mark = atoi(optarg);
			break;
		case 'f':
			first = true;
			break;
		case 'q':
			asks = true;
			break;
		default:
			optind = argc + 1;
			break;
		}
	}
	ifindex = if_nametoindex(device);
	if (!ifindex || optind != argc) {
		fputs("usage: tchold -i DEVICE [-d in|out] [-a next|drop] [-f] [-m MARK] [-q]\n", stderr);
		return 2;
	}
	if (asks)
		return query(ifindex, hook);
	map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "counts", 4, 16, 1, NULL);
	if (map_fd < 0)
		return fail("map", map_fd);
	prog_fd = load(map_fd, action, mark);
	if (prog_fd < 0)
		return fail("program", prog_fd);
	if (attach(prog_fd, ifindex, hook, first) < 0) {
		perror("tchold");
		return 1;
	}
	return hold(map_fd);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xdphold: holds a device with an XDP program of its own that passes (or drops) every packet and counts it; the
 * occupied device of tests, and the receiver that lets redirected frames arrive.
 *
 *     xdphold -i DEVICE [-m driver|generic] [-a pass|drop] [-l]
 *
 * -l attaches without a bpf_link. Prints "ready id=N" when attached, holds until its standard input ends or a signal
 * comes, then prints "packets=N tagged=M" (tagged: a VLAN EtherType in the packet's bytes) and detaches.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void stop(int signal)
{
	(void)signal;
}

/*
 *     counts[0] += 1
 *     if (data + 14 <= data_end && (type is 0x8100 or 0x88a8))
 *             counts[1] += 1
 *     return action
 */
static int load(int map_fd, int action)
{
	const struct bpf_insn program[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 6, .src_reg = 1, .off = 0},
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 7, .src_reg = 1, .off = 4},
		{.code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 8, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = map_fd},
		{0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = 8, .src_reg = 0, .off = 0, .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 6},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = 14},
		{.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 2, .src_reg = 7, .off = 5},
		{.code = BPF_LDX | BPF_MEM | BPF_H, .dst_reg = 2, .src_reg = 6, .off = 12},
		{.code = BPF_ALU | BPF_END | BPF_TO_BE, .dst_reg = 2, .imm = 16},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 2, .off = 1, .imm = 0x8100},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 2, .off = 1, .imm = 0x88a8},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW, .dst_reg = 8, .src_reg = 0, .off = 8, .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = action},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .prog_flags = BPF_F_XDP_HAS_FRAGS);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "xdphold", "GPL", program, sizeof(program) / sizeof(program[0]),
			     &options);
}

static int fail(const char *what, int err)
{
	fprintf(stderr, "xdphold: %s: %s\n", what, strerror(-err));
	return 1;
}

static int hold(const char *device, uint32_t mode, bool with_link, int prog_fd, int map_fd)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode);
	const int ifindex = (int)if_nametoindex(device);
	const int err = with_link ? bpf_link_create(prog_fd, ifindex, BPF_XDP, &options)
				  : bpf_xdp_attach(ifindex, prog_fd, mode | XDP_FLAGS_UPDATE_IF_NOEXIST, NULL);
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info), key = 0;
	uint64_t counts[2] = {0};
	char byte;

	if (err < 0)
		return fail(device, err);
	bpf_obj_get_info_by_fd(prog_fd, &info, &len);
	printf("ready id=%u\n", info.id);
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	bpf_map_lookup_elem(map_fd, &key, counts);
	printf("packets=%llu tagged=%llu\n", (unsigned long long)counts[0], (unsigned long long)counts[1]);
	if (!with_link)
		bpf_xdp_detach(ifindex, mode, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = stop};
	const char *device = NULL;
	uint32_t mode = XDP_FLAGS_DRV_MODE;
	int option, verdict = XDP_PASS, map_fd, prog_fd;
	bool with_link = true;

	while ((option = getopt(argc, argv, "i:m:a:l")) != -1) {
		switch (option) {
		case 'i':
			device = optarg;
			break;
		case 'm':
			mode = !strcmp(optarg, "generic") ? XDP_FLAGS_SKB_MODE : XDP_FLAGS_DRV_MODE;
			break;
		case 'a':
			verdict = !strcmp(optarg, "drop") ? XDP_DROP : XDP_PASS;
			break;
		case 'l':
			with_link = false;
			break;
		default:
			device = NULL;
			optind = argc;
			break;
		}
	}
	if (!device || optind != argc) {
		fputs("usage: xdphold -i DEVICE [-m driver|generic] [-a pass|drop] [-l]\n", stderr);
		return 2;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "counts", 4, 16, 1, NULL);
	if (map_fd < 0)
		return fail("map", map_fd);
	prog_fd = load(map_fd, verdict);
	if (prog_fd < 0)
		return fail("program", prog_fd);
	return hold(device, mode, with_link, prog_fd, map_fd);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blast: the fastest sender without hardware. An XDP program that redirects to a device is run by the kernel's test
 * runner in live-frames mode: its packets really leave through the device, some millions a second.
 *
 *     blast -i DEVICE [-n PACKETS | -t SECONDS] [-s SIZE] [-p udp|tcp] [-k FLOWS] [-R PACKETS_PER_SECOND] [-B BURST]
 *
 * DEVICE is an end of a veth pair; the other end needs an XDP program in driver mode, or GRO on, else nothing arrives.
 * With k flows each packet gets a random source port out of k. With a rate, packets leave in bursts (as many as come in 0.5 ms,
 * or -B), each when its time has come. Prints "sent=N dropped=D pps=R"; dropped counts what the other end had no room
 * for. Never runs longer than 600 s.
 */
#include "frames.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_MAX 600
#define BURST 65536  /* packets of one system call */
#define BURSTS_PER_SECOND 2000 /* where a rate is given: each costs the kernel a few µs of its own */
#define PORT_BASE 10000
#define PORT_AT 34   /* source port behind Ethernet and IPv4 */

/* Room for a page's headroom and tail: the test runner refuses more. */
#define SIZE_MAX_LIVE 3500

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint32_t dropped(const char *device)
{
	struct ifaddrs *list = NULL;
	uint32_t drops = 0;

	if (getifaddrs(&list) < 0)
		return 0;
	for (struct ifaddrs *i = list; i; i = i->ifa_next)
		if (i->ifa_addr && i->ifa_addr->sa_family == AF_PACKET && i->ifa_data && !strcmp(i->ifa_name, device))
			drops = ((struct rtnl_link_stats *)i->ifa_data)->tx_dropped;
	freeifaddrs(list);
	return drops;
}

/*
 *     if (data + PORT_AT + 2 <= data_end)
 *             source port = htons(PORT_BASE + random % flows)
 *     return bpf_redirect(ifindex, 0)
 */
static int load(unsigned ifindex, unsigned flows)
{
	const struct bpf_insn program[] = {
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 6, .src_reg = 1, .off = 0},
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 7, .src_reg = 1, .off = 4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 6},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = PORT_AT + 2},
		{.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 2, .src_reg = 7, .off = 5},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_prandom_u32},
		{.code = BPF_ALU | BPF_MOD | BPF_K, .dst_reg = 0, .imm = (int)flows},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 0, .imm = PORT_BASE},
		{.code = BPF_ALU | BPF_END | BPF_TO_BE, .dst_reg = 0, .imm = 16},
		{.code = BPF_STX | BPF_MEM | BPF_H, .dst_reg = 6, .src_reg = 0, .off = PORT_AT},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = (int)ifindex},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect},
		{.code = BPF_JMP | BPF_EXIT},
	};
	/* One flow: straight to the redirect, the packet stays as it is. */
	const struct bpf_insn *start = flows > 1 ? program : program + 10;

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "blast", "GPL", start, (size_t)(program + 14 - start), NULL);
}

/* Sends n packets; returns 0 or -errno. */
static int burst(int prog_fd, uint8_t *frame, unsigned size, unsigned n)
{
	struct xdp_md context = {.data_end = size};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = size, .ctx_in = &context, .ctx_size_in = sizeof(context),
		    .repeat = (int)n, .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = n < 64 ? n : 64);

	return bpf_prog_test_run_opts(prog_fd, &options);
}

static int usage(void)
{
	fputs("usage: blast -i DEVICE [-n PACKETS | -t SECONDS] [-s SIZE] [-p udp|tcp] [-k FLOWS] [-R RATE] [-B BURST]\n", stderr);
	return 2;
}

/* Until then; the last stretch without sleeping, since a sleep ends late. */
static void wait_until(double when)
{
	double left;

	while ((left = when - now()) > 0)
		if (left > 200e-6)
			nanosleep(&(struct timespec){.tv_nsec = left > 1 ? 999999999 : (long)((left - 150e-6) * 1e9)}, NULL);
}

int main(int argc, char **argv)
{
	static struct frame_source source;
	static uint8_t frame[FRAME_MAX];
	const char *device = NULL, *size = "60", *protocol = "udp";
	unsigned long long packets = 0, sent = 0;
	unsigned long flows = 1, rate = 0, most = BURST;
	double seconds = 0, start, elapsed;
	uint32_t before;
	unsigned len;
	int option, fd, err = 0;

	while ((option = getopt(argc, argv, "i:n:t:s:p:k:R:B:")) != -1) {
		switch (option) {
		case 'i': device = optarg; break;
		case 'n': packets = strtoull(optarg, NULL, 10); break;
		case 't': seconds = strtod(optarg, NULL); break;
		case 's': size = optarg; break;
		case 'p': protocol = optarg; break;
		case 'k': flows = strtoul(optarg, NULL, 10); break;
		case 'R': rate = strtoul(optarg, NULL, 10); break;
		case 'B': most = strtoul(optarg, NULL, 10); break;
		default: return usage();
		}
	}
	if (rate && most == BURST)
		most = rate / BURSTS_PER_SECOND ? rate / BURSTS_PER_SECOND : 1;
	if (!device || optind != argc || most < 1 || most > BURST || flows < 1 || flows > 50000 || atoi(size) > SIZE_MAX_LIVE || atoi(size) < 42)
		return usage();
	if (!packets && seconds <= 0)
		seconds = 1;
	if (seconds <= 0 || seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;

	frame_source_init(&source, size, protocol, 1, 1);
	len = frame_next(&source, frame);
	if (flows > 1 && !strcmp(protocol, "udp"))
		frame_put16(frame + 40, 0); /* the checksum would not follow the port: send none */
	fd = load(if_nametoindex(device), (unsigned)flows);
	if (fd < 0) {
		fprintf(stderr, "blast: cannot load the program: %s\n", strerror(-fd));
		return 1;
	}
	before = dropped(device);
	start = now();
	while ((!packets || sent < packets) && now() - start < seconds && !err) {
		const unsigned n = packets && packets - sent < most ? (unsigned)(packets - sent) : (unsigned)most;

		if (rate)
			wait_until(start + (double)sent / (double)rate);
		err = burst(fd, frame, len, n);
		sent += err ? 0 : n;
	}
	elapsed = now() - start;
	if (err)
		fprintf(stderr, "blast: %s: %s\n", device, strerror(-err));
	printf("sent=%llu dropped=%u pps=%.0f\n", sent, dropped(device) - before, (double)sent / elapsed);
	close(fd);
	return err ? 1 : 0;
}

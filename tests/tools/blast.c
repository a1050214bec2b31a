/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blast: the fastest sender without hardware. An XDP program that redirects to a device is run by the kernel's test
 * runner in live-frames mode: its packets really leave through the device, some millions a second.
 *
 *     blast -i DEVICE [-n PACKETS | -t SECONDS] [-s SIZE] [-p udp|tcp] [-k FLOWS] [-R PACKETS_PER_SECOND] [-B BURST]
 *
 * DEVICE is an end of a veth pair; the other end needs an XDP program in driver mode, or GRO on, else nothing arrives.
 * With k flows each packet gets a random source port out of k. With a rate (20 kpps or more) the program waits for each
 * packet's time; packets arrive in bursts of -B (1 to 64, the default). Prints "sent=N dropped=D pps=R"; dropped counts
 * what the other end had no room for. Never runs longer than 600 s.
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
#define BATCH_MAX 64 /* packets that leave together */
#define PORT_BASE 10000
#define PORT_AT 34 /* source port behind Ethernet and IPv4 */

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

/* Where the program that paces keeps its time: one map value. */
struct pace {
	uint64_t next, interval; /* ns */
};

/* Rounds of waiting at most; with clock readings of 20 ns or more they last longer than a packet's time at RATE_MIN. */
#define WAIT_ROUNDS 3000
#define RATE_MIN 20000 /* sendpcap does what is slower */
/* A sender that was held up may catch up so much, not more. */
#define BEHIND_NS 1000000

static int make_pace(unsigned long rate)
{
	LIBBPF_OPTS(bpf_map_create_opts, options);
	struct pace pace = {.interval = rate ? 1000000000UL / rate : 0};
	const uint32_t zero = 0;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "pace", 4, sizeof(pace), 1, &options);

	if (fd >= 0 && bpf_map_update_elem(fd, &zero, &pace, BPF_ANY) < 0)
		return -errno;
	return fd;
}

/*
 *     pace:  next += interval
 *            for (i = 0; i < WAIT_ROUNDS; i++)
 *                    if ((now = ktime_get_ns()) >= next)
 *                            break
 *            if (now - BEHIND_NS > next) next = now
 *     port:  if (data + PORT_AT + 2 <= data_end)
 *                    source port = htons(PORT_BASE + random % flows)
 *     leave: return bpf_redirect(ifindex, 0)
 */
static int load(unsigned ifindex, unsigned flows, unsigned long rate)
{
	const int pace_fd = make_pace(rate);
	const struct bpf_insn pace[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 9, .src_reg = 1},
		{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 6, .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = pace_fd},
		{0},
		{.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = 7, .src_reg = 6, .off = offsetof(struct pace, next)},
		{.code = BPF_LDX | BPF_MEM | BPF_DW,
		 .dst_reg = 8,
		 .src_reg = 6,
		 .off = offsetof(struct pace, interval)},
		{.code = BPF_ALU64 | BPF_ADD | BPF_X, .dst_reg = 7, .src_reg = 8},
		{.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 6, .src_reg = 7, .off = offsetof(struct pace, next)},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 8, .imm = WAIT_ROUNDS},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ktime_get_ns},
		{.code = BPF_JMP | BPF_JGE | BPF_X, .dst_reg = 0, .src_reg = 7, .off = 2},
		{.code = BPF_ALU64 | BPF_SUB | BPF_K, .dst_reg = 8, .imm = 1},
		{.code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 8, .imm = 0, .off = -4},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 0},
		{.code = BPF_ALU64 | BPF_SUB | BPF_K, .dst_reg = 1, .imm = BEHIND_NS},
		{.code = BPF_JMP | BPF_JLE | BPF_X, .dst_reg = 1, .src_reg = 7, .off = 1},
		{.code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = 6, .src_reg = 0, .off = offsetof(struct pace, next)},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 9},
	};
	const struct bpf_insn port[] = {
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
	};
	const struct bpf_insn leave[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = (int)ifindex},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = 0},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct bpf_insn program[64];
	size_t n = 0;

	if (pace_fd < 0)
		return pace_fd;
	if (rate) {
		memcpy(program, pace, sizeof(pace));
		n += sizeof(pace) / sizeof(pace[0]);
	}
	if (flows > 1) {
		memcpy(program + n, port, sizeof(port));
		n += sizeof(port) / sizeof(port[0]);
	}
	memcpy(program + n, leave, sizeof(leave));
	n += sizeof(leave) / sizeof(leave[0]);
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "blast", "GPL", program, n, NULL);
}

/* Sends n packets; returns 0 or -errno. */
static int burst(int prog_fd, uint8_t *frame, unsigned size, unsigned n, unsigned batch)
{
	struct xdp_md context = {.data_end = size};
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = frame, .data_size_in = size, .ctx_in = &context,
		    .ctx_size_in = sizeof(context), .repeat = (int)n, .flags = BPF_F_TEST_XDP_LIVE_FRAMES,
		    .batch_size = n < batch ? n : batch);

	return bpf_prog_test_run_opts(prog_fd, &options);
}

static int usage(void)
{
	fputs("usage: blast -i DEVICE [-n PACKETS | -t SECONDS] [-s SIZE] [-p udp|tcp] [-k FLOWS] [-R RATE] [-B "
	      "BURST]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct frame_source source;
	static uint8_t frame[FRAME_MAX];
	const char *device = NULL, *size = "60", *protocol = "udp";
	unsigned long long packets = 0, sent = 0;
	unsigned long flows = 1, rate = 0, batch = BATCH_MAX;
	double seconds = 0, start, elapsed;
	uint32_t before;
	unsigned len, most = BURST;
	int option, fd, err = 0;

	while ((option = getopt(argc, argv, "i:n:t:s:p:k:R:B:")) != -1) {
		switch (option) {
		case 'i':
			device = optarg;
			break;
		case 'n':
			packets = strtoull(optarg, NULL, 10);
			break;
		case 't':
			seconds = strtod(optarg, NULL);
			break;
		case 's':
			size = optarg;
			break;
		case 'p':
			protocol = optarg;
			break;
		case 'k':
			flows = strtoul(optarg, NULL, 10);
			break;
		case 'R':
			rate = strtoul(optarg, NULL, 10);
			break;
		case 'B':
			batch = strtoul(optarg, NULL, 10);
			break;
		default:
			return usage();
		}
	}
	if (!device || optind != argc || batch < 1 || batch > BATCH_MAX || (rate && rate < RATE_MIN) || flows < 1 ||
	    flows > 50000 || atoi(size) > SIZE_MAX_LIVE || atoi(size) < 42)
		return usage();
	if (!packets && seconds <= 0)
		seconds = 1;
	if (seconds <= 0 || seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	if (rate) /* each call of the test runner costs some 30 ms before its first packet */
		most = rate / 2 < BURST ? (unsigned)(rate / 2) : BURST;

	frame_source_init(&source, size, protocol, 1, 1);
	len = frame_next(&source, frame);
	if (flows > 1 && !strcmp(protocol, "udp"))
		frame_put16(frame + 40, 0); /* the checksum would not follow the port: send none */
	fd = load(if_nametoindex(device), (unsigned)flows, rate);
	if (fd < 0) {
		fprintf(stderr, "blast: cannot load the program: %s\n", strerror(-fd));
		return 1;
	}
	before = dropped(device);
	start = now();
	while ((!packets || sent < packets) && now() - start < seconds && !err) {
		const unsigned n = packets && packets - sent < most ? (unsigned)(packets - sent) : most;

		err = burst(fd, frame, len, n, (unsigned)batch);
		sent += err ? 0 : n;
	}
	elapsed = now() - start;
	if (err)
		fprintf(stderr, "blast: %s: %s\n", device, strerror(-err));
	printf("sent=%llu dropped=%u pps=%.0f\n", sent, dropped(device) - before, (double)sent / elapsed);
	close(fd);
	return err ? 1 : 0;
}

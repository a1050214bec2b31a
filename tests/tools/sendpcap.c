/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendpcap: sends a savefile's packets, or generated ones, on an interface; for network namespaces of tests.
 *
 *     sendpcap -i DEVICE [-r FILE | -s SIZES -m MIX -F FLOWS -S SEED] [-n COUNT] [-R PACKETS_PER_SECOND] [-l LOOPS]
 * [-T]
 *
 * -T: DEVICE is a tun or tap device (persistent, made by `ip tuntap`): packets are written to its descriptor, so that
 * the machine receives them from it. Otherwise they leave through a packet socket. Prints "sent=N dropped=D again=A";
 * dropped is how much the device's own counter of dropped transmissions rose: on veth, what the other end had no room
 * for. Some kernels tell of it, too; then the packet is sent again, and is none that was dropped. Of two senders at
 * once each takes the other's for its own.
 */
#include "frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32
/* Retries of a full queue, 100 µs each, before it is called a failure. */
#define RETRIES 100000

struct options {
	const char *device, *file, *sizes, *mix;
	unsigned long count, rate, loops, flows, seed;
	bool tun;
};

struct packet {
	uint8_t *data;
	unsigned len;
};

static void die(const char *what)
{
	fprintf(stderr, "sendpcap: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
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

/* ---- packets to send ------------------------------------------------------------------------- */

static struct packet *append(struct packet *packets, size_t n, const void *data, unsigned len)
{
	if (!(n & (n - 1)))
		packets = realloc(packets, (n ? 2 * n : 1) * sizeof(*packets));
	if (!packets)
		die("memory");
	packets[n] = (struct packet){.data = malloc(len ? len : 1), .len = len};
	if (!packets[n].data)
		die("memory");
	memcpy(packets[n].data, data, len);
	return packets;
}

static struct packet *load(const struct options *options, size_t *n)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(options->file, error);
	struct pcap_pkthdr *header;
	struct packet *packets = NULL;
	const u_char *data;

	if (!pcap) {
		fprintf(stderr, "sendpcap: %s\n", error);
		exit(1);
	}
	while (pcap_next_ex(pcap, &header, &data) == 1)
		packets = append(packets, (*n)++, data, header->caplen);
	pcap_close(pcap);
	return packets;
}

static struct packet *generate(const struct options *options, size_t *n)
{
	static struct frame_source source;
	static uint8_t frame[FRAME_MAX];
	struct packet *packets = NULL;

	frame_source_init(&source, options->sizes, options->mix, (unsigned)options->flows, options->seed);
	source.link = options->tun ? FRAME_RAW : FRAME_ETHERNET;
	for (*n = 0; *n < options->count; (*n)++)
		packets = append(packets, *n, frame, frame_next(&source, frame));
	return packets;
}

/* ---- sending --------------------------------------------------------------------------------- */

static int open_socket(const char *device)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(device)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		die(device);
	return fd;
}

static int open_tun(const char *device)
{
	static const short kinds[] = {IFF_TUN, IFF_TAP};
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/net/tun");
	for (unsigned i = 0; i < 2; i++) {
		struct ifreq request = {.ifr_flags = (short)(kinds[i] | IFF_NO_PI)};

		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
		if (ioctl(fd, TUNSETIFF, &request) == 0)
			return fd;
	}
	die(device);
	return -1;
}

static unsigned again; /* packets that were refused, and sent again */

/* Returns how many went out, at least one. */
static unsigned send_batch(int fd, const struct options *options, const struct packet *packets, unsigned n)
{
	struct mmsghdr messages[BATCH] = {0};
	struct iovec vectors[BATCH];
	int done;

	for (unsigned i = 0; i < n; i++) {
		vectors[i] = (struct iovec){.iov_base = packets[i].data, .iov_len = packets[i].len};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
	}
	for (unsigned tries = 0; tries < RETRIES; tries++) {
		if (options->tun)
			done = write(fd, packets[0].data, packets[0].len) < 0 ? -1 : 1;
		else
			done = sendmmsg(fd, messages, n, 0);
		if (done > 0) {
			again += !options->tun && (unsigned)done < n;
			return (unsigned)done;
		}
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			break;
		again += errno == ENOBUFS;
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	}
	die(options->device);
	return 0;
}

static unsigned long send_all(int fd, const struct options *options, const struct packet *packets, size_t n)
{
	const uint64_t start = now();
	/* At low rates packets leave one by one. */
	const size_t batch =
		!options->rate || options->rate > 1000 * BATCH ? BATCH : 1 + options->rate / 1000 * (BATCH - 1) / BATCH;
	unsigned long sent = 0;

	for (unsigned long loop = 0; loop < options->loops; loop++) {
		for (size_t i = 0; i < n;) {
			const size_t left = n - i;
			unsigned done =
				send_batch(fd, options, packets + i, left < batch ? (unsigned)left : (unsigned)batch);

			i += done;
			sent += done;
			while (options->rate && now() - start < sent * 1000000000ULL / options->rate)
				nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
		}
	}
	return sent;
}

static int usage(void)
{
	fputs("usage: sendpcap -i DEVICE [-r FILE | -s SIZES -m MIX -F FLOWS -S SEED] [-n COUNT] [-R RATE] [-l LOOPS] "
	      "[-T]\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct options options = {
		.sizes = "64", .mix = "udp", .count = 0, .rate = 100000, .loops = 1, .flows = 100, .seed = 1};
	struct packet *packets;
	unsigned long sent;
	uint32_t before, drops;
	size_t n = 0;
	int option, fd;

	while ((option = getopt(argc, argv, "i:r:s:m:F:S:n:R:l:T")) != -1) {
		switch (option) {
		case 'i':
			options.device = optarg;
			break;
		case 'r':
			options.file = optarg;
			break;
		case 's':
			options.sizes = optarg;
			break;
		case 'm':
			options.mix = optarg;
			break;
		case 'F':
			options.flows = strtoul(optarg, NULL, 10);
			break;
		case 'S':
			options.seed = strtoul(optarg, NULL, 10);
			break;
		case 'n':
			options.count = strtoul(optarg, NULL, 10);
			break;
		case 'R':
			options.rate = strtoul(optarg, NULL, 10);
			break;
		case 'l':
			options.loops = strtoul(optarg, NULL, 10);
			break;
		case 'T':
			options.tun = true;
			break;
		default:
			return usage();
		}
	}
	if (!options.device || optind != argc)
		return usage();
	if (!options.file && !options.count)
		options.count = 1;
	packets = options.file ? load(&options, &n) : generate(&options, &n);
	if (options.count && n > options.count)
		n = options.count;
	fd = options.tun ? open_tun(options.device) : open_socket(options.device);
	before = dropped(options.device);
	sent = send_all(fd, &options, packets, n);
	drops = options.tun ? 0 : dropped(options.device) - before;
	printf("sent=%lu dropped=%u again=%u\n", sent, drops > again ? drops - again : 0, again);
	close(fd);
	for (size_t i = 0; i < n; i++)
		free(packets[i].data);
	free(packets);
	return 0;
}

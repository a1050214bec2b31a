/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gencap: writes a deterministic capture file.
 *
 *     gencap [-n PACKETS] [-s imix|internet|BYTES] [-m tcp=6,udp=3,icmp,ipv6,vlan] [-F FLOWS] [-S SEED]
 *            [-l ethernet|raw|sll] [-f pcap|pcapng] [-t us|ns] [-e little|big] [-c CAPLEN] [-T SECONDS] FILE
 *
 * FILE may be - for standard output. The writer is our own, not libpcap's, because libpcap writes only the machine's
 * own byte order. Times start at SECONDS since 1970 (2020-09-13 12:26:40 UTC) and advance by 1 to 20 µs.
 */
#include "frames.h"

#include <errno.h>
#include <unistd.h>

#define SECOND 1000000000ULL
#define START (1600000000ULL * SECOND)

struct writer {
	FILE *file;
	bool big, nanoseconds, pcapng;
	unsigned link; /* LINKTYPE_ value */
	unsigned caplen;
};

static void put(const struct writer *writer, uint8_t **at, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		(*at)[i] = (uint8_t)(value >> 8 * (writer->big ? bytes - 1 - i : i));
	*at += bytes;
}

static void write_pcap_header(const struct writer *writer)
{
	uint8_t block[24], *at = block;

	put(writer, &at, writer->nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
	put(writer, &at, 2, 2);
	put(writer, &at, 4, 2);
	put(writer, &at, 0, 4);
	put(writer, &at, 0, 4);
	put(writer, &at, 262144, 4);
	put(writer, &at, writer->link, 4);
	fwrite(block, 1, sizeof(block), writer->file);
}

static void write_pcapng_header(const struct writer *writer)
{
	uint8_t block[28 + 32], *at = block;

	put(writer, &at, 0x0a0d0d0a, 4); /* section header */
	put(writer, &at, 28, 4);
	put(writer, &at, 0x1a2b3c4d, 4);
	put(writer, &at, 1, 2);
	put(writer, &at, 0, 2);
	put(writer, &at, 0xffffffff, 4); /* length of the section: not known */
	put(writer, &at, 0xffffffff, 4);
	put(writer, &at, 28, 4);

	put(writer, &at, 1, 4); /* interface description */
	put(writer, &at, 32, 4);
	put(writer, &at, writer->link, 2);
	put(writer, &at, 0, 2);
	put(writer, &at, 262144, 4);
	put(writer, &at, 9, 2); /* if_tsresol */
	put(writer, &at, 1, 2);
	*at++ = writer->nanoseconds ? 9 : 6;
	*at++ = 0, *at++ = 0, *at++ = 0;
	put(writer, &at, 0, 4); /* end of options */
	put(writer, &at, 32, 4);
	fwrite(block, 1, sizeof(block), writer->file);
}

static void write_packet(const struct writer *writer, uint64_t time, const uint8_t *data, unsigned len)
{
	static const uint8_t zeros[4];
	const unsigned caplen = len < writer->caplen ? len : writer->caplen, padding = -caplen & 3,
		       total = 32 + caplen + padding;
	const uint64_t ticks = writer->nanoseconds ? time : time / 1000;
	uint8_t head[28], *at = head;

	if (writer->pcapng) {
		put(writer, &at, 6, 4); /* enhanced packet */
		put(writer, &at, total, 4);
		put(writer, &at, 0, 4);
		put(writer, &at, (uint32_t)(ticks >> 32), 4);
		put(writer, &at, (uint32_t)ticks, 4);
	} else {
		put(writer, &at, (uint32_t)(time / SECOND), 4);
		put(writer, &at, (uint32_t)(time % SECOND / (writer->nanoseconds ? 1 : 1000)), 4);
	}
	put(writer, &at, caplen, 4);
	put(writer, &at, len, 4);
	fwrite(head, 1, (size_t)(at - head), writer->file);
	fwrite(data, 1, caplen, writer->file);
	if (!writer->pcapng)
		return;
	fwrite(zeros, 1, padding, writer->file);
	at = head;
	put(writer, &at, total, 4);
	fwrite(head, 1, 4, writer->file);
}

static int usage(void)
{
	fputs("usage: gencap [-n PACKETS] [-s imix|internet|BYTES] [-m tcp=6,udp=3,icmp,ipv6,vlan] [-F FLOWS] [-S "
	      "SEED]\n"
	      "              [-l ethernet|raw|sll] [-f pcap|pcapng] [-t us|ns] [-e little|big] [-c CAPLEN] [-T "
	      "SECONDS] FILE\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	static struct frame_source source;
	static uint8_t frame[FRAME_MAX];
	struct writer writer = {.caplen = FRAME_MAX};
	const char *sizes = "internet", *mix = "tcp=6,udp=3,icmp=1", *link = "ethernet";
	unsigned long packets = 1000, flows = 1000, seed = 1;
	uint64_t time = START;
	int option;

	while ((option = getopt(argc, argv, "n:s:m:F:S:l:f:t:e:c:T:")) != -1) {
		switch (option) {
		case 'n':
			packets = strtoul(optarg, NULL, 10);
			break;
		case 's':
			sizes = optarg;
			break;
		case 'm':
			mix = optarg;
			break;
		case 'F':
			flows = strtoul(optarg, NULL, 10);
			break;
		case 'S':
			seed = strtoul(optarg, NULL, 10);
			break;
		case 'l':
			link = optarg;
			break;
		case 'f':
			writer.pcapng = !strcmp(optarg, "pcapng");
			break;
		case 't':
			writer.nanoseconds = !strcmp(optarg, "ns");
			break;
		case 'e':
			writer.big = !strcmp(optarg, "big");
			break;
		case 'c':
			writer.caplen = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'T':
			time = strtoull(optarg, NULL, 10) * SECOND;
			break;
		default:
			return usage();
		}
	}
	if (optind + 1 != argc)
		return usage();
	frame_source_init(&source, sizes, mix, (unsigned)flows, seed);
	source.link = !strcmp(link, "raw") ? FRAME_RAW : !strcmp(link, "sll") ? FRAME_SLL : FRAME_ETHERNET;
	writer.link = source.link == FRAME_RAW ? 101 : source.link == FRAME_SLL ? 113 : 1;
	writer.file = strcmp(argv[optind], "-") ? fopen(argv[optind], "wb") : stdout;
	if (!writer.file) {
		fprintf(stderr, "gencap: %s: %s\n", argv[optind], strerror(errno));
		return 1;
	}
	setvbuf(writer.file, NULL, _IOFBF, 1 << 20);
	if (writer.pcapng)
		write_pcapng_header(&writer);
	else
		write_pcap_header(&writer);
	for (unsigned long i = 0; i < packets && !ferror(writer.file); i++) {
		const unsigned len = frame_next(&source, frame);

		write_packet(&writer, time, frame, len);
		time += 1000 + frame_random(&source) % 19001;
	}
	if (fflush(writer.file) || ferror(writer.file)) {
		fprintf(stderr, "gencap: %s: %s\n", argv[optind], strerror(errno));
		return 1;
	}
	return writer.file == stdout ? 0 : fclose(writer.file) != 0;
}

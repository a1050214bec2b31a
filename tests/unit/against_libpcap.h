/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads the same bytes with our reader and with libpcap and compares what comes out: every packet's lengths, time and
 * bytes, and whether the file ends well. Only the differences that flowspaces/user/savefile.h documents are let pass.
 */
#ifndef FFPF_TESTS_AGAINST_LIBPCAP_H
#define FFPF_TESTS_AGAINST_LIBPCAP_H

#include "capture.h"
#include "flowspaces/user/savefile.h"

#include <pcap/pcap.h>

struct against {
	struct ffpf_savefile *ours;
	pcap_t *theirs;
	bool pcapng, nanoseconds, swapped;
	bool mixed; /* sections of both byte orders, whose lengths libpcap misreads */
	bool times; /* compare time stamps */
	unsigned packets;
	char report[256];
};

static inline pcap_t *against_open_theirs(const uint8_t *data, size_t size, char *why)
{
	FILE *file = size ? fmemopen((void *)data, size, "r") : fopen("/dev/null", "r");
	pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);

	if (!pcap)
		fclose(file);
	return pcap;
}

static inline uint64_t against_time(const struct against *run, const struct pcap_pkthdr *header)
{
	uint64_t seconds = (uint64_t)header->ts.tv_sec, fraction = (uint64_t)header->ts.tv_usec;

	if (!run->pcapng) {
		/* libpcap reads both as signed where the byte order is the machine's. */
		seconds = (uint32_t)seconds;
		fraction =
			run->nanoseconds ? (uint32_t)fraction : (uint64_t)(uint32_t)(header->ts.tv_usec / 1000) * 1000;
	}
	return seconds * UINT64_C(1000000000) + fraction;
}

/* Pseudo-headers that libpcap turns round in files of the other byte order. */
static inline bool against_pseudo_header(int dlt)
{
	return dlt == 189 || dlt == 220 || dlt == 239 || dlt == 258 || dlt == 113 || dlt == 117;
}

static inline bool against_packet(struct against *run, const struct ffpf_packet *ours, const struct pcap_pkthdr *theirs,
				  const uint8_t *bytes)
{
	const char *what = NULL;

	if (ours->caplen != theirs->caplen || ours->len != theirs->len)
		what = "lengths";
	else if (run->times && ours->time_ns != against_time(run, theirs))
		what = "time";
	else if (ours->linktype != pcap_datalink(run->theirs))
		what = "link type";
	else if (memcmp(ours->data, bytes, ours->caplen) && !(run->swapped && against_pseudo_header(ours->linktype)))
		what = "bytes";
	if (what)
		snprintf(run->report, sizeof(run->report),
			 "%s of packet %u, link type %u: ours caplen %u len %u time %llu, libpcap's %u %u %llu", what,
			 run->packets + 1, ours->linktype, ours->caplen, ours->len, (unsigned long long)ours->time_ns,
			 theirs->caplen, theirs->len, (unsigned long long)against_time(run, theirs));
	return !what;
}

/* libpcap gives up where we go on, as documented. */
static inline bool against_gives_up(const char *why)
{
	return strstr(why, "different") || strstr(why, "more than one");
}

static inline bool against_packets(struct against *run)
{
	for (;;) {
		struct ffpf_packet packet;
		struct pcap_pkthdr *header;
		const uint8_t *bytes;
		const char *why = "";
		int theirs = pcap_next_ex(run->theirs, &header, &bytes);
		int ours = 0;

		if (theirs == -1 && run->pcapng && (run->mixed || against_gives_up(pcap_geterr(run->theirs))))
			return true;
		ours = ffpf_savefile_read(run->ours, &packet, 1, -1, &why);
		if ((ours == 1) != (theirs == 1) || (ours == 0) != (theirs == -2)) {
			snprintf(run->report, sizeof(run->report),
				 "after packet %u: we say %d %.100s, libpcap %d %.60s", run->packets, ours,
				 ours < 0 ? why : "", theirs, theirs == -1 ? pcap_geterr(run->theirs) : "");
			return false;
		}
		if (ours != 1)
			return true;
		if (!against_packet(run, &packet, header, bytes))
			return false;
		run->packets++;
	}
}

static inline bool against_mixed(const uint8_t *data, size_t size)
{
	unsigned orders = 0;

	for (size_t i = 0; i + 12 <= size; i += 4)
		if (!memcmp(data + i, "\n\r\r\n", 4))
			orders |= !memcmp(data + i + 8, "\x4d\x3c\x2b\x1a", 4)	 ? 1
				  : !memcmp(data + i + 8, "\x1a\x2b\x3c\x4d", 4) ? 2
										 : 0;
	return orders == 3;
}

/* True when both agree; else run->report says how they differ. run->times is the caller's; data must outlive the call.
 */
static inline bool against_libpcap(struct against *run, const uint8_t *data, size_t size)
{
	char their_why[PCAP_ERRBUF_SIZE] = "", our_why[FFPF_SAVEFILE_WHY] = "";
	uint32_t magic = 0;
	bool same;

	run->packets = 0;
	run->report[0] = '\0';
	if (size >= 4)
		memcpy(&magic, data, 4);
	run->pcapng = magic == 0x0a0d0d0a;
	run->swapped = run->pcapng ? size > 8 && data[8] != 0x4d : (uint16_t)magic == 0xb2a1;
	run->mixed = run->pcapng && against_mixed(data, size);
	run->nanoseconds = magic == 0xa1b23c4d || magic == 0x4d3cb2a1;
	run->theirs = against_open_theirs(data, size, their_why);
	int err = ffpf_savefile_open_fd(capture_fd(data, size), "memory", &run->ours, our_why, sizeof(our_why));
	if (err || !run->theirs) {
		same = (err && !run->theirs) || strstr(our_why, "which does not exist") ||
		       (run->pcapng && (run->mixed || against_gives_up(their_why)));
		/* libpcap does not look at a second section header before the first interface; we do. */
		same = same || (run->pcapng && (strstr(our_why, "has pcapng version") || strstr(our_why, "section")));
		/* gzip is ours alone. */
		same = same || (size > 2 && data[0] == 0x1f && data[1] == 0x8b);
		if (!same)
			snprintf(run->report, sizeof(run->report), "opening: we say %d %.100s, libpcap %.100s", err,
				 our_why, their_why);
	} else {
		same = against_packets(run);
	}
	if (!err)
		ffpf_savefile_close(run->ours);
	if (run->theirs)
		pcap_close(run->theirs);
	return same;
}

#endif

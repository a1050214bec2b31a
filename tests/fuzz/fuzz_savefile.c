/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz target: any bytes as a savefile. Our reader must agree with libpcap on every packet and on whether the file ends
 * well; the same bytes in gzip must give the same number of packets. Times are compared for pcap only: in pcapng
 * libpcap's arithmetic overflows for resolutions that ours still counts in.
 */
#include "tests/unit/against_libpcap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Packets read in batches, every byte of them touched. */
static unsigned count(const struct capture *capture, uint32_t *sum)
{
	char why[FFPF_SAVEFILE_WHY];
	struct ffpf_savefile *file;
	struct ffpf_packet packets[16];
	const char *message;
	unsigned n = 0;
	int found;

	*sum = 0;
	if (ffpf_savefile_open_fd(capture_fd(capture->data, capture->size), "memory", &file, why, sizeof(why)))
		return 0;
	while ((found = ffpf_savefile_read(file, packets, 16, -1, &message)) > 0)
		for (int i = 0; i < found; i++, n++)
			for (uint32_t j = 0; j < packets[i].caplen; j++)
				*sum = *sum * 31 + packets[i].data[j];
	if (found < 0 && (!message[0] || ffpf_savefile_read(file, packets, 16, -1, &message) != found))
		abort();
	ffpf_savefile_close(file);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct against run = {.times = size >= 4 && memcmp(data, "\n\r\r\n", 4)};
	struct capture plain = {.data = (uint8_t *)data, .size = size}, packed = {0};
	uint32_t sum, packed_sum;

	if (!against_libpcap(&run, data, size)) {
		fprintf(stderr, "%s\n", run.report);
		abort();
	}
	unsigned n = count(&plain, &sum);
	if (size < 2 || data[0] != 0x1f || data[1] != 0x8b) {
		capture_gzip(&packed, data, size);
		if (count(&packed, &packed_sum) != n || sum != packed_sum)
			abort();
		capture_free(&packed);
	}
	return 0;
}

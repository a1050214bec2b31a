/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The C API by example: counts the TCP packets of a savefile, and shows the first of them.
 *
 *     cc example.c -o example $(pkg-config --cflags --libs ffpf)
 *     ./example trace.pcap
 */
#include <ffpf/ffpf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * $FILE is filled in below: text that comes from elsewhere goes in as a definition, so that quotes in it can do no
 * harm. export=packets lets us read what leaves the filter; name= says under which name.
 */
static const char graph[] = "[pcap \"$FILE\"] > (BPF, \"tcp\", name=web, export=packets) > (pktcount, name=count)";

enum { SHOW = 5, BATCH = 64 };

/* Takes what is there; shows the first few packets. */
static void read_packets(struct ffpf *h, uint64_t *seen, uint64_t *lost)
{
	struct ffpf_packet packets[BATCH];
	uint64_t lapped;
	int n;

	/* ffpf_read never waits. The bytes of a packet stay valid until the next call for the same function. */
	while ((n = ffpf_read(h, "web", packets, NULL, BATCH, &lapped)) > 0) {
		*lost += lapped;
		for (int i = 0; i < n; i++, ++*seen)
			if (*seen < SHOW)
				printf("packet %" PRIu64 ": %u bytes, the first is 0x%02x\n", *seen, packets[i].len,
				       packets[i].data[0]);
	}
}

/* The counters of every function, and the state of those that keep some. No knowledge of classes is needed. */
static void print_results(struct ffpf *h)
{
	struct ffpf_stats *stats;

	if (ffpf_stats_get(h, &stats))
		return;
	for (size_t i = 0; i < stats->n_functions; i++) {
		const struct ffpf_function_stats *f = &stats->functions[i];

		printf("%s at %s: in %" PRIu64 " out %" PRIu64 " filtered %" PRIu64 " lost %" PRIu64, f->name,
		       f->flowspace, f->packets_in, f->packets_out, f->filtered, f->lost);
		for (size_t k = 0; k < f->n_results; k++)
			if (f->results[k].n == 1)
				printf(" %s=%.0f", f->results[k].name, f->results[k].number);
		putchar('\n');
	}
	ffpf_stats_free(stats);
}

/* From text to running: each step may fail, and says why. */
static int start(struct ffpf *h)
{
	/* Parse, resolve, place. What is wrong with the text is told with its place; nothing has been loaded yet. */
	if (ffpf_populate(h, "example", graph, 0)) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		return 2;
	}
	/* Buffers, programs, files. -EPERM and -EOPNOTSUPP mean that the machine does not let us. Then let packets
	 * flow. */
	if (ffpf_instantiate(h) || ffpf_activate(h)) {
		fprintf(stderr, "example: %s\n", ffpf_error(h));
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct ffpf_define file = {.name = "FILE", .value = argv[1]};
	/* All other options zero: the defaults. A slow reader is waited for here, so that none of its packets is
	 * overwritten. */
	struct ffpf_options options = {.defines = &file, .n_defines = 1, .slow_reader = true};
	uint64_t seen = 0, lost = 0;
	struct ffpf *h;
	int status, left;

	if (argc != 2) {
		fprintf(stderr, "usage: example SAVEFILE\n");
		return 2;
	}
	h = ffpf_create(&options);
	if (!h)
		return 1;
	status = start(h);
	if (status == 0) {
		/* Returns when a packet is there for us, when the graph has ended, or after 0.1 s. */
		do {
			left = ffpf_wait(&h, 1, 1, 100000);
			read_packets(h, &seen, &lost);
		} while (left > 0);
		/* Detach and let buffered packets through; what is left is still readable, like the results. */
		ffpf_deactivate(h);
		read_packets(h, &seen, &lost);
		printf("read %" PRIu64 " packets, %" PRIu64 " lost\n", seen, lost);
		print_results(h);
		if (left < 0) {
			fprintf(stderr, "example: %s\n", ffpf_error(h));
			status = 1;
		}
	}
	/* Frees everything, from whatever state. */
	ffpf_close(h);
	return status;
}

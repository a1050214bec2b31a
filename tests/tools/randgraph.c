/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * randgraph: prints the random flowgraph of a seed, the one that tests/unit/test_random.c speaks of.
 *
 *     randgraph [-l] [-w PREFIX] SEED
 *
 * -l: with [dev lo] as its sources. -w: writes the savefiles too, as PREFIX0.pcap …, and prints the command that runs
 * them.
 */
#include "../unit/random_graph.h"

#include <getopt.h>

static int save(const char *prefix, unsigned i, const struct capture *capture)
{
	char name[4096];
	FILE *file;
	bool written;

	snprintf(name, sizeof(name), "%s%u.pcap", prefix, i);
	file = fopen(name, "w");
	if (!file) {
		perror(name);
		return -1;
	}
	written = fwrite(capture->data, 1, capture->size, file) == capture->size;
	if (fclose(file) != 0 || !written) {
		perror(name);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *prefix = NULL;
	struct random_graph graph;
	bool live = false;
	uint64_t seed;
	int option, status = 0;

	while ((option = getopt(argc, argv, "lmw:")) != -1) {
		if (option == 'l')
			live = true;
		else if (option == 'm')
			random_graph_maps = true;
		else if (option == 'w')
			prefix = optarg;
		else
			return 2;
	}
	if (optind != argc - 1) {
		fprintf(stderr, "usage: %s [-l] [-m] [-w PREFIX] SEED\n", argv[0]);
		return 2;
	}
	seed = strtoull(argv[optind], NULL, 0);
	random_graph_make(seed, live, &graph);
	if (prefix)
		printf("# ffpf --replay -f GRAPH");
	for (unsigned i = 0; prefix && i < graph.n_sources; i++) {
		struct capture capture;

		random_capture(seed + i, graph.linktypes[i], RANDOM_PACKETS, &capture);
		status |= save(prefix, i, &capture) < 0;
		capture_free(&capture);
		printf(" -D F%u=%s%u.pcap", i, prefix, i);
	}
	printf("%s%s", prefix ? "\n" : "", graph.text);
	free(graph.text);
	return status;
}

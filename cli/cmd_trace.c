/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf trace: a run whose result are the ways of its first packets. A packet is printed when it was there a tick before
 * already, for on its way up it may have to wait for a reader; at the end all are.
 */
#include "cli.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_US 200000
#define PACKETS 10

/* Of a packet's number. */
enum { NEW, SEEN, PRINTED };

struct trace {
	struct cli *cli;
	struct ffpf *h;
	char *known;
	size_t n_known;
	unsigned printed;
	int status;
};

static bool know(struct trace *t, unsigned number)
{
	size_t n = t->n_known ? t->n_known : 64;
	char *grown;

	if (number < t->n_known)
		return true;
	while (n <= number)
		n *= 2;
	grown = realloc(t->known, n);
	if (!grown)
		return false;
	memset(grown + t->n_known, NEW, n - t->n_known);
	t->known = grown;
	t->n_known = n;
	return true;
}

static void print(struct trace *t, const struct ffpf_traced_packet *packet)
{
	t->printed++;
	if (t->cli->json)
		trace_print_json(stdout, packet, t->printed);
	else
		trace_print(stdout, packet, t->printed, colour_wanted(t->cli, stdout));
}

/* False when there is no more to be done. */
static bool show(struct trace *t, bool all)
{
	struct ffpf_trace_list *list;

	if (ffpf_trace_get(t->h, &list) < 0)
		return false;
	for (size_t i = 0; i < list->n && t->printed < t->cli->options.trace_packets; i++) {
		const struct ffpf_traced_packet *packet = &list->packets[i];

		if (!know(t, packet->number))
			break;
		if (t->known[packet->number] == PRINTED)
			continue;
		if (all || t->known[packet->number] == SEEN) {
			print(t, packet);
			t->known[packet->number] = PRINTED;
		} else {
			t->known[packet->number] = SEEN;
		}
	}
	ffpf_trace_free(list);
	if (!finish_output(stdout)) {
		t->status = EXIT_FAILED;
		return false;
	}
	return t->printed < t->cli->options.trace_packets;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(struct trace *t, int error)
{
	if (t->status == EXIT_DONE)
		complain("%s", *ffpf_error(t->h) ? ffpf_error(t->h) : strerror(-error));
	t->status = EXIT_FAILED;
}

static void follow(struct trace *t)
{
	double start = now(), end = t->cli->duration_s;
	int left = 1;

	while (!signals_interrupted() && left > 0 && (end <= 0 || now() - start < end)) {
		left = ffpf_wait(&t->h, 1, 0, TICK_US);
		if (left == -EINTR)
			left = 1;
		print_notices(t->cli, t->h);
		if (!show(t, false))
			break;
	}
	if (left < 0)
		fail(t, left);
	left = ffpf_deactivate(t->h);
	if (left < 0)
		fail(t, left);
	left = ffpf_running(t->h);
	if (left < 0)
		fail(t, left);
	show(t, true);
	print_notices(t->cli, t->h);
	if (t->printed < t->cli->options.trace_packets && !t->cli->quiet)
		fprintf(stderr, "ffpf: notice: %u packet%s followed, of %u asked for\n", t->printed,
			t->printed == 1 ? "" : "s", t->cli->options.trace_packets);
}

int cmd_trace(struct cli *cli)
{
	struct trace t = {.cli = cli};
	int error;

	if (!cli->options.trace_packets)
		cli->options.trace_packets = PACKETS;
	if (cli->options.trace_packets > FFPF_TRACE_MOST) {
		complain("-c: at most %u packets can be followed", FFPF_TRACE_MOST);
		return EXIT_REQUEST;
	}
	cli->options.stdout_taken = true;
	cli->options.drop_privileges = true;
	signals_catch(cli->duration_s);
	t.status = request_populate(cli, false, &t.h);
	signals_populated();
	if (t.status == EXIT_DONE)
		t.status = request_instantiate(cli, t.h);
	else if (signals_interrupted() || signals_late())
		t.status = EXIT_FAILED;
	if (t.status == EXIT_DONE) {
		error = ffpf_activate(t.h);
		if (error) {
			fail(&t, error);
			t.status = request_status(error);
		} else {
			print_notices(cli, t.h);
			follow(&t);
		}
	}
	ffpf_close(t.h);
	free(t.known);
	return t.status;
}

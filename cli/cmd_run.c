/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf run: activate, wait, print.
 *
 * It ends with the input, with -d, with a signal (signals.c), or when somebody asks for it at the control socket.
 */
#include "cli.h"
#include "control.h"
#include "ship.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How long a wait may be: a signal that comes just before it is noticed after it. */
/* Rows of a table, if not asked for otherwise. */
#define ROWS_SHOWN 10
#define TICK_S 0.1
#define CONTROL_TICK_S 0.02 /* while somebody may ask at the control socket */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct run {
	struct cli *cli;
	struct ffpf *h;
	FILE *out; /* of the table */
	struct progress *progress;
	struct control *control;
	struct ship *ship;
	struct events *events;
	double started;
	struct ffpf_stats *previous; /* of the last interval */
	bool begun;
	int status;
};

static void fail(struct run *run, int error)
{
	const char *message = ffpf_error(run->h);

	progress_erase(run->progress);
	/* The same failure may show in more than one call. */
	if (run->status == EXIT_DONE)
		complain("%s", message && *message ? message : strerror(-error));
	run->status = run->status == EXIT_DONE ? EXIT_FAILED : run->status;
}

/* Prints what is known now. last: the final results. false when nobody can read them any more. */
static bool report(struct run *run, bool last)
{
	struct cli *cli = run->cli;
	FILE *out = cli->json ? stdout : run->out;
	struct ffpf_stats *stats = NULL;
	int error;

	if (cli->quiet && !cli->json)
		return true;
	error = ffpf_stats_get(run->h, &stats);
	if (error) {
		fail(run, error);
		return true;
	}
	progress_erase(run->progress);
	if (cli->json) {
		error = json_results(stdout, run->h, stats, cli->interval_s > 0);
	} else {
		/* The last table's rates are those of the whole run. */
		results_print(out, stats, last ? NULL : run->previous,
			      cli->options.table_rows ? cli->options.table_rows : ROWS_SHOWN, colour_wanted(cli, out));
		if (!last)
			fputc('\n', out);
	}
	ffpf_stats_free(run->previous);
	run->previous = stats;
	if (finish_output(out) && !error)
		return true;
	if (run->status == EXIT_DONE)
		run->status = EXIT_FAILED;
	return false;
}

/* What has come up since the graph runs: a replaced function has things to say. */
static void show_notices(struct run *run)
{
	if (!ffpf_notice(run->h, run->cli->n_notices))
		return;
	progress_erase(run->progress);
	print_notices(run->cli, run->h);
}

/* Every function that is made from a file: calls `what`, or says whether there is one. */
static bool each_replaceable(struct run *run, void (*what)(struct run *run, const char *function))
{
	const char *name;
	bool some = false;

	for (size_t i = 0; (name = ffpf_function_name(run->h, i)); i++) {
		if (!ffpf_replaceable(run->h, name))
			continue;
		some = true;
		if (what)
			what(run, name);
	}
	return some;
}

/* A new version that is no good is said, and the old one runs on. */
static void reload(struct run *run, const char *function)
{
	int error = ffpf_replace(run->h, function, NULL);

	progress_erase(run->progress);
	if (error)
		complain("%s stays as it is: %s", function, ffpf_error(run->h));
	else if (!run->cli->quiet)
		fprintf(stderr, "ffpf: notice: %s: its file was read again\n", function);
	show_notices(run);
}

/* Until the end of the input, of the time, or a signal. */
static void loop(struct run *run)
{
	double start = run->started, interval = run->cli->interval_s, end = run->cli->duration_s, next = interval;

	while (!signals_interrupted()) {
		double elapsed = now() - start, wait = run->control ? CONTROL_TICK_S : TICK_S;
		int left;

		if (end > 0 && elapsed >= end)
			return;
		if (signals_reload())
			each_replaceable(run, reload);
		if (control_serve(run->control, run->h))
			return;
		show_notices(run);
		ship_serve(run->ship, run->h, elapsed);
		if (interval > 0 && elapsed >= next) {
			if (!report(run, false))
				return;
			/* A late interval is not made up for by a short one. */
			while (next <= elapsed)
				next += interval;
			continue;
		}
		if (end > 0 && end - elapsed < wait)
			wait = end - elapsed;
		if (interval > 0 && next - elapsed < wait)
			wait = next - elapsed;
		left = ffpf_wait(&run->h, 1, 0, (uint64_t)(wait * 1e6) + 1);
		if (left < 0 && left != -EINTR) {
			fail(run, left);
			return;
		}
		if (left == 0)
			return;
		progress_draw(run->progress);
	}
}

static void run_graph(struct run *run)
{
	int error;

	error = ffpf_activate(run->h);
	if (error) {
		fail(run, error);
		run->status = request_status(error);
		return;
	}
	run->begun = true;
	print_notices(run->cli, run->h);
	if (each_replaceable(run, NULL))
		signals_reload_on_hangup();
	run->progress = progress_new(run->cli, run->h);
	run->started = now();
	loop(run);
	error = ffpf_running(run->h);
	if (error < 0)
		fail(run, error);
	error = ffpf_deactivate(run->h);
	if (error < 0)
		fail(run, error);
	/* What the last flush of a sink met shows only now. */
	error = ffpf_running(run->h);
	if (error < 0)
		fail(run, error);
	progress_erase(run->progress);
	print_notices(run->cli, run->h);
	ship_serve(run->ship, run->h, now() - run->started);
	report(run, true);
	progress_free(run->progress);
	ffpf_stats_free(run->previous);
}

int cmd_run(struct cli *cli)
{
	struct run run = {.cli = cli, .out = stdout};
	int status;

	cli->options.stdout_taken = cli->json;
	cli->options.drop_privileges = true;
	signals_catch(cli->duration_s);
	status = request_populate(cli, false, &run.h);
	signals_populated();
	if (status == EXIT_DONE)
		status = request_instantiate(cli, run.h);
	else if (signals_interrupted() || signals_late())
		status = EXIT_FAILED;
	/* Before anything is attached, and while the privileges are there that the path may need. */
	if (status == EXIT_DONE && cli->control)
		status = control_open(cli->control, &run.control);
	if (status == EXIT_DONE)
		status = ship_open(run.h, &run.ship);
	if (status == EXIT_DONE)
		status = events_open(cli, run.h, &run.events);
	if (status == EXIT_DONE) {
		if (ffpf_uses_stdout(run.h) || (cli->events && !strcmp(cli->events, "-")))
			run.out = stderr;
		run_graph(&run);
		status = run.status;
	}
	control_close(run.control);
	if (!ship_close(run.ship) && status == EXIT_DONE)
		status = EXIT_FAILED;
	ffpf_close(run.h);
	if (!events_close(run.events, run.begun) && status == EXIT_DONE)
		status = EXIT_FAILED;
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handing a program to the kernel: with the text that its instructions come from, without a log; one that is refused is
 * handed over once more with it, for the message. The call itself looks at nothing but the program, so that it may be
 * made in a thread of its own.
 */
#include <flowspaces/bpf/bpf.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOG_BYTES (1u << 20)

/* The log's last line that quotes a function ("; TEXT @ FILE:LINE"), and what was said after it. */
static void last_words(const char *log, char why[FFPF_WHY_MAX])
{
	const char *line = log, *next, *quoted = NULL, *said = log, *before = log;
	int length;

	for (; *line; line = next) {
		next = strchr(line, '\n');
		next = next ? next + 1 : line + strlen(line);
		if (!strncmp(line, "; ", 2))
			quoted = line + 2;
		if (!strncmp(line, "processed ", 10) || !strncmp(line, "verification time", 17) ||
		    !strncmp(line, "stack depth", 11))
			break;
		said = before; /* the instruction */
		before = line; /* what is wrong with it */
	}
	length = quoted ? (int)strcspn(quoted, "\n") : 0;
	if (quoted)
		snprintf(why, FFPF_WHY_MAX, "the kernel's verifier, at %.*s: %.*s", length > 140 ? 140 : length, quoted,
			 (int)(line - said), said);
	else
		snprintf(why, FFPF_WHY_MAX, "the kernel's verifier: %.*s", (int)(line - said), said);
	for (char *p = why; *p; p++)
		if (*p == '\n')
			*p = p[1] ? ' ' : '\0';
}

static void submit_logged(const struct ffpf_bpf_ops *ops, struct ffpf_bpf_job *job, struct bpf_prog_load_opts *opts)
{
	char *log = calloc(1, LOG_BYTES);

	if (!log) {
		job->fd = -ENOMEM;
		return;
	}
	opts->log_level = 1;
	opts->log_buf = log;
	opts->log_size = LOG_BYTES;
	job->fd = bpf_prog_load(ops->type, "ffpf", job->license, job->code.insns, job->code.n, opts);
	if (job->fd < 0) {
		job->fd = -errno;
		if (getenv("FFPF_VERIFIER_LOG"))
			fputs(log, stderr);
		last_words(log, job->why);
	}
	free(log);
}

void ffpf_bpf_job_describe(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph, struct ffpf_bpf_job *job)
{
	job->described = ffpf_bpf_lines_make(ops, graph, &job->code, true, &job->lines);
	job->fd = -ECANCELED;
}

void ffpf_bpf_job_submit(const struct ffpf_bpf_ops *ops, struct ffpf_bpf_job *job)
{
	const struct ffpf_bpf_lines *lines = &job->lines;
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = ops->program_flags,
		    .expected_attach_type = ops->attach_type);

	if (job->described) {
		opts.prog_btf_fd = (uint32_t)btf__fd(lines->btf);
		opts.func_info = lines->functions;
		opts.func_info_cnt = lines->n_functions;
		opts.func_info_rec_size = sizeof(*lines->functions);
		opts.line_info = lines->lines;
		opts.line_info_cnt = lines->n;
		opts.line_info_rec_size = sizeof(*lines->lines);
	}
	job->why[0] = '\0';
	job->fd = bpf_prog_load(ops->type, "ffpf", job->license, job->code.insns, job->code.n, &opts);
	if (job->fd >= 0)
		return;
	job->fd = -errno;
	if (job->fd == -EPERM)
		snprintf(job->why, FFPF_WHY_MAX,
			 "loading %s programs is not permitted: run as root, or give the command CAP_BPF, "
			 "CAP_NET_ADMIN and CAP_PERFMON",
			 ops->title);
	else if (job->fd ==
		 -E2BIG) /* its log would be a million lines of good instructions, and take five times as long */
		snprintf(job->why, FFPF_WHY_MAX,
			 "the kernel's verifier gave up: too many paths through %zu instructions", job->code.n);
	else
		submit_logged(ops, job, &opts);
}

int ffpf_bpf_job_again(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph, struct ffpf_bpf_job *job)
{
	char why[FFPF_WHY_MAX];
	int err;

	if (job->fd == -ECANCELED)
		ffpf_bpf_job_submit(ops, job);
	err = job->fd;
	/* A kernel without types of its own does not know the context of a function that it verifies by itself. */
	if ((err != -EINVAL && err != -EACCES && err != -EOPNOTSUPP) || !job->code.n_subprograms)
		return err;
	ffpf_bpf_lines_free(&job->lines);
	job->described = ffpf_bpf_lines_make(ops, graph, &job->code, false, &job->lines);
	memcpy(why, job->why, sizeof(why));
	ffpf_bpf_job_submit(ops, job);
	if (job->fd >= 0)
		return job->fd;
	memcpy(job->why, why, sizeof(why));
	return err;
}

int ffpf_bpf_load_code(const struct ffpf_bpf_ops *ops, const struct ffpf_graph *graph,
		       const struct ffpf_ebpf_program *code, const char *license, char why[FFPF_WHY_MAX])
{
	struct ffpf_bpf_job job = {.code = *code, .license = license};
	int fd;

	ffpf_bpf_job_describe(ops, graph, &job);
	fd = ffpf_bpf_job_again(ops, graph, &job);
	ffpf_bpf_lines_free(&job.lines);
	if (fd < 0)
		memcpy(why, job.why, FFPF_WHY_MAX);
	return fd;
}

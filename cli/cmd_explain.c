/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf explain: what was decided about a graph, in one of five forms.
 */
#include "cli.h"

int cmd_explain(struct cli *cli)
{
	enum ffpf_explain_form form = FFPF_EXPLAIN_TEXT;
	struct ffpf *h = NULL;
	int status, error;

	if (cli->dot + cli->json + cli->ir + cli->bpf > 1) {
		complain("one of --dot, --json, --ir and --bpf, please");
		return EXIT_REQUEST;
	}
	if (cli->dot)
		form = FFPF_EXPLAIN_DOT;
	if (cli->json)
		form = FFPF_EXPLAIN_JSON;
	if (cli->ir)
		form = FFPF_EXPLAIN_IR;
	if (cli->bpf)
		form = FFPF_EXPLAIN_BPF;
	status = request_populate(cli, false, &h);
	if (status == EXIT_DONE) {
		error = cli->no_probe ? 0 : ffpf_probe(h);
		/* Only two of the forms have a place for notices. */
		if (form != FFPF_EXPLAIN_TEXT && form != FFPF_EXPLAIN_JSON)
			print_notices(cli, h);
		if (!error)
			error = ffpf_explain(h, form, stdout, colour_wanted(cli, stdout));
		if (error)
			status = request_failed(cli, h, error);
	}
	ffpf_close(h);
	return status;
}

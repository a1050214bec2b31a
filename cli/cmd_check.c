/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf check: parse and place only. With --json the diagnostics are a document, for editors:
 *     {"ok":true,
 * "diagnostics":[{"severity","id","message","source","line","column","start","end","hint","labels":[…]}…]} Lines and
 * columns begin at 1; start and end are byte offsets.
 */
#include "cli.h"
#include <jansson.h>

static const char *const severities[] = {[FFPF_ERROR] = "error", [FFPF_WARNING] = "warning", [FFPF_NOTE] = "note"};

/* Adds where a span lies; a diagnostic without a place has no such keys. */
static void add_place(json_t *object, const struct ffpf_diags *diags, struct ffpf_span span)
{
	unsigned line, column;

	if (!span.source)
		return;
	ffpf_diags_locate(diags, span.source, span.start, &line, &column);
	json_object_set_new(object, "source", json_text(ffpf_diags_source_name(diags, span.source)));
	json_object_set_new(object, "line", json_integer(line));
	json_object_set_new(object, "column", json_integer(column));
	json_object_set_new(object, "start", json_integer(span.start));
	json_object_set_new(object, "end", json_integer(span.end));
}

static json_t *diag_object(const struct ffpf_diags *diags, const struct ffpf_diag *diag)
{
	json_t *object = json_object(), *labels = json_array();

	json_object_set_new(object, "severity", json_string(severities[diag->severity]));
	json_object_set_new(object, "id", json_string(ffpf_diag_id_name(diag->id)));
	json_object_set_new(object, "message", json_text(diag->message));
	add_place(object, diags, diag->span);
	for (unsigned i = 0; i < diag->n_secondary; i++) {
		json_t *label = json_object();

		json_object_set_new(label, "label", json_text(diag->secondary[i].label));
		add_place(label, diags, diag->secondary[i].span);
		json_array_append_new(labels, label);
	}
	json_object_set_new(object, "labels", labels);
	if (diag->hint)
		json_object_set_new(object, "hint", json_text(diag->hint));
	return object;
}

static int print_json(struct ffpf_diags *diags, bool ok)
{
	json_t *list = json_array(), *root;
	int error;

	for (const struct ffpf_diag *diag = ffpf_diags_first(diags); diag; diag = diag->next)
		json_array_append_new(list, diag_object(diags, diag));
	root = json_pack("{s:b, s:o}", "ok", ok, "diagnostics", list);
	error = root ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;
	putchar('\n');
	json_decref(root);
	return error;
}

int cmd_check(struct cli *cli)
{
	struct ffpf *h = NULL;
	int status = request_populate(cli, cli->json, &h);

	/* Without a handle there was no text to check, and the reason has been said. */
	if (cli->json && h && print_json(ffpf_diagnostics(h), status == EXIT_DONE))
		status = EXIT_FAILED;
	ffpf_close(h);
	return status;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One followed packet, for people
 *
 *     packet 1  12:01:02.123456789  98 bytes  IP 192.0.2.1:1234 > 198.51.100.2:80 tcp [S]
 *     level       function   class  result
 *     xdp         dev0                   1
 *     xdp         BPF0           1       1
 *     xdp → user  pbuf
 *     user        sample0        1       0  let go
 *     not dropped; sample0 was the first to let it go
 *
 * or as a document: {"packet":1,"time_ns":…,"source":"dev0","length":98,"text":"IP …","steps":[{"function":"BPF0",
 * "flowspace":"xdp","class":1,"result":1,"ends":false}, {"from":"xdp","to":"user","stub":"pbuf","arrived":true}…],
 * "verdict":"pass","let_go_by":"sample0"}. let_go_by is null when no function let it go.
 */
#include "cli.h"
#include "control.h"
#include <inttypes.h>
#include <string.h>
#include <time.h>

static void print_head(FILE *out, const struct ffpf_traced_packet *packet, unsigned number, bool colour)
{
	time_t seconds = (time_t)(packet->time_ns / 1000000000u);
	char when[32] = "";
	struct tm tm;

	if (packet->time_ns && localtime_r(&seconds, &tm))
		strftime(when, sizeof(when), "%H:%M:%S", &tm);
	fprintf(out, "%spacket %u%s  ", colour ? "\033[1m" : "", number, colour ? "\033[0m" : "");
	if (when[0])
		fprintf(out, "%s.%09" PRIu64 "  ", when, packet->time_ns % 1000000000u);
	fprintf(out, "%" PRIu32 " bytes  %s\n", packet->len, packet->text);
}

static const char *remark(const struct ffpf_trace_step *step)
{
	if (!step->function)
		return step->arrived ? "" : "did not arrive";
	if (!step->result)
		return "let go";
	return step->ends ? "no edge takes it" : "";
}

static void add_step(struct table *table, const struct ffpf_trace_step *step, bool first)
{
	if (!step->function) {
		table_cell(table, NULL, "%s → %s", step->flowspace, step->to);
		table_cell(table, NULL, "%s", step->stub);
		table_cell(table, NULL, NULL);
		table_cell(table, NULL, NULL);
	} else {
		table_cell(table, NULL, "%s", step->flowspace);
		table_cell(table, NULL, "%s", step->function);
		if (first)
			table_cell(table, NULL, NULL); /* the source: nothing came in */
		else
			table_cell(table, NULL, "%" PRIu32, step->class);
		table_cell(table, NULL, "%" PRIu32, step->result);
	}
	table_cell(table, !step->function && !step->arrived ? "31" : NULL, "%s", remark(step));
}

void trace_print(FILE *out, const struct ffpf_traced_packet *packet, unsigned number, bool colour)
{
	static const char *const headings[] = {"level", "function", "class", "result", ""};
	static const enum align alignment[] = {ALIGN_LEFT, ALIGN_LEFT, ALIGN_RIGHT, ALIGN_RIGHT, ALIGN_LEFT};
	struct table *table = table_new(5, headings, alignment);

	print_head(out, packet, number, colour);
	for (size_t i = 0; table && i < packet->n_steps; i++)
		add_step(table, &packet->steps[i], i == 0);
	if (table)
		table_print(table, out, colour);
	table_free(table);
	fputs(packet->dropped ? "dropped from the network" : "not dropped", out);
	if (packet->let_go_by)
		fprintf(out, "; %s was the first to let it go\n\n", packet->let_go_by);
	else
		fputs("; no function let it go\n\n", out);
}

static json_t *step_json(const struct ffpf_trace_step *step)
{
	if (!step->function)
		return json_pack("{s:s, s:s, s:s, s:b}", "from", step->flowspace, "to", step->to, "stub", step->stub,
				 "arrived", step->arrived);
	return json_pack("{s:o, s:s, s:I, s:I, s:b}", "function", json_text(step->function), "flowspace",
			 step->flowspace, "class", (json_int_t)step->class, "result", (json_int_t)step->result, "ends",
			 step->ends);
}

void trace_print_json(FILE *out, const struct ffpf_traced_packet *packet, unsigned number)
{
	json_t *steps = json_array(), *line;

	for (size_t i = 0; i < packet->n_steps; i++)
		json_array_append_new(steps, step_json(&packet->steps[i]));
	line = json_pack("{s:i, s:I, s:o, s:I, s:o, s:o, s:s, s:o}", "packet", (int)number, "time_ns",
			 (json_int_t)packet->time_ns, "source", json_text(packet->source), "length",
			 (json_int_t)packet->len, "text", json_text(packet->text), "steps", steps, "verdict",
			 packet->dropped ? "drop" : "pass", "let_go_by",
			 packet->let_go_by ? json_text(packet->let_go_by) : json_null());
	if (line) {
		json_dumpf(line, out, JSON_COMPACT);
		fputc('\n', out);
	}
	json_decref(line);
}

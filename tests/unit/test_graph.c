/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From text to placed graph, with the stand-ins of fakes.h. The golden files are tests/graph/<name>.t (see golden.h);
 * the wanted sections among graph, place, explain, dot and json are printed when there is no error, `error` when there
 * are diagnostics. `use` looks in tests/graph/use. Sizes and the class table are tested here in C.
 */
#include "golden.h"
#include "fakes.h"
#include <lib/graph/explain.h>
#include <time.h>

static const struct ffpf_variable variables[] = {{"DEV", "eth0"}};
static bool seen[FFPF_D_COUNT];

struct compiled {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	struct ffpf_graph *graph; /* NULL when resolving failed */
	int placed;
};

/* A text that begins so is resolved with standard output taken by the results. */
#define TAKEN "# results on standard output\n"

static struct compiled compile(const char *text, size_t len)
{
	struct compiled c = {.arena = ffpf_arena_new(), .diags = ffpf_diags_new(), .placed = -EINVAL};
	struct ffpf_parse_options parse = {variables, 1};
	struct ffpf_resolve_options options = {.base_dir = TEST_DIR "/graph/use",
					       .variables = variables,
					       .n_variables = 1,
					       .stdout_taken =
						       len >= strlen(TAKEN) && !strncmp(text, TAKEN, strlen(TAKEN))};
	uint32_t source = ffpf_diags_add_source(c.diags, "test", text, len);

	if (ffpf_resolve(c.arena, c.diags, ffpf_parse(c.arena, c.diags, source, &parse), &options, &c.graph) < 0)
		c.graph = NULL;
	if (c.graph)
		c.placed = ffpf_place(c.graph, fake_flowspaces, N_FAKE_FLOWSPACES);
	for (const struct ffpf_diag *diag = ffpf_diags_first(c.diags); diag; diag = diag->next)
		seen[diag->id] = true;
	return c;
}

static void compiled_free(struct compiled *c)
{
	ffpf_arena_free(c->arena);
	ffpf_diags_free(c->diags);
}

/* ---- golden files ---------------------------------------------------------------------------------------------- */

static void print_label(const struct ffpf_label *label, FILE *out)
{
	if (label->any)
		return;
	fputs(label->except ? "[else of" : "[", out);
	for (size_t i = 0; i < label->n_ranges; i++)
		fprintf(out, "%s%u..%u", i || label->except ? " " : "", label->ranges[i].lo, label->ranges[i].hi);
	fputs("]", out);
}

static void print_value(const struct ffpf_param *param, const struct ffpf_value *value, FILE *out)
{
	fprintf(out, " %s%s=", param->name, value->given ? "" : "*");
	if (value->s)
		fprintf(out, "'%s'", value->s);
	else if (param->type == FFPF_TYPE_FLOAT)
		fprintf(out, "%g", value->f);
	else if (param->type == FFPF_TYPE_IPV4)
		fprintf(out, "%u.%u.%u.%u/%d", value->bytes[0], value->bytes[1], value->bytes[2], value->bytes[3],
			(int)value->i);
	else
		fprintf(out, "%lld", (long long)value->i);
}

static void print_graph(const struct ffpf_graph *graph, FILE *out)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];
		const struct ffpf_instance *instance = &function->instance;

		assert_int_equal(function->id, i);
		fprintf(out, "%s: %s", instance->name, instance->class->name);
		for (size_t k = 0; k < instance->class->n_params; k++)
			if (instance->values[k].set)
				print_value(&instance->class->params[k], &instance->values[k], out);
		if (function->pin)
			fprintf(out, " @%s", function->pin);
		fputs(function->export_packets ? " export=packets"
		      : function->export_state ? " export=state"
					       : "",
		      out);
		if (function->n_in)
			fputs(" <", out);
		for (size_t k = 0; k < function->n_in; k++) {
			assert_int_equal(function->in[k]->order, k);
			fprintf(out, " %s", function->in[k]->from->instance.name);
			print_label(&function->in[k]->label, out);
		}
		for (size_t k = 0; k < function->n_sources; k++)
			fprintf(out, "%s%u", k ? "," : "  sources ", function->sources[k]);
		fputc('\n', out);
	}
}

static void print_place(const struct ffpf_graph *graph, FILE *out)
{
	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_function *function = graph->functions[i];

		fprintf(out, "%s: %s %08x\n", function->instance.name, function->level->name, function->flowid);
		for (size_t k = 0; k < function->n_refusals; k++)
			fprintf(out, "    %s: %s\n", function->refusals[k].flowspace->name,
				function->refusals[k].reason);
	}
}

static const char *const sections[] = {"graph", "place", "explain", "dot", "json", "error", NULL};

static void print_section(const struct compiled *c, const char *section, FILE *out)
{
	if (strcmp(section, "graph") == 0)
		print_graph(c->graph, out);
	else if (strcmp(section, "place") == 0)
		print_place(c->graph, out);
	else if (strcmp(section, "explain") == 0)
		ffpf_explain_text(c->graph, NULL, out, false);
	else if (strcmp(section, "dot") == 0)
		ffpf_explain_dot(c->graph, out);
	else if (strcmp(section, "json") == 0)
		ffpf_explain_json(c->graph, NULL, out);
}

static char *run_case(const char *source, size_t len, const char *expected)
{
	struct compiled c = compile(source, len);
	bool any = false;
	char *text;
	size_t text_len;
	FILE *out = open_memstream(&text, &text_len);

	for (size_t i = 0; c.placed == 0 && i < 5; i++) {
		char header[32];

		snprintf(header, sizeof(header), "-- %s\n", sections[i]);
		if (!strstr(expected, header))
			continue;
		any = true;
		fputs(header, out);
		print_section(&c, sections[i], out);
	}
	if (c.placed == 0 && !any) {
		fputs("-- graph\n", out);
		print_graph(c.graph, out);
	}
	if (ffpf_diags_first(c.diags)) {
		char *diags = NULL, *at;
		size_t diags_len;
		FILE *printed = open_memstream(&diags, &diags_len);

		fputs("-- error\n", out);
		ffpf_diags_print(c.diags, printed, false);
		fclose(printed);
		/* The folder of the sources is not part of what is expected. */
		while ((at = strstr(diags, TEST_DIR "/graph/use/")))
			memmove(at, at + strlen(TEST_DIR "/graph/use/"),
				strlen(at + strlen(TEST_DIR "/graph/use/")) + 1);
		fputs(diags, out);
		free(diags);
	}
	fclose(out);
	compiled_free(&c);
	return text;
}

static void test_golden_files(void **state)
{
	golden_folder(TEST_DIR "/graph", sections, run_case);
}

/* Every diagnostic of this part of the library has a case; FILE_FORMAT and DEVICE_LINK are the sources' own. */
static void test_every_diagnostic(void **state)
{
	for (int id = FFPF_D_NAME_REDEFINED; id <= FFPF_D_FILE_TWICE; id++)
		if (!seen[id] && id != FFPF_D_FILE_FORMAT && id != FFPF_D_DEVICE_LINK && id != FFPF_D_NAME_RESERVED)
			fail_msg("no case reports %s", ffpf_diag_id_name(id));
	assert_true(seen[FFPF_D_BARE_NAME]);
}

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

struct text {
	char *bytes;
	size_t len;
	FILE *file;
};

/* Compiles what was written to the file; fails when that takes longer than any quadratic algorithm would let it. */
static struct compiled text_end(struct text *text)
{
	struct timespec before, after;

	fclose(text->file);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	struct compiled c = compile(text->bytes, text->len);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	print_message("%zu bytes: %.0f ms\n", text->len,
		      (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6);
	free(text->bytes);
	return c;
}

static void text_begin(struct text *text)
{
	text->file = open_memstream(&text->bytes, &text->len);
}

static void test_long_chain(void **state)
{
	struct text text;

	text_begin(&text);
	fputs("[dev eth0]", text.file);
	for (unsigned i = 0; i < 10000; i++)
		fprintf(text.file, " > (BPF,\"%0900u\",name=f%u)", i, i);
	struct compiled c = text_end(&text);
	assert_int_equal(c.placed, 0);
	assert_int_equal(c.graph->n_functions, 10001);
	assert_int_equal(c.graph->n_edges, 10000);
	compiled_free(&c);
}

static void test_many_definitions(void **state)
{
	struct text text;

	text_begin(&text);
	fputs("d0 = [dev eth0]\n", text.file);
	for (unsigned i = 1; i < 20000; i++)
		fprintf(text.file, "d%u = d%u > [(BPF,\"x\") | (pktcount)]\n", i, i / 2);
	fputs("d0", text.file);
	for (unsigned i = 10000; i < 20000; i++)
		fprintf(text.file, " | d%u", i);
	struct compiled c = text_end(&text);
	assert_int_equal(c.placed, 0);
	compiled_free(&c);
}

static void test_wide(void **state)
{
	struct text text;

	text_begin(&text);
	fputs("[dev eth0] > [(pass)", text.file);
	for (unsigned i = 1; i < 900; i++)
		fputs("|(pass)", text.file);
	fputs("] > [(pass)", text.file);
	for (unsigned i = 1; i < 900; i++)
		fputs("|(pass)", text.file);
	fputs("] > (pktcount)", text.file);
	struct compiled c = text_end(&text);
	assert_int_equal(c.placed, 0);
	assert_int_equal(c.graph->n_edges, 900 + 900 * 900 + 900);
	compiled_free(&c);
}

static void assert_too_big(struct compiled *c)
{
	assert_null(c->graph);
	assert_int_equal(ffpf_diags_errors(c->diags), 1);
	assert_int_equal(ffpf_diags_first(c->diags)->id, FFPF_D_GRAPH_BIG);
	compiled_free(c);
}

static void test_too_many_edges(void **state)
{
	struct text text;

	text_begin(&text);
	fputs("[dev eth0]", text.file);
	for (unsigned i = 0; i < 3; i++) {
		fputs(" > [(pass)", text.file);
		for (unsigned k = 0; k < 1000; k++)
			fputs("|(pass)", text.file);
		fputs("]", text.file);
	}
	struct compiled c = text_end(&text);
	assert_too_big(&c);
}

/* Each definition uses the one before it twice: the ends double unless they are sets, and never become more than the
 * text can say. */
static void test_doubling(void **state)
{
	struct text text;

	text_begin(&text);
	fputs("d0 = (pass)\n", text.file);
	for (unsigned i = 1; i < 64; i++)
		fprintf(text.file, "d%u = [d%u | d%u]\n", i, i - 1, i - 1);
	fputs("[dev eth0] > d63 > (pktcount)", text.file);
	struct compiled c = text_end(&text);
	assert_int_equal(c.placed, 0);
	assert_int_equal(c.graph->n_edges, 2);
	compiled_free(&c);

	text_begin(&text);
	fputs("d0 = (pass)\n", text.file);
	for (unsigned i = 1; i < 30; i++)
		fprintf(text.file, "d%u = [1..%u: d%u | %u..99999: d%u]\n", i, 1000 - i, i - 1, 1001 - i, i - 1);
	fputs("[dev eth0] > d29 > (pktcount)", text.file);
	c = text_end(&text);
	compiled_free(&c);
}

static void test_too_many_sources(void **state)
{
	struct text text;

	text_begin(&text);
	fputs("[[dev e0]", text.file);
	for (unsigned i = 1; i < 257; i++)
		fprintf(text.file, "|[dev e%u]", i);
	fputs("] > (pktcount)", text.file);
	struct compiled c = text_end(&text);
	assert_too_big(&c);
}

static void test_many_mistakes(void **state)
{
	struct text text;

	text_begin(&text);
	for (unsigned i = 0; i < 20000; i++)
		fprintf(text.file, "def%u = (pktcount,n=3) > (nothing%u) > other%u\n", i, i, i);
	struct compiled c = text_end(&text);
	assert_null(c.graph);
	compiled_free(&c);
}

int main(void)
{
	/* test_every_diagnostic looks at what all the others reported. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_files),	 cmocka_unit_test(test_long_chain),
		cmocka_unit_test(test_many_definitions), cmocka_unit_test(test_wide),
		cmocka_unit_test(test_too_many_edges),	 cmocka_unit_test(test_doubling),
		cmocka_unit_test(test_too_many_sources), cmocka_unit_test(test_many_mistakes),
		cmocka_unit_test(test_every_diagnostic),
	};

	fake_classes_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The BPF class: mistakes are reported once, at the word of the expression where
 * they lie; demand, needs and the program are those of the source's link type.
 */
#include <ffpf/class.h>
#include <lib/ir/ir.h>
#include <lib/lang/arena.h>
#include <lib/lang/ast.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <errno.h>
#include <pcap/dlt.h>

extern const struct ffpf_class ffpf_class_BPF;

static struct ffpf_diags *diags;
static struct ffpf_arena *arena;
static struct ffpf_value values[2];
static struct ffpf_instance instance;
static struct ffpf_source_info ethernet = {.linktype = DLT_EN10MB, .snaplen = 65535},
			       raw = {.linktype = DLT_RAW, .snaplen = 65535};

/* An instance as resolve makes it of the graph text (BPF,"…"). */
static void make(const char *text)
{
	uint32_t source;
	const struct ffpf_ast *ast;
	const struct ffpf_ast_value *value;

	diags = ffpf_diags_new();
	arena = ffpf_diags_arena(diags);
	source = ffpf_diags_add_source(diags, "test", text, strlen(text));
	ast = ffpf_parse(arena, diags, source, &(struct ffpf_parse_options){0});
	assert_int_equal(ffpf_diags_errors(diags), 0);
	value = &ast->stmts[0].graph->args[0].value;
	values[0] =
		(struct ffpf_value){.set = true, .given = true, .s = value->text, .span = value->span, .ast = value};
	values[1] = (struct ffpf_value){.set = true};
	instance = (struct ffpf_instance){.class = &ffpf_class_BPF,
					  .name = "BPF0",
					  .values = values,
					  .diags = diags,
					  .arena = arena,
					  .input = &ethernet};
	assert_int_equal(ffpf_class_BPF.check(&instance), 0);
}

static int build(const struct ffpf_source_info *input)
{
	struct ffpf_program *p = ffpf_program_new(arena);
	struct ffpf_builder *b = ffpf_builder_new(p);
	ffpf_block accept = ffpf_ir_block(b), reject = ffpf_ir_block(b);

	instance.input = input;
	ffpf_builder_begin(b, 1, NULL, ffpf_ir_const(b, 1), ffpf_ir_var(b), accept, reject);
	return ffpf_class_BPF.build(&instance, b);
}

/* The graph with the place of the first complaint marked: what stands between « and ». */
static void expect(const char *text, const char *word, const char *message)
{
	const struct ffpf_diag *diag;

	make(text);
	assert_int_equal(build(&ethernet), -EINVAL);
	diag = ffpf_diags_first(diags);
	assert_non_null(diag);
	assert_int_equal(diag->id, FFPF_D_FILTER);
	if (strcmp(diag->message, message) || diag->span.end - diag->span.start != strlen(word) ||
	    strncmp(text + diag->span.start, word, strlen(word)))
		fail_msg("%s: '%s' at '%.*s'", text, diag->message, (int)(diag->span.end - diag->span.start),
			 text + diag->span.start);
	ffpf_diags_free(diags);
}

static void test_mistakes(void **state)
{
	const char *syntax = "can't parse filter expression: syntax error";

	expect("(BPF,\"tcp prot 80\")", "prot", syntax);
	expect("(BPF,\"tcp and port port 80\")", "port", syntax);
	expect("(BPF,\"(tcp or udp\")", "udp", syntax);
	expect("(BPF,\"tcp)\")", ")", syntax);
	expect("(BPF,\"ip[0 = 5 and tcp\")", "=", syntax);
	expect("(BPF,\"tcp and\")", "and", syntax);
	expect("(BPF,\"port nosuchport or tcp\")", "nosuchport", "unknown port 'nosuchport'");
	expect("(BPF,\"udp and tcp host 10.0.0.1\")", "tcp", "'tcp' modifier applied to host");
	expect("(BPF,\"tcp and udp\")", "\"tcp and udp\"", "expression rejects all packets");
	expect("(BPF,\"inbound\")", "\"inbound\"", "inbound/outbound not supported on Ethernet when reading savefiles");
}

/* Two sources of a kind make one complaint, a link type that the expression fits makes none. */
static void test_per_source(void **state)
{
	struct ffpf_source_info other = ethernet;

	make("(BPF,\"vlan\")");
	other.snaplen = 100;
	raw.snaplen = 65535;
	assert_int_equal(build(&ethernet), 0);
	assert_int_equal(ffpf_class_BPF.instance_needs(&instance), FFPF_NEED_VLAN);
	assert_int_equal(ffpf_class_BPF.demand(&instance), 14);
	assert_int_equal(build(&other), 0);
	assert_int_equal(build(&raw), -EINVAL);
	raw.snaplen = 1000;
	assert_int_equal(build(&raw), -EINVAL);
	assert_int_equal(ffpf_diags_errors(diags), 1);
	instance.diags = NULL;
	assert_int_equal(build(&raw), -EINVAL);
	instance.input = NULL;
	assert_int_equal(ffpf_class_BPF.demand(&instance), FFPF_ALL_BYTES);
	ffpf_diags_free(diags);
	make("(BPF,\"\")");
	assert_int_equal(build(&raw), 0);
	assert_int_equal(ffpf_class_BPF.instance_needs(&instance), 0);
	assert_int_equal(ffpf_class_BPF.demand(&instance), 0);
	ffpf_diags_free(diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_mistakes), cmocka_unit_test(test_per_source)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

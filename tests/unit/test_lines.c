/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel says of a program leads back to the flowgraph's text. */
#include <flowspaces/xdp/xdp.h>
#include <lib/run/handle.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

static const char text[] = "web = (BPF,\"tcp port 80\");\n[dev lo] > web > (pktcount)";

static struct ffpf *handle(void)
{
	struct ffpf *h = ffpf_create(NULL);

	if (geteuid() != 0) {
		ffpf_close(h);
		print_message("skipped: loading XDP programs needs root\n");
		skip();
	}
	assert_int_equal(ffpf_populate(h, "web.ffpf", text, 0), 0);
	return h;
}

static uint32_t origin_of(const struct ffpf_graph *graph, const char *class)
{
	for (uint32_t i = 0; i < graph->n_functions; i++)
		if (!strcmp(graph->functions[i]->instance.class->name, class))
			return i + 1;
	fail_msg("no %s", class);
	return 0;
}

static void refusal_names_the_function(void **state)
{
	struct ffpf *h = handle();
	const struct ffpf_graph *graph = ffpf_handle_run(h)->graph;
	/* r0 = 2; then r2, which nobody has written, is what pktcount asks for. */
	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
				   {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3},
				   {.code = BPF_ALU64 | BPF_ADD | BPF_X, .src_reg = 2},
				   {.code = BPF_JMP | BPF_EXIT}};
	struct ffpf_ebpf_line lines[] = {{0, 0, NULL},
					 {1, origin_of(graph, "BPF"), NULL},
					 {2, origin_of(graph, "pktcount"), NULL},
					 {3, 0, NULL}};
	struct ffpf_ebpf_program code = {.insns = insns, .n = 4, .lines = lines, .n_lines = 4};
	char why[FFPF_WHY_MAX] = "";

	assert_int_equal(ffpf_bpf_load_code(&ffpf_xdp_ops, graph, &code, "GPL", why), -EACCES);
	assert_non_null(strstr(why, "at (pktcount)"));
	assert_non_null(strstr(why, "R2 !read_ok"));
	/* Without lines it says what it can. */
	code.n_lines = 0;
	assert_int_equal(ffpf_bpf_load_code(&ffpf_xdp_ops, graph, &code, "GPL", why), -EACCES);
	assert_null(strstr(why, "pktcount"));
	assert_non_null(strstr(why, "R2 !read_ok"));
	ffpf_close(h);
}

static void loaded_programs_have_lines(void **state)
{
	struct ffpf *h = handle();
	const struct ffpf_graph *graph = ffpf_handle_run(h)->graph;
	struct bpf_insn insns[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS},
				   {.code = BPF_JMP | BPF_EXIT}};
	struct ffpf_ebpf_line lines[] = {{0, origin_of(graph, "BPF"), NULL}, {1, 0, NULL}};
	struct ffpf_ebpf_program code = {.insns = insns, .n = 2, .lines = lines, .n_lines = 2};
	struct bpf_line_info got[2] = {0};
	struct bpf_prog_info info = {
		.nr_line_info = 2, .line_info = (uintptr_t)got, .line_info_rec_size = sizeof(*got)};
	uint32_t size = sizeof(info);
	char why[FFPF_WHY_MAX] = "";
	int fd = ffpf_bpf_load_code(&ffpf_xdp_ops, graph, &code, "GPL", why);

	assert_true(fd >= 0);
	assert_int_equal(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	assert_int_equal(info.nr_line_info, 2);
	assert_int_equal(BPF_LINE_INFO_LINE_NUM(got[0].line_col), 1);
	assert_int_equal(BPF_LINE_INFO_LINE_COL(got[0].line_col), 7);
	close(fd);
	ffpf_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(refusal_names_the_function),
					   cmocka_unit_test(loaded_programs_have_lines)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Taps through the library: asked for at the wrong time they are refused, and nothing is there. What they bring is
 * tested with the command: tests/cli/tap.sh, tests/net/tap.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <ffpf/ffpf.h>

static void not_before_the_graph_runs(void **state)
{
	const struct ffpf_tap_request request = {.edge = "BPF0", .sink = "print"};
	struct ffpf *h = ffpf_create(NULL);
	struct ffpf_tap_info info;
	const char *name = NULL;

	assert_true(ffpf_tap(h, &request, &name) < 0);
	assert_null(name);
	assert_true(ffpf_untap(h, "tap0") < 0);
	assert_true(ffpf_tap_get(h, 0, &info) < 0);
	ffpf_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(not_before_the_graph_runs)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

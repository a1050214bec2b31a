/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The class dev: what it says of a device, and what it says when there is none. Only loopback is needed, and no
 * privilege.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <ffpf/class.h>
#include <flowspaces/bpf/device.h>
#include <lib/lang/arena.h>
#include <net/if.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct ffpf_class ffpf_class_dev;

enum { PARAMS = 5 };

struct fixture {
	struct ffpf_diags *diags;
	struct ffpf_value values[PARAMS];
	struct ffpf_instance instance;
};

/* A `dev` as the resolver makes it, with the defaults. The source text is only for the spans. */
static struct fixture *make(const char *device)
{
	static const char text[] = "[dev DEVICE dir=out]";
	struct fixture *f = calloc(1, sizeof(*f));
	uint32_t source;

	f->diags = ffpf_diags_new();
	source = ffpf_diags_add_source(f->diags, "test", text, strlen(text));
	f->values[0] = (struct ffpf_value){.set = true, .given = true, .s = device, .span = {source, 5, 11}};
	f->values[1] = (struct ffpf_value){.set = true, .span = {source, 16, 19}};
	f->instance = (struct ffpf_instance){
		.class = &ffpf_class_dev, .name = "dev0", .values = f->values, .diags = f->diags};
	return f;
}

static void drop(struct fixture *f)
{
	ffpf_diags_free(f->diags);
	free(f);
}

static void test_table(void **state)
{
	const struct ffpf_class *dev = &ffpf_class_dev;

	assert_int_equal(dev->abi, FFPF_CLASS_ABI);
	assert_int_equal(dev->role, FFPF_SOURCE);
	assert_null(dev->flowspace); /* which of them has it depends on dir */
	assert_int_equal(dev->n_params, PARAMS);
	for (size_t i = 0; i < dev->n_params; i++)
		assert_true(dev->params[i].name && dev->params[i].doc);
	assert_true(dev->params[0].flags & FFPF_PARAM_MAIN);
}

static void test_loopback(void **state)
{
	struct fixture *f = make("lo");
	struct ffpf_source_info info = {0};

	assert_int_equal(ffpf_class_dev.probe(&f->instance, &info), 0);
	assert_int_equal(info.linktype, DLT_EN10MB);
	assert_int_equal(info.ifindex, if_nametoindex("lo"));
	assert_int_equal(info.size, 0);
	assert_int_equal(ffpf_diags_errors(f->diags), 0);
	drop(f);
}

static void test_unknown(void **state)
{
	struct fixture *f = make("l0");
	struct ffpf_source_info info = {0};
	const struct ffpf_diag *diag;

	assert_int_equal(ffpf_class_dev.probe(&f->instance, &info), -ENODEV);
	diag = ffpf_diags_first(f->diags);
	assert_non_null(diag);
	assert_int_equal(diag->id, FFPF_D_DEVICE_UNKNOWN);
	assert_int_equal(diag->span.start, 5);
	assert_non_null(strstr(diag->message, "'l0'"));
	/* Another device of this machine may be as near. */
	assert_non_null(diag->hint);
	assert_non_null(strstr(diag->hint, "did you mean '"));
	drop(f);
}

/* A name that cannot be one, and one that is longer than any, are unknown devices too. */
static void test_odd_names(void **state)
{
	static const char *const names[] = {"",	   "a/b",  "../lo",   "a-name-much-longer-than-sixteen-bytes",
					    "lo ", "%s%n", "\xff\xfe"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct fixture *f = make(names[i]);
		struct ffpf_source_info info = {0};

		assert_int_equal(ffpf_class_dev.probe(&f->instance, &info), -ENODEV);
		assert_int_equal(ffpf_diags_errors(f->diags), 1);
		drop(f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_odd_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

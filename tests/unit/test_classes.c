/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of function classes: the built-in ones, what makes a class unusable, and users' shared objects. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <lib/graph/classes.h>

static int build(const struct ffpf_instance *instance, struct ffpf_builder *builder)
{
	return 0;
}

/* Every built-in class is usable, documented, and found by its name. */
static void test_builtin(void **state)
{
	size_t n = 0;

	for (; ffpf_class_at(n); n++) {
		const struct ffpf_class *class = ffpf_class_at(n);
		const char *fault = ffpf_class_fault(class);

		if (fault)
			fail_msg("%s", fault);
		assert_ptr_equal(ffpf_class_find(class->name), class);
		assert_non_null(class->help);
		assert_non_null(class->example);
		for (size_t i = 0; i < class->n_params; i++)
			assert_non_null(class->params[i].doc);
	}
	assert_true(n >= 8);
	assert_null(ffpf_class_at(n + 1));
	assert_null(ffpf_class_find("nothing"));
	assert_null(ffpf_class_find(""));
}

static void refused(const struct ffpf_class *class, const char *part)
{
	const char *why = NULL;

	assert_int_equal(ffpf_class_register(class, &why), -EINVAL);
	if (!why || !strstr(why, part))
		fail_msg("'%s' does not say '%s'", why ? why : "", part);
	assert_int_equal(ffpf_class_register(class, NULL), -EINVAL);
}

static void test_faults(void **state)
{
	static const char *const none[] = {NULL};
	struct ffpf_class good = {.abi = FFPF_CLASS_ABI, .name = "x", .role = FFPF_FUNCTION, .build = build}, class;
	struct ffpf_param params[2] = {{.name = "a", .type = FFPF_TYPE_COUNT}, {.name = "b", .type = FFPF_TYPE_COUNT}};
	struct ffpf_field field = {.name = "f", .cells = 1};

	assert_null(ffpf_class_fault(&good));
	refused(NULL, "missing");
#define BAD(change, part) (class = good, change, refused(&class, part))
	BAD(class.abi = 99, "version 99");
	BAD(class.name = NULL, "no name");
	BAD(class.name = "", "no name");
	BAD(class.name = "a b", "no name");
	BAD(class.name = "9a", "no name");
	BAD(class.name = "else", "reserved");
	BAD(class.role = 7, "role");
	BAD(class.build = NULL, "nothing could run it");
	BAD(class.role = FFPF_SOURCE, "neither source nor probe");
	BAD(class.n_params = 1, "1 parameters");
	BAD((class.params = params, class.n_params = 1000000), "parameters");
	BAD(class.n_fields = 1, "1 fields");
	static const struct ffpf_native no_native;
	static const struct ffpf_user_source no_source;
	BAD(class.native = &no_native, "lacks open");
	BAD(class.source = &no_source, "lacks open");

	good.params = params;
	good.n_params = 2;
	good.fields = &field;
	good.n_fields = 1;
	assert_null(ffpf_class_fault(&good));
#define BAD_PARAM(change, part)                                                                                        \
	do {                                                                                                           \
		struct ffpf_param saved = params[1];                                                                   \
		change;                                                                                                \
		refused(&good, part);                                                                                  \
		params[1] = saved;                                                                                     \
	} while (0)
	BAD_PARAM(params[1].name = NULL, "parameter 1");
	BAD_PARAM(params[1].name = "a", "two parameters 'a'");
	BAD_PARAM(params[1].name = "name", "every class has already");
	BAD_PARAM(params[1].name = "export", "every class has already");
	BAD_PARAM(params[1].type = 99, "no known type");
	BAD_PARAM(params[1].type = FFPF_TYPE_CHOICE, "no choices");
	BAD_PARAM((params[1].type = FFPF_TYPE_CHOICE, params[1].choices = none), "no choices");
	BAD_PARAM(params[1].def = "x", "default of 'b'");
	BAD_PARAM((params[1].def = "9", params[1].max = 8), "default of 'b'");
	params[0].flags = FFPF_PARAM_MAIN;
	BAD_PARAM(params[1].flags = FFPF_PARAM_MAIN, "two main");
	field.cells = 0;
	refused(&good, "no cells");
	field.flags = FFPF_FIELD_DERIVED;
	refused(&good, "no derive");
	field.name = NULL;
	refused(&good, "field 0");
	assert_null(ffpf_class_find("x"));
}

/* Loads a folder of modules; the first message, or "" when it went well. */
static char *load(const char *dir, int expected)
{
	struct ffpf_diags *diags = ffpf_diags_new();
	char *message;

	assert_int_equal(ffpf_class_load_path(dir, diags), expected);
	assert_int_equal(ffpf_diags_errors(diags), expected ? 1 : 0);
	message = strdup(expected ? ffpf_diags_first(diags)->message : "");
	ffpf_diags_free(diags);
	return message;
}

static void load_refused(const char *dir, int expected, const char *part)
{
	char *message = load(dir, expected);

	if (!strstr(message, part))
		fail_msg("'%s' does not say '%s'", message, part);
	free(message);
}

static void test_modules(void **state)
{
	char dir[] = "/tmp/ffpf-classes-XXXXXX", path[64];

	free(load(MODULE_DIR "/good", 0));
	assert_non_null(ffpf_class_find("mine"));
	load_refused(MODULE_DIR "/good", -EINVAL, "already a class 'mine'");
	load_refused(MODULE_DIR "/taken", -EINVAL, "already a class 'pktcount'");
	load_refused(MODULE_DIR "/faulty", -EINVAL, "no name");
	assert_null(ffpf_class_find("faulty"));
	load_refused(MODULE_DIR "/notable", -EINVAL, "no table 'ffpf_classes'");
	load_refused(MODULE_DIR "/there-is-none", -ENOENT, "can't be read");
	assert_non_null(mkdtemp(dir));
	free(load(dir, 0));
	snprintf(path, sizeof(path), "%s/text.so", dir);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("no shared object", file);
	fclose(file);
	load_refused(dir, -EINVAL, "text.so");
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtin),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

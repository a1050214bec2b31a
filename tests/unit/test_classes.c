/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of function classes: the built-in ones, what makes a class unusable, and users' shared objects. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>

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

/* A class inside another: arguments are texts as in a graph, defaults are filled in, mistakes stand at the call. */
static void test_call(void **state)
{
	const char *const good[] = {"10"}, *const bad[] = {"many"}, *const wrong[] = {"tcp port nowhere"};
	const struct ffpf_class *sample = ffpf_class_find("sample");
	struct ffpf_diags *diags = ffpf_diags_new();
	const struct ffpf_instance caller = {
		.class = sample, .name = "outer", .diags = diags, .arena = ffpf_diags_arena(diags)};
	uint32_t source = ffpf_diags_add_source(diags, "test", "sample(10)", 10);
	const struct ffpf_span span = {source, 0, 6};
	struct ffpf_instance called;

	assert_int_equal(ffpf_instance_call(&caller, sample, good, 1, span, &called), 0);
	assert_ptr_equal(called.class, sample);
	assert_int_equal(ffpf_instance_value(&called, "n")->i, 10);
	assert_true(ffpf_instance_value(&called, "n")->given);
	assert_false(ffpf_instance_value(&called, "p")->given);
	assert_int_equal(ffpf_diags_errors(diags), 0);
	/* a value of another type, one that is missing, and what the class itself finds */
	assert_int_equal(ffpf_instance_call(&caller, sample, bad, 1, span, &called), -EINVAL);
	assert_int_equal(ffpf_diags_errors(diags), 1);
	assert_int_equal(ffpf_instance_call(&caller, sample, NULL, 0, span, &called), -EINVAL);
	assert_int_equal(ffpf_diags_errors(diags), 2);
	for (const struct ffpf_diag *d = ffpf_diags_first(diags); d; d = d->next)
		assert_int_equal(d->span.source, source);
	assert_int_equal(ffpf_instance_call(&caller, ffpf_class_find("BPF"), wrong, 1, span, &called), 0);
	ffpf_diags_free(diags);
}

static bool exhausted(const struct ffpf_instance *instance, const uint64_t *cells)
{
	return false;
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
	BAD_PARAM(params[1].min = 1, "holds nothing");
	static const char *endless[300];
	for (size_t i = 0; i < 300; i++)
		endless[i] = "x";
	BAD_PARAM((params[1].type = FFPF_TYPE_CHOICE, params[1].choices = endless), "no end");
	params[0].flags = FFPF_PARAM_MAIN;
	BAD_PARAM(params[1].flags = FFPF_PARAM_MAIN, "two main");
	field.cells = 0;
	refused(&good, "no cells");
	field.flags = FFPF_FIELD_DERIVED;
	refused(&good, "no derive");
	field.name = NULL;
	refused(&good, "field 0");
#define BAD_FIELD(change, part)                                                                                        \
	do {                                                                                                           \
		field = (struct ffpf_field){.name = "f", .cells = 1};                                                  \
		change;                                                                                                \
		refused(&good, part);                                                                                  \
	} while (0)
	BAD_FIELD(field.cells = FFPF_FIELD_CELLS_MAX + 1, "4194305 cells");
	BAD_FIELD(field.merge = 9, "no known merge");
	BAD_FIELD(field.unit = 99, "no known merge or unit");
	BAD_FIELD((field.flags = FFPF_FIELD_PACKETS_IN, field.cells = 2), "one number");
	BAD_FIELD(field.flags = FFPF_FIELD_LINEAR, "without a width");
	BAD_FIELD((field.flags = FFPF_FIELD_LINEAR, field.width_param = "nothing"), "without a width");
	BAD_FIELD((field.flags = FFPF_FIELD_LINEAR, field.width_param = "a"), "without a width");
	struct ffpf_field twins[2] = {{.name = "f", .cells = 1}, {.name = "f", .cells = 1}};
	good.fields = twins;
	good.n_fields = 2;
	refused(&good, "two fields 'f'");
	twins[1].name = "g";
	twins[1].cells = 8;
	good.exhausted = exhausted;
	refused(&good, "more than 8 cells");
	assert_null(ffpf_class_find("x"));
}

static int builds_nothing(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	return 0;
}

static void no_rows(const struct ffpf_class_table *table, const uint64_t *cells,
		    const uint64_t *(*per_cpu)(const void *arg, unsigned cpu), unsigned n_cpus, const void *arg,
		    void (*row)(void *to, const void *key, const uint64_t *words), void *to)
{
}

/* What a class says of the records that it writes, and of the results of others that it reads. */
static void test_events_and_wanted(void **state)
{
	static const struct ffpf_member whole = {.name = "a", .count = 1, .size = 8};
	static const struct ffpf_member far = {.name = "a", .offset = 8, .count = 1, .size = 8};
	/* texts are of single numbers */
	static const char *const texts[] = {"none"};
	static const struct ffpf_member textless = {.name = "a", .count = 1, .size = 8, .n_texts = 1};
	static const struct ffpf_member named_address = {
		.name = "a", .count = 1, .size = 8, .kind = FFPF_MEMBER_HOST_IPV4, .texts = texts, .n_texts = 1};
	static const struct ffpf_member named_row = {.name = "a", .count = 2, .size = 4, .texts = texts, .n_texts = 1};
	struct ffpf_field fields[2];
	struct ffpf_class_event events[2];
	struct ffpf_wanted wanted;
	struct ffpf_class_table table;
	struct ffpf_class good = {.abi = FFPF_CLASS_ABI,
				  .name = "x",
				  .help = "x",
				  .role = FFPF_FUNCTION,
				  .build = builds_nothing,
				  .fields = fields,
				  .n_fields = 2,
				  .events = events,
				  .n_events = 1,
				  .wanted = &wanted,
				  .n_wanted = 1,
				  .tables = &table};

#define BAD_EVENT(change, part)                                                                                        \
	do {                                                                                                           \
		fields[0] = (struct ffpf_field){.name = "e.head", .cells = 1};                                         \
		fields[1] = (struct ffpf_field){.name = "e.ring", .cells = 16};                                        \
		events[0] = (struct ffpf_class_event){                                                                 \
			.name = "e", .slots = 8, .words = 2, .time = true, .members = {&whole, 1}};                    \
		events[1] = (struct ffpf_class_event){.name = "e", .slots = 8, .words = 2};                            \
		wanted = (struct ffpf_wanted){"f", "r", {0}};                                                          \
		good.n_events = good.n_wanted = 1;                                                                     \
		table = (struct ffpf_class_table){                                                                     \
			.name = "t", .kind = "x", .key_size = 8, .words = 1, .key = {&whole, 1}, .rows = no_rows};     \
		good.n_tables = 1;                                                                                     \
		assert_null(ffpf_class_fault(&good));                                                                  \
		change;                                                                                                \
		refused(&good, part);                                                                                  \
	} while (0)
	BAD_EVENT(events[0].name = NULL, "event 0 of 'x' has no name");
	BAD_EVENT(events[0].name = "a..b", "event 0 of 'x' has no name");
	BAD_EVENT(events[0].name = "a b", "event 0 of 'x' has no name");
	BAD_EVENT(good.n_events = 2, "two events 'e'");
	BAD_EVENT(good.n_events = 257, "257 events");
	BAD_EVENT(events[0].slots = 6, "6 slots of 2 words");
	BAD_EVENT(events[0].slots = 1, "1 slots of 2 words");
	BAD_EVENT(events[0].words = 0, "8 slots of 0 words");
	BAD_EVENT(events[0].words = 34, "8 slots of 34 words");
	BAD_EVENT(events[0].slots = 16, "no fields that hold its records");
	BAD_EVENT(events[0].field = 1, "no fields that hold its records");
	BAD_EVENT(events[0].field = UINT32_MAX, "no fields that hold its records");
	BAD_EVENT(fields[0].merge = FFPF_MERGE_SHARED, "no fields that hold its records");
	BAD_EVENT(fields[0].initial = 1, "no fields that hold its records");
	BAD_EVENT(fields[1].flags = FFPF_FIELD_PACKETS_IN, "'e.ring' of 'x' is one number");
	BAD_EVENT(events[0].members.list = &far, "describes members that it does not have");
	BAD_EVENT(events[0].members.list = &textless, "describes members that it does not have");
	BAD_EVENT(events[0].members.list = &named_address, "describes members that it does not have");
	BAD_EVENT(events[0].members.list = &named_row, "describes members that it does not have");
	BAD_EVENT(table.rows = NULL, "table 't' of 'x' is made of nothing");
	BAD_EVENT(table.field = 2, "table 't' of 'x' is made of nothing");
	BAD_EVENT(table.kind = NULL, "table 0 of 'x' has no name");
	BAD_EVENT(table.words = 33, "keys of 8 bytes and values of 33 words");
	BAD_EVENT(table.key_size = 65, "keys of 65 bytes");
	BAD_EVENT(table.key.list = &far, "describes keys or values");
	BAD_EVENT(table.name = "e.ring", "a field and a table 'e.ring'");
	BAD_EVENT(good.n_tables = 300, "300 tables");
	BAD_EVENT(wanted.function = NULL, "result 0 of others that 'x' reads has no name");
	BAD_EVENT(good.n_wanted = 1000, "1000 results of others");
	good.n_wanted = 0;
	good.build = NULL;
	good.native = &(const struct ffpf_native){.open = NULL};
	assert_non_null(ffpf_class_fault(&good));
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

static void copy_file(const char *from, const char *to, size_t bytes)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	int c;

	assert_non_null(in);
	assert_non_null(out);
	while (bytes-- && (c = getc(in)) != EOF)
		putc(c, out);
	fclose(in);
	fclose(out);
}

static void test_modules(void **state)
{
	free(load(MODULE_DIR "/good", 0));
	assert_non_null(ffpf_class_find("mine"));
	/* Another handle of the process wants the same classes: they are there. */
	free(load(MODULE_DIR "/good", 0));
	load_refused(MODULE_DIR "/taken", -EINVAL, "already a class 'pktcount'");
	load_refused(MODULE_DIR "/faulty", -EINVAL, "no name");
	assert_null(ffpf_class_find("faulty"));
	load_refused(MODULE_DIR "/notable", -EINVAL, "no table 'ffpf_classes'");
	load_refused(MODULE_DIR "/version", -EINVAL, "built for version");
	load_refused(MODULE_DIR "/endless", -EINVAL, "no end");
	assert_null(ffpf_class_find("endless0"));
	load_refused(MODULE_DIR "/lying", -EINVAL, "4294967295 cells");
	load_refused(MODULE_DIR "/there-is-none", -ENOENT, "can't be read");
	load_refused(MODULE_DIR "/good/good.so", -ENOTDIR, "can't be read");
}

/* Files that are no classes, or not any more. None may crash the dynamic linker, or hang it. */
static void test_files(void **state)
{
	static const size_t cuts[] = {0, 1, 4, 63, 64, 65, 200, 500, 1000, 4000, 4097, 8000};
	char dir[] = "/tmp/ffpf-classes-XXXXXX", path[64];

	assert_non_null(mkdtemp(dir));
	free(load(dir, 0));
	snprintf(path, sizeof(path), "%s/x.so", dir);
	copy_file(SOURCE_DIR "/LICENSE", path, SIZE_MAX);
	load_refused(dir, -EINVAL, "x.so: it is no shared object");
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		copy_file(MODULE_DIR "/good/good.so", path, cuts[i]);
		load_refused(dir, -EINVAL, "x.so: it is ");
	}
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	load_refused(dir, -EINVAL, "x.so: it is no file");
	rmdir(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	load_refused(dir, -EINVAL, "x.so: it is no file");
	unlink(path);
	assert_int_equal(symlink("nowhere", path), 0);
	load_refused(dir, -EINVAL, "x.so: No such file");
	unlink(path);
	/* Another object with a class of the same name is a mistake even if its code is the same. */
	free(load(MODULE_DIR "/good", 0));
	copy_file(MODULE_DIR "/good/good.so", path, SIZE_MAX);
	load_refused(dir, -EINVAL, "already a class 'mine'");
	if (geteuid() == 0) {
		assert_int_equal(seteuid(65534), 0);
		load_refused(dir, -EACCES, "can't be read");
		assert_int_equal(seteuid(0), 0);
	}
	unlink(path);
	rmdir(dir);
}

/* Handles of several threads load the same classes and look names up meanwhile. */
static void *load_often(void *arg)
{
	for (int i = 0; i < 50; i++) {
		struct ffpf_diags *diags = ffpf_diags_new();

		if (ffpf_class_load_path(MODULE_DIR "/good", diags) || !ffpf_class_find("mine") ||
		    !ffpf_class_find("pktcount"))
			*(bool *)arg = true;
		ffpf_diags_free(diags);
	}
	return NULL;
}

static void test_threads(void **state)
{
	pthread_t threads[4];
	bool wrong[4] = {false};

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, load_often, &wrong[i]), 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_false(wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_builtin),		  cmocka_unit_test(test_call),	  cmocka_unit_test(test_faults),
		cmocka_unit_test(test_events_and_wanted), cmocka_unit_test(test_modules), cmocka_unit_test(test_files),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

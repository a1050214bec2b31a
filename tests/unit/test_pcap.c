/* SPDX-License-Identifier: BSD-2-Clause */
/* The pcap source class: what probe says, located messages, and pipes that are probed before they are read. */
#include "capture.h"
#include "user_class.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <cmocka.h>

extern const struct ffpf_class ffpf_class_pcap, ffpf_class_write;

static const struct ffpf_user_source *source_of(const struct user_class *run)
{
	return run->instance.class->source;
}

static void begin(struct user_class *run, const char *file)
{
	user_class_init(run, &ffpf_class_pcap);
	user_class_set(run, "file", file);
	run->values[0].span = (struct ffpf_span){1, 6, 6 + (uint32_t)strlen(file)};
}

static void make(struct capture *capture, uint32_t linktype)
{
	*capture = (struct capture){0};
	capture_pcap(capture, 0xa1b2c3d4, 4, 1000, linktype);
	for (unsigned i = 0; i < 3; i++)
		capture_record(capture, i, 1, 2, 60, 60);
}

static unsigned read_all(struct user_class *run, int *end)
{
	struct ffpf_packet packets[2];
	unsigned n = 0;

	while ((*end = source_of(run)->read(run->object, packets, 2, 1000, &run->why)) > 0)
		n += (unsigned)*end;
	return n;
}

static void a_file_is_probed_and_read(void **state)
{
	struct ffpf_source_info info;
	struct capture capture;
	struct user_class run;
	char name[64];
	int end;

	make(&capture, 101);
	capture_save(&capture, name);
	begin(&run, name);
	for (int twice = 0; twice < 2; twice++) {
		assert_int_equal(run.instance.class->probe(&run.instance, &info), 0);
		assert_int_equal(info.linktype, 12);
		assert_int_equal(info.snaplen, 1000);
		assert_int_equal(info.size, capture.size);
		assert_int_equal(source_of(&run)->open(&run.instance, &run.object, &run.why), 0);
		assert_int_equal(read_all(&run, &end), 3);
		assert_int_equal(end, 0);
		assert_int_equal(source_of(&run)->position(run.object), capture.size);
		assert_int_equal(source_of(&run)->lost(run.object), 0);
		assert_null(source_of(&run)->notice(run.object));
		source_of(&run)->close(run.object);
	}
	assert_int_equal(ffpf_diags_errors(run.instance.diags), 0);
	user_class_exit(&run);
	unlink(name);
	capture_free(&capture);
}

static void mistakes_are_located(void **state)
{
	static const struct {
		const char *file;
		int err;
		enum ffpf_diag_id id;
	} cases[] = {
		{"/nonexistent/x.pcap", -ENOENT, FFPF_D_FILE_OPEN},
		{"/tmp", -EISDIR, FFPF_D_FILE_OPEN},
		{"/dev/null", -EBADMSG, FFPF_D_FILE_FORMAT},
		{SOURCE_DIR "/CMakeLists.txt", -EBADMSG, FFPF_D_FILE_FORMAT},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ffpf_source_info info;
		struct user_class run;

		begin(&run, cases[i].file);
		assert_int_equal(run.instance.class->probe(&run.instance, &info), cases[i].err);
		const struct ffpf_diag *diag = ffpf_diags_first(run.instance.diags);
		assert_int_equal(diag->id, cases[i].id);
		assert_int_equal(diag->span.start, 6);
		assert_non_null(strstr(diag->message, cases[i].file));
		user_class_exit(&run);
	}
}

/* The header that probe read is not lost: open goes on where probe stopped, however often it looked. */
static void a_pipe_is_probed_before_it_is_read(void **state)
{
	struct ffpf_source_info info;
	struct capture capture;
	struct user_class run, second;
	char folder[] = "/tmp/ffpf-pipe-XXXXXX", name[64];
	int end;

	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/pipe", folder);
	assert_int_equal(mkfifo(name, 0600), 0);
	int fd = open(name, O_RDWR);
	make(&capture, 1);
	assert_int_equal(write(fd, capture.data, capture.size), capture.size);
	begin(&run, name);
	begin(&second, name);
	assert_int_equal(run.instance.class->probe(&run.instance, &info), 0);
	assert_int_equal(second.instance.class->probe(&second.instance, &info), 0);
	assert_int_equal(info.linktype, 1);
	assert_int_equal(info.size, 0);
	assert_int_equal(source_of(&run)->open(&run.instance, &run.object, &run.why), 0);
	assert_int_equal(source_of(&run)->open(&second.instance, &second.object, &second.why), -EBUSY);
	assert_string_equal(second.why, "a pipe can be read by one source only");
	close(fd);
	assert_int_equal(read_all(&run, &end), 3);
	assert_int_equal(end, 0);
	source_of(&run)->close(run.object);
	user_class_exit(&run);
	user_class_exit(&second);
	unlink(name);
	rmdir(folder);
	capture_free(&capture);
}

/* Filtering a file into itself is refused before the file is emptied, whatever it is called. */
static void what_is_read_is_not_written(void **state)
{
	struct ffpf_source_info info;
	struct capture capture;
	struct user_class run, writer;
	struct stat st;
	char name[64], alias[80];

	make(&capture, 1);
	capture_save(&capture, name);
	snprintf(alias, sizeof(alias), "%s-alias", name);
	assert_int_equal(link(name, alias), 0);
	begin(&run, name);
	assert_int_equal(run.instance.class->probe(&run.instance, &info), 0);
	user_class_init(&writer, &ffpf_class_write);
	user_class_set(&writer, "file", alias);
	/* Another flowgraph may; the one that reads may not. */
	struct ffpf_arena *own = writer.instance.arena;
	writer.instance.arena = run.instance.arena;
	assert_int_equal(user_class_open(&writer, 1), -EBUSY);
	assert_non_null(strstr(writer.why, "is read by the same flowgraph"));
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_size, capture.size);
	writer.instance.arena = own;
	assert_int_equal(user_class_open(&writer, 1), 0);
	user_class_close(&writer);
	user_class_exit(&writer);
	user_class_exit(&run);
	unlink(name);
	unlink(alias);
	capture_free(&capture);
}

static void standard_input_is_read(void **state)
{
	struct ffpf_source_info info;
	struct capture capture;
	struct user_class run;
	int end, before = dup(STDIN_FILENO);

	make(&capture, 1);
	capture.size -= 5;
	dup2(capture_fd(capture.data, capture.size), STDIN_FILENO);
	begin(&run, "-");
	assert_int_equal(run.instance.class->probe(&run.instance, &info), 0);
	assert_int_equal(source_of(&run)->open(&run.instance, &run.object, &run.why), 0);
	assert_int_equal(read_all(&run, &end), 2);
	assert_int_equal(end, -EBADMSG);
	assert_string_equal(
		run.why,
		"standard input: truncated in packet 3 at byte 176: record header says 60 bytes, 55 are there");
	source_of(&run)->close(run.object);
	user_class_exit(&run);
	dup2(before, STDIN_FILENO);
	capture_free(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_probed_and_read),
		cmocka_unit_test(mistakes_are_located),
		cmocka_unit_test(a_pipe_is_probed_before_it_is_read),
		cmocka_unit_test(what_is_read_is_not_written),
		cmocka_unit_test(standard_input_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

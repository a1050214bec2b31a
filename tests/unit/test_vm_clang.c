/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packet programs in C (tests/vm_programs), as clang compiles them at two levels of optimisation for three processors:
 * the verifier takes them all, what it says of them is true (vm_soundness.h), and the kernel's verifier, where it may
 * be asked, takes them, too. Without clang there are the cases of tests/vm_verify/compiled.t, which "--cases FILE"
 * writes anew from the same programs.
 */
#include "vm_soundness.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <flowspaces/ebpf/object.h>
#include <lib/lang/arena.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define WHERE TEST_DIR "/vm_programs/"
static const char *const levels[] = {"-O1", "-O2"}, *const processors[] = {"v1", "v2", "v3"};
static char folder[] = "/tmp/ffpf-clang-XXXXXX";
static FILE *cases; /* where cases are written to; NULL: nowhere */

/* The program of an object as the verifier takes it. */
struct loaded {
	struct ffpf_arena *arena;
	struct ffpf_object *object;
	struct ffpf_object_code code;
	struct ffpf_vm_map maps[WORLD_MAPS];
	struct ffpf_vm_line *lines;
	struct ffpf_vm_program program;
};

static bool load(struct loaded *l, const char *path)
{
	const char *why = NULL;

	memset(l, 0, sizeof(*l));
	l->arena = ffpf_arena_new();
	if (ffpf_object_read(l->arena, path, &l->object, &why) < 0 ||
	    ffpf_object_link(l->object, 0, &l->code, &why) < 0) {
		fprintf(stderr, "%s: %s\n", path, why ? why : "?");
		ffpf_arena_free(l->arena);
		return false;
	}
	assert_true(l->object->n_maps <= WORLD_MAPS);
	for (size_t i = 0; i < l->object->n_maps; i++)
		l->maps[i].spec = &l->object->maps[i].spec;
	l->lines = calloc(l->code.n_lines + 1, sizeof(*l->lines));
	for (size_t i = 0; i < l->code.n_lines; i++) {
		const struct ffpf_object_line *line = &l->code.lines[i];

		l->lines[i] = (struct ffpf_vm_line){line->insn, line->line, line->column, line->file, line->text};
	}
	l->program = (struct ffpf_vm_program){.insns = l->code.insns,
					      .n = l->code.n,
					      .helpers = &world_helpers,
					      .maps = l->maps,
					      .n_maps = l->object->n_maps,
					      .context = &ffpf_vm_xdp_md,
					      .lines = l->lines,
					      .n_lines = l->code.n_lines};
	return true;
}

static void unload(struct loaded *l)
{
	free(l->lines);
	ffpf_arena_free(l->arena);
}

/* What the test's packets are: TCP with options in a VLAN, IPv6, DNS, noise. */
static size_t make_packet(unsigned kind, uint8_t packet[128])
{
	static const uint8_t tcp[] = {2, 0,  0, 0, 0,	 1,  2, 0, 0, 0,  0, 2, 8, 0,  0x45, 0, 0,  0,	 0, 0, 0,
				      0, 64, 6, 0, 0,	 10, 0, 0, 1, 10, 0, 0, 2, 31, 144,  0, 80, 0,	 0, 0, 0,
				      0, 0,  0, 0, 0x70, 2,  0, 0, 0, 0,  0, 0, 1, 1,  2,    4, 5,  180, 1, 0};
	static const uint8_t dns[] = {2,  0,   0, 0,  0,   1,	2,   0, 0,   0,	  0,   2,   8, 0,  0x45, 0, 0,
				      0,  0,   0, 0,  0,   1,	17,  0, 0,   10,  0,   0,   1, 10, 0,	 0, 2,
				      31, 144, 0, 53, 0,   0,	0,   0, 0,   0,	  1,   0,   0, 1,  0,	 0, 0,
				      0,  0,   0, 3,  'W', 'w', 'w', 4, 'f', 'f', 'p', 'f', 0, 0,  1,	 0, 1};

	for (size_t i = 0; i < 128; i++)
		packet[i] = (uint8_t)(i * 37 + 11);
	if (kind == 0)
		memcpy(packet, tcp, sizeof(tcp));
	if (kind == 1)
		memcpy(packet, dns, sizeof(dns));
	if (kind == 2) {
		memcpy(packet + 12, "\x86\xdd\x60\0\0\0\0\x20\0\x40", 10);
		memcpy(packet + 54, "\x2b\0\x2c\0\x3c\0\0\0", 8);
	}
	return kind == 0 ? sizeof(tcp) : kind == 1 ? sizeof(dns) : kind == 4 ? 20 : 128;
}

static bool kernel_takes(const char *path, const char *name)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	bool takes = object && !bpf_object__load(object);

	bpf_object__close(object);
	if (!takes)
		fprintf(stderr, "%s: the kernel refuses it\n", name);
	return takes;
}

/* One case of tests/vm_verify/compiled.t. */
static void print_case(const struct loaded *l, const char *name)
{
	static const char *const kinds[] = {"array",	"percpu_array",	   "hash", "percpu_hash",
					    "lru_hash", "lru_percpu_hash", "lpm",  "programs"};

	fprintf(cases, "== %s\n-- context xdp\n", name);
	if (l->program.writes_packet)
		fprintf(cases, "-- writes\n");
	for (size_t i = 0; i < l->object->n_maps; i++) {
		const struct ffpf_map_spec *spec = &l->object->maps[i].spec;

		fprintf(cases, "-- map %s %s %u %u %u%s\n", spec->name, kinds[spec->kind], spec->key_size,
			spec->value_size, spec->max_entries, spec->flags & FFPF_MAP_PROGRAM_READS ? " reads" : "");
	}
	fprintf(cases, "-- asm\n");
	for (size_t i = 0; i < l->code.n; i++) {
		const uint8_t *bytes = (const uint8_t *)&l->code.insns[i];

		fprintf(cases, "raw");
		for (int k = 0; k < 8; k++)
			fprintf(cases, " %02x", bytes[k]);
		fprintf(cases, "\n");
	}
	fprintf(cases, "-- accept\n");
}

static unsigned check_object(const char *path, const char *source, const char *name, bool ask_kernel)
{
	uint8_t bytes[5][128];
	const uint8_t *packets[5];
	size_t lengths[5];
	bool accepted, sound;
	struct loaded l;
	char *message = NULL;

	if (!load(&l, path))
		return 1;
	struct bpf_insn *out = calloc(l.code.n, sizeof(*out));
	l.program.writes_packet = !strcmp(source, "rewrite.c");
	for (unsigned i = 0; i < 5; i++) {
		packets[i] = bytes[i];
		lengths[i] = make_packet(i, bytes[i]);
	}
	sound = is_sound(&l.program, packets, lengths, 5, &accepted);
	bool kernel = !ask_kernel || kernel_takes(path, name);
	if (!accepted) {
		ffpf_vm_verify(&l.program, out, 1, &message);
		fprintf(stderr, "%s: refused%s: %s\n", name, kernel ? "" : ", by the kernel, too", message);
	}
	if (l.program.writes_packet) {
		l.program.writes_packet = false;
		free(message);
		message = NULL;
		assert_int_equal(ffpf_vm_verify(&l.program, out, 0, &message), -EACCES);
		assert_non_null(strstr(message, "the program writes to the packet, and may not"));
		assert_non_null(strstr(message, "rewrite.c:")); /* the source line */
		l.program.writes_packet = true;
	}
	/* Optimised less, the three processors' programs are much the same. */
	if (cases && accepted && (strstr(name, "-O2") || strstr(name, "v3")))
		print_case(&l, name);
	free(message);
	free(out);
	unload(&l);
	return !sound || !accepted;
}

static unsigned check_source(const char *source, bool ask_kernel)
{
	char command[2048], path[512], name[128];
	unsigned wrong = 0;

	for (unsigned i = 0; i < 6; i++) {
		const char *level = levels[i / 3], *processor = processors[i % 3];

		snprintf(path, sizeof(path), "%s/%s.o", folder, source);
		snprintf(name, sizeof(name), "%s %s %s", source, level, processor);
		snprintf(command, sizeof(command),
			 "clang %s -g -target bpf -mcpu=%s -I/usr/include/$(uname -m)-linux-gnu -c %s%s -o %s", level,
			 processor, WHERE, source, path);
		if (system(command)) {
			fprintf(stderr, "not compiled: %s\n", name);
			wrong++;
			continue;
		}
		wrong += check_object(path, source, name, ask_kernel);
		unlink(path);
	}
	return wrong;
}

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static void test_programs(void **state)
{
	struct bpf_insn trivial[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "probe", "BSD", trivial, 2, NULL);
	DIR *dir = opendir(TEST_DIR "/vm_programs");
	unsigned sources = 0, wrong = 0;

	if (fd < 0)
		fprintf(stderr, "the kernel's verifier is not asked: %s\n", strerror(errno));
	assert_non_null(dir);
	assert_non_null(mkdtemp(folder));
	libbpf_set_print(quiet);
	for (struct dirent *entry; (entry = readdir(dir));) {
		size_t length = strlen(entry->d_name);

		if (length < 3 || strcmp(entry->d_name + length - 2, ".c"))
			continue;
		wrong += check_source(entry->d_name, fd >= 0);
		sources++;
	}
	closedir(dir);
	rmdir(folder);
	if (fd >= 0)
		close(fd);
	assert_true(sources >= 15);
	assert_int_equal(wrong, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
	};

	cases = argc > 2 && !strcmp(argv[1], "--cases") ? fopen(argv[2], "w") : NULL;
	if (system("clang -print-targets 2>/dev/null | grep -q '^ *bpf '") ||
	    access("/usr/include/bpf/bpf_helpers.h", R_OK)) {
		printf("skipped: no clang that compiles for eBPF, or no bpf_helpers.h\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

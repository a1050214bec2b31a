/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading BPF objects: what comes out of good ones, what is said of bad ones, and that any change of any byte does no
 * harm. Objects are made here (object_make.h); where clang is, tests/cli/ebpf.sh takes its own.
 */
#include "object_make.h"

#include <flowspaces/ebpf/object.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static const char good[] = "license GPL\n"
			   "map hits array 4 8 16\n"
			   "map table hash 8 12 100\n"
			   "variable seen 8\n"
			   "variable small 4\n"
			   "constant limit 5\n"
			   "function helper\n"
			   "mov64 r0, 1\n"
			   "callf deeper\n"
			   "exit\n"
			   "function deeper\n"
			   "mov64 r0, 2\n"
			   "exit\n"
			   "function unused\n"
			   "mov64 r0, 3\n"
			   "exit\n"
			   "program first xdp\n"
			   "address r1, table\n"
			   "address r2, small\n"
			   "address r3, limit\n"
			   "callf helper\n"
			   "exit\n"
			   "program second tc/ingress\n"
			   "mov64 r0, 0\n"
			   "exit\n";

static struct ffpf_object *load(struct ffpf_arena *arena, const char *text)
{
	size_t size;
	uint8_t *bytes = object_make(text, &size);
	struct ffpf_object *object;
	const char *why = "";

	assert_non_null(bytes);
	if (ffpf_object_load(arena, bytes, size, &object, &why))
		fail_msg("%s", why);
	free(bytes);
	return object;
}

/* The words of whoever refuses it: reading it, or linking its first program. */
static void refused(const char *text, const char *words)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	size_t size;
	uint8_t *bytes = object_make(text, &size);
	struct ffpf_object *object;
	struct ffpf_object_code code;
	const char *why = NULL;

	assert_non_null(bytes);
	if (!ffpf_object_load(arena, bytes, size, &object, &why))
		assert_int_equal(ffpf_object_link(object, 0, &code, &why), -EINVAL);
	assert_non_null(why);
	if (!strstr(why, words))
		fail_msg("'%s' is not in: %s", words, why);
	free(bytes);
	ffpf_arena_free(arena);
}

static void programs_and_maps(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	const struct ffpf_object *o = load(arena, good);

	assert_string_equal(o->license, "GPL");
	assert_int_equal(o->n_programs, 2);
	assert_string_equal(o->programs[0].name, "first");
	assert_string_equal(o->programs[0].section, "xdp");
	assert_int_equal(o->programs[0].context, FFPF_OBJECT_XDP);
	assert_string_equal(o->programs[1].section, "tc/ingress");
	assert_int_equal(o->programs[1].context, FFPF_OBJECT_SKB);
	assert_int_equal(o->n_maps, 4);
	assert_string_equal(o->maps[0].spec.name, "hits");
	assert_int_equal(o->maps[0].spec.kind, FFPF_MAP_ARRAY);
	assert_int_equal(o->maps[0].spec.max_entries, 16);
	assert_int_equal(o->maps[1].spec.kind, FFPF_MAP_HASH);
	assert_int_equal(o->maps[1].spec.key_size, 8);
	assert_int_equal(o->maps[1].spec.value_size, 12);
	assert_true(o->maps[2].variables);
	assert_string_equal(o->maps[2].spec.name, ".bss");
	assert_int_equal(o->maps[2].spec.value_size, 12);
	assert_int_equal(o->maps[2].n_fields, 2);
	assert_string_equal(o->maps[2].fields[1].name, "small");
	assert_int_equal(o->maps[2].fields[1].offset, 8);
	assert_int_equal(o->maps[2].fields[1].size, 4);
	assert_int_equal(o->maps[3].spec.flags, FFPF_MAP_PROGRAM_READS);
	assert_int_equal(o->maps[3].initial[0], 5);
	ffpf_arena_free(arena);
}

static void linking(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	const struct ffpf_object *o = load(arena, good);
	struct ffpf_object_code code;
	const char *why;

	assert_int_equal(ffpf_object_link(o, 0, &code, &why), 0);
	/* The program of 8 slots, helper of 3, deeper of 2; what nobody calls is left out. */
	assert_int_equal(code.n, 13);
	assert_int_equal(code.n_functions, 3);
	assert_string_equal(code.functions[1].name, "helper");
	assert_int_equal(code.functions[1].insn, 8);
	assert_int_equal(code.functions[2].insn, 11);
	assert_int_equal(code.insns[0].src_reg, BPF_PSEUDO_MAP_IDX);
	assert_int_equal(code.insns[0].imm, 1);
	assert_int_equal(code.insns[2].src_reg, BPF_PSEUDO_MAP_IDX_VALUE);
	assert_int_equal(code.insns[2].imm, 2);
	assert_int_equal(code.insns[3].imm, 8);
	assert_int_equal(code.insns[4].imm, 3);
	assert_int_equal(code.insns[6].imm, 1); /* call: 6 + 1 + 1 = 8 */
	assert_int_equal(code.insns[9].imm, 1); /* 9 + 1 + 1 = 11 */
	ffpf_arena_free(arena);
}

static void older_maps(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	const struct ffpf_object *o =
		load(arena, "legacy\nmap a lru_hash 4 4 10\nmap b lpm_trie 8 4 10 1\nprogram p socket\nmov64 r0, "
			    "0\naddress r1, b\nexit\n");
	struct ffpf_object_code code;
	const char *why;

	assert_int_equal(o->n_maps, 2);
	assert_int_equal(o->maps[0].spec.kind, FFPF_MAP_LRU_HASH);
	assert_int_equal(o->maps[1].spec.kind, FFPF_MAP_LPM);
	assert_int_equal(ffpf_object_link(o, 0, &code, &why), 0);
	assert_int_equal(code.insns[1].imm, 1);
	assert_string_equal(o->license, "");
	ffpf_arena_free(arena);
}

static void refusals(void **state)
{
	refused("program f .text\nexit\n", "it has no program: 'f' is in section '.text'");
	refused("map m array 4 4 1\n", "no program");
	refused("map m ringbuf 0 0 4096\nprogram p xdp\naddress r1, m\nexit\n", "unspecified");
	refused("map m 27 4 4 4096\nprogram p xdp\naddress r1, m\nexit\n", "of the kind ringbuf");
	refused("map m 99 4 4 4096\nprogram p xdp\naddress r1, m\nexit\n", "unknown kind 99");
	refused("map m array 8 4 4\nprogram p xdp\naddress r1, m\nexit\n", "its keys have 4 bytes, not 8");
	refused("map m hash 4 4 0\nprogram p xdp\naddress r1, m\nexit\n", "max_entries is missing");
	refused("map m hash 0 4 1\nprogram p xdp\naddress r1, m\nexit\n", "no size of keys");
	refused("map m hash 4 0 1\nprogram p xdp\naddress r1, m\nexit\n", "no size of values");
	refused("map m hash 4 4 10 4096\nprogram p xdp\naddress r1, m\nexit\n",
		"flags that it can't have here: 0x1000");
	refused("map m lpm_trie 8 4 10\nprogram p xdp\naddress r1, m\nexit\n", "BPF_F_NO_PREALLOC");
	refused("map m hash 4 4096 4000000000\nprogram p xdp\naddress r1, m\nexit\n", "too large");
	refused("map m hash 4 4 1\nmap m hash 4 4 1\nprogram p xdp\naddress r1, m\nexit\n", "two maps 'm'");
	refused("legacy\nmap m 22 4 4 4\nprogram p xdp\naddress r1, m\nexit\n", "of the kind queue");
	refused("program p xdp\naddress r1, jiffies\nexit\n", "'jiffies' from outside");
	refused("program p xdp\ncallf elsewhere\nexit\n", "'elsewhere', which is not in this object");
	refused("function f\nexit\nprogram p xdp\naddress r1, f\nexit\n", "the address of the function 'f'");
	refused("program p xdp\nja +5\nexit\n", "instruction 0 of 'p' jumps out of its function");
	refused("program p xdp\nlocal +5\nexit\n", "not the beginning of a function");
	refused("program p xdp\nraw 85 20 00 00 01 00 00 00\nexit\n", "no helper");
	refused("program p xdp\nraw 18 11 00 00 01 00 00 00\nexit\n", "half an LD_IMM64");
	refused("program p xdp\nraw 18 11 00 00 01 00 00 00\nraw 00 00 00 00 00 00 00 00\nexit\n",
		"an address of an unknown kind (1)");
}

/* What no program refers to may be anything. */
static void unused_maps(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	const struct ffpf_object *o = load(
		arena, "map good hash 4 4 1\nmap ring 27 4 4 4096\nmap also hash 4 4 2\nprogram p xdp\naddress r1, "
		       "also\nmov64 r0, 0\nexit\n");
	struct ffpf_object_code code;
	const char *why;

	assert_int_equal(o->n_maps, 2);
	assert_int_equal(ffpf_object_link(o, 0, &code, &why), 0);
	assert_int_equal(code.insns[0].imm, 1);
	ffpf_arena_free(arena);
}

static int load_bytes(const uint8_t *bytes, size_t size, char *why, size_t room)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_object *object;
	struct ffpf_object_code code;
	const char *text = "";
	int err = ffpf_object_load(arena, bytes, size, &object, &text);

	for (size_t i = 0; !err && i < object->n_programs; i++)
		(void)ffpf_object_link(object, i, &code, &text);
	snprintf(why, room, "%s", text);
	ffpf_arena_free(arena);
	return err;
}

static void headers(void **state)
{
	size_t size;
	uint8_t *bytes = object_make(good, &size);
	char why[512];
	const struct {
		size_t at;
		uint8_t byte;
		const char *words;
	} changes[] = {
		{0, 0, "not a BPF object"},
		{4, 1, "a 32-bit ELF file"},
		{5, 2, "big-endian BPF object: compile with -target bpfel"},
		{16, 2, "not relocatable"},
		{18, 62, "another processor"},
		{40, 0xff, "it has"},
	};

	assert_int_equal(load_bytes(bytes, 0, why, sizeof(why)), -EINVAL);
	assert_int_equal(load_bytes((const uint8_t *)"BC\xc0\xde....", 8, why, sizeof(why)), -EINVAL);
	assert_non_null(strstr(why, "bitcode"));
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		uint8_t before = bytes[changes[i].at];

		bytes[changes[i].at] = changes[i].byte;
		assert_int_equal(load_bytes(bytes, size, why, sizeof(why)), -EINVAL);
		if (changes[i].at != 40 && !strstr(why, changes[i].words))
			fail_msg("'%s' is not in: %s", changes[i].words, why);
		bytes[changes[i].at] = before;
	}
	assert_int_equal(load_bytes(bytes, size, why, sizeof(why)), 0);
	free(bytes);
}

/* Each byte, to what tears most; and every length. Under ASan: nothing is read that is not there. */
static void any_byte(void **state)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	size_t size;
	uint8_t *bytes = object_make(good, &size);
	char why[512];

	for (size_t i = 0; i < size; i++) {
		uint8_t before = bytes[i];

		for (size_t k = 0; k < sizeof(values); k++) {
			bytes[i] = values[k];
			if (load_bytes(bytes, size, why, sizeof(why)))
				assert_true(why[0]);
		}
		bytes[i] = before;
	}
	for (size_t n = 0; n < size; n += 3)
		if (load_bytes(bytes, n, why, sizeof(why)))
			assert_true(why[0]);
	free(bytes);
}

static void files(void **state)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_object *object;
	const char *why = NULL;

	assert_int_equal(ffpf_object_read(arena, "/nonexistent/x.o", &object, &why), -ENOENT);
	assert_non_null(why);
	assert_int_equal(ffpf_object_read(arena, "/tmp", &object, &why), -EISDIR);
	assert_int_equal(ffpf_object_read(arena, "/dev/null", &object, &why), -ENODEV);
	assert_string_equal(why, "not a regular file");
	ffpf_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs_and_maps),
		cmocka_unit_test(linking),
		cmocka_unit_test(older_maps),
		cmocka_unit_test(refusals),
		cmocka_unit_test(headers),
		cmocka_unit_test(any_byte),
		cmocka_unit_test(files),
		cmocka_unit_test(unused_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

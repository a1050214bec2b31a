/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps of running programs through the C API: which there are, their entries in order, at user and, as root, at xdp;
 * what stays readable. And what BTF says of keys and values, type by type.
 */
#include "capture.h"
#include "object_make.h"

#include <ffpf/ffpf.h>
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <bpf/btf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- running */

/* Counts under the first byte of the packet, in a hash table, an array, and in a variable. */
static const char counting[] = "license GPL\n"
			       "map table hash 1 8 300\n"
			       "map list array 4 8 3\n"
			       "map each percpu_hash 1 8 300\n"
			       "map targets prog_array 4 4 2\n"
			       "variable seen 8\n"
			       "program count xdp\n"
			       "ldxw r2, [r1+4]\n"
			       "ldxw r6, [r1+0]\n"
			       "address r3, seen\n"
			       "ldxdw r4, [r3+0]\n"
			       "add64 r4, 1\n"
			       "stxdw [r3+0], r4\n"
			       "mov64 r3, r6\n"
			       "add64 r3, 14\n"
			       "jgt r3, r2, +21\n"
			       "ldxb r7, [r6+0]\n"
			       "stxb [r10-1], r7\n"
			       "stdw [r10-16], 7\n"
			       "address r1, table\n"
			       "mov64 r2, r10\n"
			       "add64 r2, -1\n"
			       "mov64 r3, r10\n"
			       "add64 r3, -16\n"
			       "mov64 r4, 0\n"
			       "call 2\n"
			       "address r1, each\n"
			       "mov64 r2, r10\n"
			       "add64 r2, -1\n"
			       "mov64 r3, r10\n"
			       "add64 r3, -16\n"
			       "mov64 r4, 0\n"
			       "call 2\n"
			       "mov64 r0, 1\n"
			       "exit\n"
			       "mov64 r0, 0\n"
			       "exit\n";

static char savefile[64], object_name[64];
static bool can_replay;

static void save(const void *bytes, size_t size, char *name)
{
	struct capture file = {0};

	capture_bytes(&file, bytes, size);
	capture_save(&file, name);
	capture_free(&file);
}

static struct ffpf *started(bool replay)
{
	const struct ffpf_define defines[] = {{"FILE", savefile}, {"OBJ", object_name}};
	const struct ffpf_options options = {.defines = defines, .n_defines = 2, .replay = replay};
	struct ffpf *h = ffpf_create(&options);

	if (ffpf_populate(h, "test", "[pcap $FILE]>(ebpf,$OBJ,name=e)>(pktcount,name=p)", 0)) {
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		fail_msg("%s", ffpf_error(h));
	}
	if (ffpf_instantiate(h) || ffpf_activate(h))
		fail_msg("%s", ffpf_error(h));
	return h;
}

/* The number of a map, and what is said of it. */
static size_t map_of(struct ffpf *h, const char *name, struct ffpf_map_info *info)
{
	for (size_t i = 0; !ffpf_map_get(h, i, info); i++)
		if (!strcmp(info->name, name))
			return i;
	fail_msg("no map %s", name);
	return 0;
}

static struct ffpf_map_entries *entries_of(struct ffpf *h, const char *name, struct ffpf_map_info *info)
{
	struct ffpf_map_entries *entries = NULL;

	assert_int_equal(ffpf_map_read(h, map_of(h, name, info), &entries), 0);
	return entries;
}

static void check_table(struct ffpf *h, const char *name, bool per_cpu)
{
	struct ffpf_map_info info;
	struct ffpf_map_entries *entries = entries_of(h, name, &info);

	assert_string_equal(info.function, "e");
	assert_string_equal(info.kind, per_cpu ? "percpu_hash" : "hash");
	assert_int_equal(info.key_size, 1);
	assert_int_equal(info.max_entries, 300);
	assert_true(per_cpu || info.n_values == 1);
	assert_int_equal(entries->n, 256);
	assert_int_equal(entries->value_step, 8);
	for (size_t i = 0; i < 256; i++) {
		uint64_t sum = 0;

		assert_int_equal(entries->keys[i], i);
		for (unsigned cpu = 0; cpu < info.n_values; cpu++) {
			uint64_t value;

			memcpy(&value, entries->values + (i * info.n_values + cpu) * 8, 8);
			sum |= value;
		}
		assert_int_equal(sum, 7);
	}
	ffpf_map_entries_free(entries);
}

static void read_at(bool replay)
{
	struct ffpf *h = started(replay);
	struct ffpf_map_info info;
	struct ffpf_map_entries *entries = (void *)1;
	uint64_t seen;
	size_t n = 0;

	assert_true(ffpf_replaceable(h, "e"));
	assert_false(ffpf_replaceable(h, "p"));
	assert_false(ffpf_replaceable(h, "nobody"));
	for (int i = 0; ffpf_wait(&h, 1, 0, 100000) > 0; i++)
		assert_true(i < 600);
	for (int after = 0; after < 2; after++) { /* while it runs, and when it has ended */
		check_table(h, "table", false);
		check_table(h, "each", true);
		entries = entries_of(h, "list", &info);
		assert_int_equal(entries->n, 3);
		assert_int_equal(((const uint32_t *)entries->keys)[2], 2);
		ffpf_map_entries_free(entries);
		entries = entries_of(h, ".bss", &info);
		assert_true(info.variables && info.value.n == 1);
		assert_string_equal(info.value.list[0].name, "seen");
		memcpy(&seen, entries->values + info.value.list[0].offset, 8);
		assert_int_equal(seen, 512);
		ffpf_map_entries_free(entries);
		entries = (void *)1;
		assert_int_equal(ffpf_map_read(h, map_of(h, "targets", &info), &entries), -ENOENT);
		if (!after)
			assert_int_equal(ffpf_deactivate(h), 0);
	}
	while (!ffpf_map_get(h, n, &info))
		n++;
	assert_int_equal(n, 5);
	assert_int_equal(ffpf_map_read(h, n, &entries), -ENOENT);
	assert_ptr_equal(entries, (void *)1);
	ffpf_map_entries_free(NULL);
	ffpf_close(h);
}

static void test_read(void **state)
{
	read_at(false);
	if (can_replay)
		read_at(true);
}

/* ---- types */

struct types {
	struct btf *btf;
	struct ffpf_arena *arena;
	int u8, c, u16, u32, i32, u64, boolean, be16, be32;
};

static struct types types_new(void)
{
	struct types t = {.btf = btf__new_empty(), .arena = ffpf_arena_new()};

	t.u8 = btf__add_int(t.btf, "unsigned char", 1, 0);
	t.c = btf__add_int(t.btf, "char", 1, BTF_INT_SIGNED);
	t.u16 = btf__add_int(t.btf, "unsigned short", 2, 0);
	t.u32 = btf__add_int(t.btf, "unsigned int", 4, 0);
	t.i32 = btf__add_int(t.btf, "int", 4, BTF_INT_SIGNED);
	t.u64 = btf__add_int(t.btf, "unsigned long long", 8, 0);
	t.boolean = btf__add_int(t.btf, "_Bool", 1, BTF_INT_BOOL);
	t.be16 = btf__add_typedef(t.btf, "__be16", t.u16);
	t.be32 = btf__add_typedef(t.btf, "__be32", btf__add_typedef(t.btf, "__u32", t.u32));
	return t;
}

static void types_free(struct types *t)
{
	btf__free(t->btf);
	ffpf_arena_free(t->arena);
}

static struct ffpf_members members_of(struct types *t, int id, uint32_t size)
{
	struct ffpf_object_file file = {.arena = t->arena};
	struct member_list list = {.arena = t->arena};
	__u32 bytes;
	const void *data = btf__raw_data(t->btf, &bytes);
	struct elf_section section = {.name = ".BTF", .data = data, .size = bytes};

	assert_int_equal(ffpf_object_btf(&file, &section), 0);
	ffpf_btf_members(&file.btf, (uint32_t)id, "", 0, &list);
	return ffpf_btf_members_of(&list, size);
}

static void is(struct ffpf_members m, size_t i, const char *name, uint32_t offset, uint32_t count, unsigned size,
	       enum ffpf_member_kind kind)
{
	assert_true(i < m.n);
	assert_string_equal(m.list[i].name, name);
	assert_int_equal(m.list[i].offset, offset);
	assert_int_equal(m.list[i].count, count);
	assert_int_equal(m.list[i].size, size);
	assert_int_equal(m.list[i].kind, kind);
}

static void test_numbers(void **state)
{
	struct types t = types_new();
	int choice = btf__add_enum(t.btf, "choice", 4);

	is(members_of(&t, t.u64, 8), 0, "", 0, 1, 8, FFPF_MEMBER_UNSIGNED);
	is(members_of(&t, btf__add_const(t.btf, t.i32), 4), 0, "", 0, 1, 4, FFPF_MEMBER_SIGNED);
	is(members_of(&t, t.boolean, 1), 0, "", 0, 1, 1, FFPF_MEMBER_BOOL);
	is(members_of(&t, t.be32, 4), 0, "", 0, 1, 4, FFPF_MEMBER_NETWORK);
	is(members_of(&t, choice, 4), 0, "", 0, 1, 4, FFPF_MEMBER_UNSIGNED);
	is(members_of(&t, btf__add_ptr(t.btf, t.u8), 8), 0, "", 0, 1, 8, FFPF_MEMBER_UNSIGNED);
	assert_int_equal(members_of(&t, t.u64, 4).n, 0); /* larger than what it is the type of */
	assert_int_equal(members_of(&t, 12345, 4).n, 0);
	types_free(&t);
}

static void test_structs(void **state)
{
	struct types t = types_new();
	int text = btf__add_array(t.btf, t.u32, t.c, 8), row = btf__add_array(t.btf, t.u32, t.be16, 3);
	int mac = btf__add_array(t.btf, t.u32, t.u8, 6), none = btf__add_array(t.btf, t.u32, t.u8, 0);
	int ip6 = btf__add_struct(t.btf, "in6_addr", 16);
	btf__add_field(t.btf, "in6_u", mac, 0, 0);
	int inner = btf__add_struct(t.btf, "inner", 8);
	btf__add_field(t.btf, "x", t.u32, 0, 0);
	btf__add_field(t.btf, "y", t.i32, 32, 0);
	int pair = btf__add_array(t.btf, t.u32, inner, 2);
	int either = btf__add_union(t.btf, "either", 4);
	btf__add_field(t.btf, "a", t.u32, 0, 0);
	int whole = btf__add_struct(t.btf, "whole", 80);
	btf__add_field(t.btf, "low", t.u16, 0, 3);
	btf__add_field(t.btf, "high", t.u16, 3, 13);
	btf__add_field(t.btf, "row", row, 16, 0);
	btf__add_field(t.btf, "text", text, 64, 0);
	btf__add_field(t.btf, "mac", mac, 128, 0);
	btf__add_field(t.btf, "ip", ip6, 192, 0);
	btf__add_field(t.btf, "pair", pair, 320, 0);
	btf__add_field(t.btf, "either", either, 448, 0);
	btf__add_field(t.btf, NULL, inner, 512, 0); /* without a name of its own */
	btf__add_field(t.btf, "rest", none, 640, 0);
	struct ffpf_members m = members_of(&t, whole, 80);

	assert_int_equal(m.n, 13);
	is(m, 0, "low", 0, 1, 2, FFPF_MEMBER_UNSIGNED);
	assert_true(m.list[0].shift == 0 && m.list[0].bits == 3);
	is(m, 1, "high", 0, 1, 2, FFPF_MEMBER_UNSIGNED);
	assert_true(m.list[1].shift == 3 && m.list[1].bits == 13);
	is(m, 2, "row", 2, 3, 2, FFPF_MEMBER_NETWORK);
	is(m, 3, "text", 8, 8, 1, FFPF_MEMBER_TEXT);
	is(m, 4, "mac", 16, 6, 1, FFPF_MEMBER_BYTES);
	is(m, 5, "ip", 24, 1, 16, FFPF_MEMBER_IPV6);
	is(m, 6, "pair[0].x", 40, 1, 4, FFPF_MEMBER_UNSIGNED);
	is(m, 9, "pair[1].y", 52, 1, 4, FFPF_MEMBER_SIGNED);
	is(m, 10, "either", 56, 4, 1, FFPF_MEMBER_BYTES);
	is(m, 11, "x", 64, 1, 4, FFPF_MEMBER_UNSIGNED);
	is(m, 12, "y", 68, 1, 4, FFPF_MEMBER_SIGNED);
	assert_int_equal(members_of(&t, whole, 70).n, 0);
	types_free(&t);
}

/* Types that hold themselves, and more than anybody would read: no list, rather than a part of one. */
static void test_endless(void **state)
{
	struct types t = types_new();
	int self = btf__add_struct(t.btf, "self", 8);
	btf__add_field(t.btf, "again", self, 0, 0);
	int many = btf__add_array(t.btf, t.u32, self, 1000);
	int ring = btf__add_typedef(t.btf, "ring", btf__type_cnt(t.btf));
	int deep = t.u64;

	assert_int_equal(members_of(&t, self, 8).n, 0);
	assert_int_equal(members_of(&t, many, 8000).n, 0);
	assert_int_equal(members_of(&t, ring, 8).n, 0);
	for (int i = 0; i < 20; i++) {
		int next = btf__add_struct(t.btf, NULL, 8);

		btf__add_field(t.btf, "m", deep, 0, 0);
		deep = next;
	}
	assert_int_equal(members_of(&t, deep, 8).n, 0);
	int wide = btf__add_struct(t.btf, "wide", 1200);
	for (int i = 0; i < 300; i++) {
		char name[16];

		snprintf(name, sizeof(name), "m%d", i);
		btf__add_field(t.btf, name, t.u32, (__u32)i * 32, 0);
	}
	assert_int_equal(members_of(&t, wide, 1200).n, 0);
	types_free(&t);
}

/* ---- main */

static int make_files(void **state)
{
	struct capture file = {0};
	struct ffpf *h;
	size_t size;
	uint8_t *object = object_make(counting, &size), frame[60] = {0};

	capture_pcap(&file, 0xa1b2c3d4, 4, 65535, 1);
	for (uint32_t i = 0; i < 512; i++) {
		frame[0] = (uint8_t)(i * 7);
		capture_u32(&file, i);
		capture_u32(&file, 0);
		capture_u32(&file, sizeof(frame));
		capture_u32(&file, sizeof(frame));
		capture_bytes(&file, frame, sizeof(frame));
	}
	capture_save(&file, savefile);
	capture_free(&file);
	save(object, size, object_name);
	free(object);
	const struct ffpf_define define = {"FILE", savefile};
	h = ffpf_create(&(struct ffpf_options){.defines = &define, .n_defines = 1, .replay = true});
	can_replay = !ffpf_populate(h, "test", "[pcap $FILE]>(pktcount)", 0) && !ffpf_instantiate(h);
	ffpf_close(h);
	return 0;
}

static int remove_files(void **state)
{
	unlink(savefile);
	unlink(object_name);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_structs),
		cmocka_unit_test(test_endless),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}

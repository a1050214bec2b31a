/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What users' programs may call: each helper's results and errors as in the kernel's manual, a program that uses maps,
 * the clock of packets, and the hash of conversations.
 */
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/flowhash.h>
#include <flowspaces/user/vm/vm.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <time.h>

static const struct ffpf_vm_helper_info *info(int32_t id)
{
	for (size_t i = 0; i < ffpf_vm_user_helpers.n; i++)
		if (ffpf_vm_user_helpers.table[i].id == id)
			return &ffpf_vm_user_helpers.table[i];
	fail_msg("no helper %d", id);
	return NULL;
}

static struct ffpf_vm_env env = {.cpu = 1};

#define P(pointer) ((uint64_t)(uintptr_t)(pointer))
#define CALL(name, r1, r2, r3, r4, r5)                                                                                 \
	info(BPF_FUNC_##name)                                                                                          \
		->function(&env, (uint64_t)(r1), (uint64_t)(r2), (uint64_t)(r3), (uint64_t)(r4), (uint64_t)(r5))

/* The table's own sense: known numbers once, sizes behind memory. */
static void test_table(void **state)
{
	for (size_t i = 0; i < ffpf_vm_user_helpers.n; i++) {
		const struct ffpf_vm_helper_info *h = &ffpf_vm_user_helpers.table[i];

		assert_ptr_equal(info(h->id), h);
		assert_true(h->function || h->id == BPF_FUNC_tail_call);
		assert_false(h->writes_packet || h->changes_packet);
		for (unsigned a = 0; a < 5; a++) {
			bool memory = h->args[a] == FFPF_VM_ARG_MEMORY || h->args[a] == FFPF_VM_ARG_MEMORY_OR_NULL ||
				      h->args[a] == FFPF_VM_ARG_ROOM;

			assert_true(!memory || (a < 4 && (h->args[a + 1] == FFPF_VM_ARG_SIZE ||
							  h->args[a + 1] == FFPF_VM_ARG_SIZE_OR_ZERO)));
		}
	}
}

/* docs/EBPF.md lists what there is. */
static void test_page(void **state)
{
	FILE *page = fopen(SOURCE_DIR "/docs/EBPF.md", "r");
	static char text[1 << 16];

	assert_non_null(page);
	text[fread(text, 1, sizeof(text) - 1, page)] = '\0';
	fclose(page);
	for (size_t i = 0; i < ffpf_vm_user_helpers.n; i++) {
		char name[64];

		snprintf(name, sizeof(name), "`%s`", ffpf_vm_user_helpers.table[i].name);
		if (!strstr(text, name))
			fail_msg("docs/EBPF.md does not list %s", name);
	}
}

static struct ffpf_map *map_of(enum ffpf_map_kind kind, unsigned flags)
{
	struct ffpf_map_spec spec = {"test", kind, 4, 8, 4, flags};
	struct ffpf_map *map = NULL;

	assert_int_equal(ffpf_map_new(&spec, 2, &map, NULL), 0);
	return map;
}

static void test_maps(void **state)
{
	struct ffpf_map *map = map_of(FFPF_MAP_PERCPU_HASH, 0);
	uint32_t key = 3;
	uint64_t value = 42;

	assert_int_equal(CALL(map_lookup_elem, P(map), P(&key), 0, 0, 0), 0);
	assert_int_equal(CALL(map_update_elem, P(map), P(&key), P(&value), BPF_EXIST, 0), (uint64_t)-ENOENT);
	assert_int_equal(CALL(map_update_elem, P(map), P(&key), P(&value), BPF_NOEXIST, 0), 0);
	assert_int_equal(CALL(map_update_elem, P(map), P(&key), P(&value), BPF_NOEXIST, 0), (uint64_t)-EEXIST);
	assert_int_equal(CALL(map_update_elem, P(map), P(&key), P(&value), BPF_F_LOCK, 0), (uint64_t)-EINVAL);
	assert_int_equal(CALL(map_update_elem, P(map), P(&key), P(&value), UINT64_C(1) << 32, 0), (uint64_t)-EINVAL);
	uint64_t *mine = (uint64_t *)(uintptr_t)CALL(map_lookup_elem, P(map), P(&key), 0, 0, 0);
	uint64_t *others = (uint64_t *)(uintptr_t)CALL(map_lookup_percpu_elem, P(map), P(&key), 0, 0, 0);
	assert_int_equal(*mine, 42);
	assert_int_equal(*others, 0);
	assert_int_equal(CALL(map_lookup_percpu_elem, P(map), P(&key), 1, 0, 0), P(mine));
	assert_int_equal(CALL(map_lookup_percpu_elem, P(map), P(&key), 2, 0, 0), 0);
	assert_int_equal(CALL(map_lookup_percpu_elem, P(map), P(&key), UINT64_C(1) << 32, 0, 0), 0);
	assert_int_equal(CALL(map_delete_elem, P(map), P(&key), 0, 0, 0), 0);
	assert_int_equal(CALL(map_delete_elem, P(map), P(&key), 0, 0, 0), (uint64_t)-ENOENT);
	ffpf_map_free(map);
	map = map_of(FFPF_MAP_ARRAY, FFPF_MAP_PROGRAM_READS);
	assert_int_equal(CALL(map_update_elem, P(map), P(&key), P(&value), 0, 0), (uint64_t)-EPERM);
	assert_int_equal(CALL(map_delete_elem, P(map), P(&key), 0, 0, 0), (uint64_t)-EPERM);
	ffpf_map_free(map);
}

static uint64_t machine_time(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void test_time(void **state)
{
	static const int32_t ids[] = {BPF_FUNC_ktime_get_ns, BPF_FUNC_ktime_get_boot_ns, BPF_FUNC_ktime_get_coarse_ns,
				      BPF_FUNC_ktime_get_tai_ns};

	uint64_t before = machine_time(CLOCK_MONOTONIC), now = CALL(ktime_get_ns, 0, 0, 0, 0, 0);
	assert_in_range(now, before, machine_time(CLOCK_MONOTONIC));
	before = machine_time(CLOCK_BOOTTIME);
	now = CALL(ktime_get_boot_ns, 0, 0, 0, 0, 0);
	assert_in_range(now, before, machine_time(CLOCK_BOOTTIME));
	const uint64_t captured = 1234567890123456789u;

	env.time = &captured;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(info(ids[i])->function(&env, 0, 0, 0, 0, 0), captured);
	env.time = NULL;
}

static void test_others(void **state)
{
	uint64_t seen = 0;

	assert_int_equal(CALL(get_smp_processor_id, 0, 0, 0, 0, 0), 1);
	for (unsigned i = 0; i < 64; i++) {
		uint64_t random = CALL(get_prandom_u32, 0, 0, 0, 0, 0);

		assert_true(random <= UINT32_MAX);
		seen |= random;
	}
	assert_int_equal(seen, UINT32_MAX);
	assert_int_equal(CALL(trace_printk, P("hello"), 6, 0, 0, 0), 6);
}

static void test_load_bytes(void **state)
{
	uint8_t packet[20], to[32];
	struct ffpf_user_ctx ctx = {.data = packet, .data_end = packet + 20, .len = 1500, .caplen = 20};

	for (unsigned i = 0; i < 20; i++)
		packet[i] = (uint8_t)(i + 1);
	assert_int_equal(CALL(xdp_get_buff_len, P(&ctx), 0, 0, 0, 0), 1500);
	memset(to, 0xee, sizeof(to));
	assert_int_equal(CALL(xdp_load_bytes, P(&ctx), 5, P(to), 15, 0), 0);
	assert_memory_equal(to, packet + 5, 15);
	assert_int_equal(to[15], 0xee);
	assert_int_equal(CALL(xdp_load_bytes, P(&ctx), 5, P(to), 16, 0), (uint64_t)-EINVAL);
	memset(to, 6, sizeof(to));
	assert_int_equal(CALL(xdp_load_bytes, P(&ctx), UINT32_MAX, P(to), 2, 0), (uint64_t)-EINVAL);
	assert_int_equal(to[0] | to[1], 0);
	assert_int_equal(to[2], 6);
	assert_int_equal(CALL(skb_load_bytes, P(&ctx), 19, P(to), 1, 0), 0);
	assert_int_equal(to[0], 20);
	assert_int_equal(CALL(skb_load_bytes, P(&ctx), 20, P(to), 4, 0), (uint64_t)-EFAULT);
	assert_int_equal(to[0] | to[1] | to[2] | to[3], 0);
	assert_int_equal(to[4], 6);
}

static uint32_t checksum(const uint16_t *words, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum & 0xffff;
}

/* What it is for: the checksum of a header in which something was replaced. */
static void test_csum_diff(void **state)
{
	uint32_t header[5] = {0x12345678, 0xdeadbeef, 0, 0x0a000001, 0xc0a80101}, new = 0xcb007107;

	uint32_t old_sum = checksum((uint16_t *)header, 10);
	uint64_t diff = CALL(csum_diff, P(&header[3]), 4, P(&new), 4, ~old_sum & 0xffff);
	header[3] = new;
	assert_int_equal(~diff & 0xffff, checksum((uint16_t *)header, 10));
	assert_int_equal(CALL(csum_diff, 0, 0, 0, 0, 77), 77);
	assert_int_equal(CALL(csum_diff, 0, 0, P(header), 20, 0), checksum((uint16_t *)header, 10) ^ 0xffff);
	assert_int_equal(CALL(csum_diff, P(header), 3, 0, 0, 0), (uint64_t)-EINVAL);
	assert_int_equal(CALL(csum_diff, 0, 0, P(header), 6, 0), (uint64_t)-EINVAL);
}

/* ---- a program */

#define INSN(c, d, s, o, i)                                                                                            \
	{                                                                                                              \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                                    \
	}
#define CALL_OF(name) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_##name)
#define ADD_CONSTANT(reg, n) INSN(BPF_ALU64 | BPF_ADD | BPF_K, reg, 0, 0, n)
#define MOVE(to, from) INSN(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0)
#define CONSTANT64(reg, kind, low, high) INSN(BPF_LD | BPF_IMM | BPF_DW, reg, kind, 0, low), INSN(0, 0, 0, 0, high)

/* Counts in a hash table under the number that stands in an array's value; returns the count. */
static const struct bpf_insn counting[] = {
	CONSTANT64(1, BPF_PSEUDO_MAP_IDX_VALUE, 0, 4), /* its second half */
	INSN(BPF_LDX | BPF_MEM | BPF_W, 6, 1, 0, 0),
	INSN(BPF_STX | BPF_MEM | BPF_W, 10, 6, -4, 0),
	CONSTANT64(1, BPF_PSEUDO_MAP_IDX, 1, 0),
	MOVE(2, 10),
	ADD_CONSTANT(2, -4),
	CALL_OF(map_lookup_elem),
	INSN(BPF_JMP | BPF_JNE | BPF_K, 0, 0, 10, 0),
	INSN(BPF_ST | BPF_MEM | BPF_DW, 10, 0, -16, 1),
	CONSTANT64(1, BPF_PSEUDO_MAP_IDX, 1, 0),
	MOVE(2, 10),
	ADD_CONSTANT(2, -4),
	MOVE(3, 10),
	ADD_CONSTANT(3, -16),
	INSN(BPF_ALU64 | BPF_MOV | BPF_K, 4, 0, 0, BPF_NOEXIST),
	CALL_OF(map_update_elem),
	INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	INSN(BPF_LDX | BPF_MEM | BPF_DW, 1, 0, 0, 0),
	ADD_CONSTANT(1, 1),
	INSN(BPF_STX | BPF_MEM | BPF_DW, 0, 1, 0, 0),
	MOVE(0, 1),
	INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
};

static void test_program(void **state)
{
	struct ffpf_map *array = map_of(FFPF_MAP_ARRAY, 0), *hash = map_of(FFPF_MAP_HASH, 0);
	struct ffpf_vm_map maps[] = {{.spec = ffpf_map_spec(array), .map = array},
				     {.spec = ffpf_map_spec(hash), .map = hash}};
	struct ffpf_vm_program program = {.insns = counting,
					  .n = sizeof(counting) / sizeof(counting[0]),
					  .helpers = &ffpf_vm_user_helpers,
					  .maps = maps,
					  .n_maps = 2};
	const char *why;

	for (uint32_t native = 0; native < 2; native++) {
		uint32_t key = 70 + native;
		struct ffpf_vm *vm = NULL;

		((uint32_t *)ffpf_map_memory(array))[1] = key;
		assert_int_equal(ffpf_vm_new(&program, &vm, &why), 0);
		if (native && ffpf_vm_compile(vm) == -ENOTSUP)
			native = 2;
		for (uint64_t i = 0; i < 5; i++)
			assert_int_equal(ffpf_vm_run(vm, NULL, 0, &env), i ? i + 1 : 0);
		assert_int_equal(*(uint64_t *)ffpf_map_lookup(hash, 0, &key), 5);
		ffpf_vm_free(vm);
	}
	ffpf_map_free(array);
	ffpf_map_free(hash);
}

static void test_refused(void **state)
{
	struct ffpf_map *array = map_of(FFPF_MAP_ARRAY, 0), *hash = map_of(FFPF_MAP_HASH, 0);
	struct ffpf_vm_map maps[] = {{.spec = ffpf_map_spec(array), .map = array},
				     {.spec = ffpf_map_spec(hash), .map = hash},
				     {.spec = ffpf_map_spec(hash), .map = NULL}};
	static const struct {
		uint8_t kind;
		int32_t low, high;
	} cases[] = {
		{BPF_PSEUDO_MAP_IDX, 3, 0},	  {BPF_PSEUDO_MAP_IDX, -1, 0},	    {BPF_PSEUDO_MAP_IDX, 0, 1},
		{BPF_PSEUDO_MAP_IDX, 2, 0},	  {BPF_PSEUDO_MAP_IDX_VALUE, 0, 8}, {BPF_PSEUDO_MAP_IDX_VALUE, 0, -1},
		{BPF_PSEUDO_MAP_IDX_VALUE, 1, 0}, {BPF_PSEUDO_MAP_FD, 0, 0},	    {BPF_PSEUDO_MAP_VALUE, 0, 0},
		{BPF_PSEUDO_BTF_ID, 0, 0},	  {BPF_PSEUDO_FUNC, 0, 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct bpf_insn insns[] = {CONSTANT64(0, cases[i].kind, cases[i].low, cases[i].high),
						 INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)};
		struct ffpf_vm_program program = {.insns = insns, .n = 3, .maps = maps, .n_maps = 3};
		struct ffpf_vm *vm = NULL;
		const char *why = NULL;

		assert_int_equal(ffpf_vm_new(&program, &vm, &why), -EINVAL);
		assert_non_null(why);
	}
	ffpf_map_free(array);
	ffpf_map_free(hash);
}

/* ---- conversations */

/* Ethernet, `tags` VLAN tags, IPv4. */
static size_t ipv4(uint8_t *p, unsigned tags, uint8_t protocol, uint16_t fragment, const uint8_t ends[2][6])
{
	size_t at = 12;

	memset(p, 0x11, 12);
	for (unsigned i = 0; i < tags; i++, at += 4)
		memcpy(p + at, "\x81\x00\x00\x05", 4);
	memcpy(p + at, "\x08\x00", 2);
	uint8_t *ip = p + at + 2;
	memset(ip, 0, 28);
	ip[0] = 0x45;
	ip[6] = (uint8_t)(fragment >> 8);
	ip[7] = (uint8_t)fragment;
	ip[9] = protocol;
	memcpy(ip + 12, ends[0], 4);
	memcpy(ip + 16, ends[1], 4);
	memcpy(ip + 20, ends[0] + 4, 2);
	memcpy(ip + 22, ends[1] + 4, 2);
	return at + 2 + 28;
}

static size_t ipv6(uint8_t *p, bool extension, const uint8_t ends[2][6])
{
	memset(p, 0, 100);
	memcpy(p + 12, "\x86\xdd", 2);
	uint8_t *ip = p + 14, *transport = ip + 40 + (extension ? 16 : 0);
	ip[0] = 0x60;
	ip[6] = extension ? 0 : 17;
	memcpy(ip + 8, ends[0], 4);
	memcpy(ip + 24, ends[1], 4);
	if (extension) {
		ip[40] = 17;
		ip[41] = 1;
	}
	memcpy(transport, ends[0] + 4, 2);
	memcpy(transport + 2, ends[1] + 4, 2);
	return (size_t)(transport - p) + 8;
}

static void test_flow_hash(void **state)
{
	static const uint8_t there[2][6] = {{192, 0, 2, 1, 0, 80}, {198, 51, 100, 7, 0x80, 1}};
	static const uint8_t back[2][6] = {{198, 51, 100, 7, 0x80, 1}, {192, 0, 2, 1, 0, 80}};
	static const uint8_t crossed[2][6] = {{192, 0, 2, 1, 0x80, 1}, {198, 51, 100, 7, 0, 80}};
	uint8_t p[128];

	uint32_t hash = ffpf_flow_hash(p, ipv4(p, 0, 6, 0, there));
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 0, 6, 0, back)), hash);
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 0, 6, 0x4000, back)), hash); /* don't fragment */
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 1, 6, 0, there)), hash);
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 2, 6, 0, back)), hash);
	assert_int_not_equal(ffpf_flow_hash(p, ipv4(p, 0, 17, 0, there)), hash);
	assert_int_not_equal(ffpf_flow_hash(p, ipv4(p, 0, 6, 0, crossed)), hash);
	/* fragments: the first has ports, but goes with the others */
	uint32_t pieces = ffpf_flow_hash(p, ipv4(p, 0, 6, 0x2000, there));
	assert_int_not_equal(pieces, hash);
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 0, 6, 0x2010, crossed)), pieces);
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 0, 6, 0x0020, back)), pieces);
	uint32_t six = ffpf_flow_hash(p, ipv6(p, false, there));
	assert_int_equal(ffpf_flow_hash(p, ipv6(p, true, back)), six);
	assert_int_not_equal(six, hash);
	assert_int_equal(ffpf_flow_hash(p, ipv4(p, 0, 1, 0, there)), ffpf_flow_hash(p, ipv4(p, 0, 1, 0, crossed)));
	/* The same on every machine and in every version: results are compared between runs. */
	assert_int_equal(hash, 0x9a622802);
}

/* Cut anywhere, whatever the bytes: no byte behind is read (ASan), and never 0. */
static void test_flow_hash_short(void **state)
{
	static const uint8_t ends[2][6] = {{1, 2, 3, 4, 5, 6}, {6, 5, 4, 3, 2, 1}};

	for (unsigned shape = 0; shape < 4; shape++) {
		uint8_t whole[128];
		size_t n = shape < 2 ? ipv4(whole, shape * 2, 6, 0, ends) : ipv6(whole, shape == 3, ends);

		for (size_t cut = 0; cut <= n; cut++) {
			uint8_t *copy = test_malloc(cut + 1);

			memcpy(copy + 1, whole, cut);
			assert_int_not_equal(ffpf_flow_hash(copy + 1, cut), 0);
			test_free(copy);
		}
	}
}

/* Conversations that differ a little spread evenly. */
static void test_flow_hash_spread(void **state)
{
	unsigned arms[16] = {0};

	for (unsigned i = 0; i < 16000; i++) {
		uint8_t p[128], ends[2][6] = {{10, 0, (uint8_t)(i >> 8), (uint8_t)i, 0, 80}, {10, 1, 0, 1, 4, 0}};

		arms[ffpf_flow_hash(p, ipv4(p, 0, 6, 0, (const uint8_t(*)[6])ends)) & 15]++;
	}
	for (unsigned i = 0; i < 16; i++)
		assert_in_range(arms[i], 850, 1150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_load_bytes),
		cmocka_unit_test(test_csum_diff),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_flow_hash),
		cmocka_unit_test(test_flow_hash_short),
		cmocka_unit_test(test_flow_hash_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

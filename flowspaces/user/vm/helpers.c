/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that users' programs may call in this process, under the kernel's numbers and with its meaning, as far as
 * it makes sense for packets that are copies: what sends, changes or redirects a packet is not here.
 *
 * Time is the packet's. Programs measure rates and ages with bpf_ktime_get_ns(); on a savefile the moment at which the
 * program happens to run says nothing, so there all clocks give the packet's capture time (struct ffpf_vm_env.time).
 * Packets from devices get the clock that was asked for.
 */
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/flowhash.h>
#include <flowspaces/user/vm/code.h>

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* What a helper for programs looks like; most use only some of it. */
#define HELPER(name) static uint64_t name(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)

static unsigned slot(void *env)
{
	return ((const struct ffpf_vm_env *)env)->cpu;
}

/* ---- maps: r1 is what load.c put in for it ----------------------------------------------------------------------- */

static struct ffpf_map *map_of(uint64_t r)
{
	return (struct ffpf_map *)(uintptr_t)r;
}

static const void *memory(uint64_t r)
{
	return (const void *)(uintptr_t)r;
}

HELPER(map_lookup)
{
	return (uintptr_t)ffpf_map_lookup(map_of(r1), slot(env), memory(r2));
}

HELPER(map_lookup_percpu)
{
	return r3 > UINT32_MAX ? 0 : (uintptr_t)ffpf_map_lookup(map_of(r1), (unsigned)r3, memory(r2));
}

HELPER(map_update)
{
	if (r4 > FFPF_MAP_EXIST)
		return (uint64_t)-EINVAL;
	if (ffpf_map_spec(map_of(r1))->flags & FFPF_MAP_PROGRAM_READS)
		return (uint64_t)-EPERM;
	return (uint64_t)(int64_t)ffpf_map_update(map_of(r1), slot(env), memory(r2), memory(r3),
						  (enum ffpf_map_update)r4);
}

HELPER(map_delete)
{
	if (ffpf_map_spec(map_of(r1))->flags & FFPF_MAP_PROGRAM_READS)
		return (uint64_t)-EPERM;
	return (uint64_t)(int64_t)ffpf_map_delete(map_of(r1), memory(r2));
}

/* ---- time, random numbers, where ------------------------------------------------------------------------------- */

static uint64_t clock_of(void *env, clockid_t clock)
{
	const struct ffpf_vm_env *e = env;
	struct timespec now;

	if (e->time)
		return *e->time;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

HELPER(ktime)
{
	return clock_of(env, CLOCK_MONOTONIC);
}

HELPER(ktime_boot)
{
	return clock_of(env, CLOCK_BOOTTIME);
}

HELPER(ktime_coarse)
{
	return clock_of(env, CLOCK_MONOTONIC_COARSE);
}

HELPER(ktime_tai)
{
	return clock_of(env, CLOCK_TAI);
}

/* Differs between runs and threads. */
static uint64_t seed(void)
{
	uint64_t x = 0;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x) || !x)
		x = (uintptr_t)&x | 1;
	return x;
}

/* xorshift64*: sampling needs speed, not secrecy. */
uint64_t ffpf_vm_random(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5)
{
	static _Thread_local uint64_t x;

	if (!x)
		x = seed();
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	return (uint32_t)((x * 0x2545f4914f6cdd1dull) >> 32);
}

HELPER(processor)
{
	return slot(env);
}

/* ---- packets: r1 is a struct ffpf_user_ctx --------------------------------------------------------------------- */

static const struct ffpf_user_ctx *context(uint64_t r)
{
	return (const struct ffpf_user_ctx *)(uintptr_t)r;
}

/* The packet's bytes [offset, offset + n), or NULL. */
static const uint8_t *bytes_of(const struct ffpf_user_ctx *ctx, uint64_t offset, uint64_t n)
{
	uint64_t size = (uint64_t)(ctx->data_end - ctx->data);

	return offset <= size && n <= size - offset ? ctx->data + offset : NULL;
}

uint64_t ffpf_vm_load_packet(uint64_t from, uint64_t offset, uint64_t size)
{
	const uint8_t *bytes = bytes_of(context(from), (uint32_t)offset, (uint32_t)size);
	uint64_t value = 0;

	for (uint64_t i = 0; bytes && i < size; i++)
		value = value << 8 | bytes[i];
	return bytes ? value : UINT64_MAX;
}

/* What could not be loaded is zeroed: the verifier takes the room for filled, and it may be fresh stack. */
HELPER(xdp_load_bytes)
{
	const uint8_t *from = bytes_of(context(r1), (uint32_t)r2, (uint32_t)r4);

	if (!from) {
		memset((void *)(uintptr_t)r3, 0, (uint32_t)r4);
		return (uint64_t)-EINVAL;
	}
	memcpy((void *)(uintptr_t)r3, from, (uint32_t)r4);
	return 0;
}

HELPER(skb_load_bytes)
{
	const uint8_t *from = bytes_of(context(r1), (uint32_t)r2, (uint32_t)r4);

	if (!from) {
		memset((void *)(uintptr_t)r3, 0, (uint32_t)r4);
		return (uint64_t)-EFAULT;
	}
	memcpy((void *)(uintptr_t)r3, from, (uint32_t)r4);
	return 0;
}

/* The length on the wire: of a captured packet more than there may be to load. */
HELPER(xdp_get_buff_len)
{
	return context(r1)->len;
}

HELPER(get_hash_recalc)
{
	const struct ffpf_user_ctx *ctx = context(r1);

	return ffpf_flow_hash(ctx->data, (size_t)(ctx->data_end - ctx->data));
}

/* ---- others ---------------------------------------------------------------------------------------------------- */

/* The ones' complement sum of words in memory order; n is a multiple of four. */
static uint64_t sum_words(uint64_t sum, uint64_t from, uint64_t n, uint32_t flip)
{
	for (uint64_t at = 0; at < n; at += 4) {
		uint32_t word;

		memcpy(&word, (const uint8_t *)(uintptr_t)from + at, sizeof(word));
		sum += word ^ flip;
	}
	return sum;
}

/* The checksum's change when `from` is replaced by `to`, folded to 16 bits, on top of a seed. */
HELPER(csum_diff)
{
	uint64_t from = (uint32_t)r2, to = (uint32_t)r4;

	if ((from | to) & 3)
		return (uint64_t)-EINVAL;
	if (!from && !to)
		return (uint32_t)r5;
	uint64_t sum = sum_words((uint32_t)r5, r1, from, UINT32_MAX);
	sum = sum_words(sum, r3, to, 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Nobody reads it here: it goes nowhere, at the length that it would have had without its arguments. */
HELPER(trace_printk)
{
	return (uint32_t)r2;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

#define PER_CPU_MAPS (1u << FFPF_MAP_PERCPU_ARRAY | 1u << FFPF_MAP_PERCPU_HASH | 1u << FFPF_MAP_LRU_PERCPU_HASH)
#define ENTRY(helper_name, helper_function, ...)                                                                       \
	{                                                                                                              \
		.id = BPF_FUNC_##helper_name, .name = #helper_name, .function = (helper_function), __VA_ARGS__         \
	}
#define ARGS(...) .args = {__VA_ARGS__}

static const struct ffpf_vm_helper_info table[] = {
	ENTRY(map_lookup_elem, map_lookup, .result = FFPF_VM_RESULT_VALUE_OR_NULL,
	      ARGS(FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY)),
	ENTRY(map_update_elem, map_update, .writes_map = true,
	      ARGS(FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY, FFPF_VM_ARG_VALUE, FFPF_VM_ARG_SCALAR)),
	ENTRY(map_delete_elem, map_delete, .writes_map = true, ARGS(FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY)),
	ENTRY(map_lookup_percpu_elem, map_lookup_percpu, .result = FFPF_VM_RESULT_VALUE_OR_NULL, .maps = PER_CPU_MAPS,
	      ARGS(FFPF_VM_ARG_MAP, FFPF_VM_ARG_KEY, FFPF_VM_ARG_SCALAR)),
	ENTRY(tail_call, NULL, ARGS(FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_PROGRAMS, FFPF_VM_ARG_SCALAR)),
	ENTRY(ktime_get_ns, ktime),
	ENTRY(ktime_get_boot_ns, ktime_boot),
	ENTRY(ktime_get_coarse_ns, ktime_coarse),
	ENTRY(ktime_get_tai_ns, ktime_tai),
	ENTRY(get_prandom_u32, ffpf_vm_random),
	ENTRY(get_smp_processor_id, processor),
	ENTRY(xdp_load_bytes, xdp_load_bytes,
	      ARGS(FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_SCALAR, FFPF_VM_ARG_ROOM, FFPF_VM_ARG_SIZE)),
	ENTRY(skb_load_bytes, skb_load_bytes,
	      ARGS(FFPF_VM_ARG_CONTEXT, FFPF_VM_ARG_SCALAR, FFPF_VM_ARG_ROOM, FFPF_VM_ARG_SIZE)),
	ENTRY(xdp_get_buff_len, xdp_get_buff_len, ARGS(FFPF_VM_ARG_CONTEXT)),
	ENTRY(get_hash_recalc, get_hash_recalc, ARGS(FFPF_VM_ARG_CONTEXT)),
	ENTRY(csum_diff, csum_diff,
	      ARGS(FFPF_VM_ARG_MEMORY_OR_NULL, FFPF_VM_ARG_SIZE_OR_ZERO, FFPF_VM_ARG_MEMORY_OR_NULL,
		   FFPF_VM_ARG_SIZE_OR_ZERO, FFPF_VM_ARG_SCALAR)),
	ENTRY(trace_printk, trace_printk, ARGS(FFPF_VM_ARG_MEMORY, FFPF_VM_ARG_SIZE)),
};

const struct ffpf_vm_helpers ffpf_vm_user_helpers = {.table = table, .n = sizeof(table) / sizeof(table[0])};

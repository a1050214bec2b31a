/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interpreter: threaded code, each handler jumps to the next op's. The instructions mean what RFC 9669 says; code.h
 * describes the form they are in. Memory is accessed through memcpy, so any alignment will do.
 */
#include <flowspaces/user/vm/code.h>

#include <linux/bpf.h>
#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define TO_BE(bits, x) __builtin_bswap##bits(x)
#define TO_LE(bits, x) (x)
#else
#define TO_BE(bits, x) (x)
#define TO_LE(bits, x) __builtin_bswap##bits(x)
#endif

struct frame {
	const struct vm_op *back;
	const struct ffpf_vm *vm; /* a tail call of the callee changes it */
	uint64_t saved[4];	  /* r6 to r9 */
};

#define LOAD(type)                                                                                                     \
	static inline type load_##type(uint64_t address)                                                               \
	{                                                                                                              \
		type value;                                                                                            \
		memcpy(&value, (const void *)(uintptr_t)address, sizeof(value));                                       \
		return value;                                                                                          \
	}
LOAD(uint8_t)
LOAD(uint16_t)
LOAD(uint32_t)
LOAD(uint64_t)
LOAD(int8_t)
LOAD(int16_t)
LOAD(int32_t)

static inline void store(uint64_t address, uint64_t value, unsigned bytes)
{
	uint8_t v8 = (uint8_t)value;
	uint16_t v16 = (uint16_t)value;
	uint32_t v32 = (uint32_t)value;

	memcpy((void *)(uintptr_t)address,
	       bytes == 1   ? (void *)&v8
	       : bytes == 2 ? (void *)&v16
	       : bytes == 4 ? (void *)&v32
			    : (void *)&value,
	       bytes);
}

static uint64_t sdiv64(uint64_t a, uint64_t b)
{
	return !b ? 0 : b == UINT64_MAX ? -a : (uint64_t)((int64_t)a / (int64_t)b);
}

static uint64_t smod64(uint64_t a, uint64_t b)
{
	return !b ? a : b == UINT64_MAX ? 0 : (uint64_t)((int64_t)a % (int64_t)b);
}

static uint32_t sdiv32(uint32_t a, uint32_t b)
{
	return !b ? 0 : b == UINT32_MAX ? -a : (uint32_t)((int32_t)a / (int32_t)b);
}

static uint32_t smod32(uint32_t a, uint32_t b)
{
	return !b ? a : b == UINT32_MAX ? 0 : (uint32_t)((int32_t)a % (int32_t)b);
}

/* An atomic instruction on aligned memory. On other memory, which the kernel refuses, it would be undefined in C: never
 * reached by verified programs, here it does nothing. */
#define ATOMIC(type)                                                                                                   \
	static void atomic_##type(int32_t what, uint64_t address, uint64_t *src, uint64_t *r0)                         \
	{                                                                                                              \
		type *at = (type *)(uintptr_t)address, value = (type)*src, old = (type)*r0;                            \
		if (address % sizeof(type))                                                                            \
			return;                                                                                        \
		switch (what & ~BPF_FETCH) {                                                                           \
		case BPF_ADD:                                                                                          \
			old = __atomic_fetch_add(at, value, __ATOMIC_SEQ_CST);                                         \
			break;                                                                                         \
		case BPF_OR:                                                                                           \
			old = __atomic_fetch_or(at, value, __ATOMIC_SEQ_CST);                                          \
			break;                                                                                         \
		case BPF_AND:                                                                                          \
			old = __atomic_fetch_and(at, value, __ATOMIC_SEQ_CST);                                         \
			break;                                                                                         \
		case BPF_XOR:                                                                                          \
			old = __atomic_fetch_xor(at, value, __ATOMIC_SEQ_CST);                                         \
			break;                                                                                         \
		case BPF_XCHG & ~BPF_FETCH:                                                                            \
			old = __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                                        \
			break;                                                                                         \
		case BPF_CMPXCHG & ~BPF_FETCH:                                                                         \
			__atomic_compare_exchange_n(at, &old, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);           \
			*r0 = old;                                                                                     \
			return;                                                                                        \
		}                                                                                                      \
		if (what & BPF_FETCH)                                                                                  \
			*src = old;                                                                                    \
	}
ATOMIC(uint32_t)
ATOMIC(uint64_t)

/* Where a tail call goes, out of the function so many calls deep; NULL: it falls through, as it does where the frames
 * that are left are too few for the program. */
static const struct ffpf_vm *tail_target(struct ffpf_vm_env *env, unsigned depth, uint64_t map, uint32_t index)
{
	const struct ffpf_vm_programs *programs = (const struct ffpf_vm_programs *)(uintptr_t)map;
	const struct ffpf_vm *target;

	if (index >= programs->n || env->tails >= FFPF_VM_TAILS)
		return NULL;
	env->tails++;
	target = __atomic_load_n(&programs->entries[index], __ATOMIC_ACQUIRE);
	return target && depth + target->frames <= FFPF_VM_FRAMES ? target : NULL;
}

#define D r[op->dst]
#define S r[op->src]
#define K ((uint64_t)(int64_t)op->imm)
#define GO goto * op->run
#define NEXT                                                                                                           \
	do {                                                                                                           \
		op++;                                                                                                  \
		GO;                                                                                                    \
	} while (0)
#define SKIP(n)                                                                                                        \
	do {                                                                                                           \
		op += (n);                                                                                             \
		GO;                                                                                                    \
	} while (0)
#define AT (S + (uint64_t)(int64_t)op->off)

/* One expression for the four forms: a and b are the operands, of type u (unsigned) and s (signed). */
#define ALU4(name, expression64, expression32)                                                                         \
	name##64K:                                                                                                     \
	{                                                                                                              \
		uint64_t a = D, b = K;                                                                                 \
		(void)a;                                                                                               \
		D = (expression64);                                                                                    \
		NEXT;                                                                                                  \
	}                                                                                                              \
	name##64X:                                                                                                     \
	{                                                                                                              \
		uint64_t a = D, b = S;                                                                                 \
		(void)a;                                                                                               \
		D = (expression64);                                                                                    \
		NEXT;                                                                                                  \
	}                                                                                                              \
	name##32K:                                                                                                     \
	{                                                                                                              \
		uint32_t a = (uint32_t)D, b = (uint32_t)op->imm;                                                       \
		(void)a;                                                                                               \
		D = (uint32_t)(expression32);                                                                          \
		NEXT;                                                                                                  \
	}                                                                                                              \
	name##32X:                                                                                                     \
	{                                                                                                              \
		uint32_t a = (uint32_t)D, b = (uint32_t)S;                                                             \
		(void)a;                                                                                               \
		D = (uint32_t)(expression32);                                                                          \
		NEXT;                                                                                                  \
	}
#define ALU(name, expression) ALU4(name, expression, expression)

#define BRANCH(condition)                                                                                              \
	do {                                                                                                           \
		if (condition)                                                                                         \
			op += op->off;                                                                                 \
		NEXT;                                                                                                  \
	} while (0)
#define JUMP4(name, type64, type32, operator)                                                                          \
	name##64K : BRANCH((type64)D operator(type64) K);                                                              \
	name##64X : BRANCH((type64)D operator(type64) S);                                                              \
	name##32K : BRANCH((type32)(uint32_t)D operator(type32) op->imm);                                              \
	name##32X : BRANCH((type32)(uint32_t)D operator(type32)(uint32_t) S);

/* A load whose value is compared with the constant of the jump `n` ops on. */
#define LOAD_JUMP(name, value, n)                                                                                      \
	name##_JEQ:                                                                                                    \
	{                                                                                                              \
		uint64_t v = (value);                                                                                  \
		D = v;                                                                                                 \
		op += (n);                                                                                             \
		if (v == K)                                                                                            \
			op += op->off;                                                                                 \
		NEXT;                                                                                                  \
	}                                                                                                              \
	name##_JNE:                                                                                                    \
	{                                                                                                              \
		uint64_t v = (value);                                                                                  \
		D = v;                                                                                                 \
		op += (n);                                                                                             \
		if (v != K)                                                                                            \
			op += op->off;                                                                                 \
		NEXT;                                                                                                  \
	}

#define FOUR_LABELS(name) &&name##64K, &&name##64X, &&name##32K, &&name##32X,
#define ONE_LABEL(name) &&name,

/* vm NULL: puts the table of labels at *labels and runs nothing. */
static uint64_t run(const struct ffpf_vm *vm, void *r1, uint64_t r2, void *env, const void *const **labels)
{
	static const void *const table[] = {VM_ALU(FOUR_LABELS) VM_JUMPS(FOUR_LABELS) VM_OTHERS(ONE_LABEL)
						    VM_SUPER(ONE_LABEL)};
	_Static_assert(sizeof(table) / sizeof(*table) == VM_OPERATIONS, "a label for each operation");

	if (!vm) {
		*labels = table;
		return 0;
	}
	_Alignas(16) uint8_t stack[FFPF_VM_FRAMES * FFPF_VM_STACK];
	struct frame frames[FFPF_VM_FRAMES];
	unsigned depth = 0;
	uint64_t r[16];
	const struct vm_op *op = vm->ops;

	r[0] = r[3] = r[4] = r[5] = r[6] = r[7] = r[8] = r[9] = 0;
	r[1] = (uintptr_t)r1;
	r[2] = r2;
	r[10] = (uintptr_t)stack + FFPF_VM_STACK;
	GO;

	ALU(ADD, a + b)
	ALU(SUB, a - b)
	ALU(MUL, a * b)
	ALU(DIV, b ? a / b : 0)
	ALU(MOD, b ? a % b : a)
	ALU(OR, a | b)
	ALU(AND, a & b)
	ALU(XOR, a ^ b)
	ALU(MOV, b)
	ALU4(LSH, a << (b & 63), a << (b & 31))
	ALU4(RSH, a >> (b & 63), a >> (b & 31))
	ALU4(ARSH, (uint64_t)((int64_t)a >> (b & 63)), (uint32_t)((int32_t)a >> (b & 31)))
	ALU4(SDIV, sdiv64(a, b), sdiv32(a, b))
	ALU4(SMOD, smod64(a, b), smod32(a, b))
NEG64:
	D = -D;
	NEXT;
NEG32:
	D = -(uint32_t)D;
	NEXT;
MOVSX8_64:
	D = (uint64_t)(int64_t)(int8_t)S;
	NEXT;
MOVSX16_64:
	D = (uint64_t)(int64_t)(int16_t)S;
	NEXT;
MOVSX32_64:
	D = (uint64_t)(int64_t)(int32_t)S;
	NEXT;
MOVSX8_32:
	D = (uint32_t)(int8_t)S;
	NEXT;
MOVSX16_32:
	D = (uint32_t)(int16_t)S;
	NEXT;
BE16:
	D = TO_BE(16, (uint16_t)D);
	NEXT;
BE32:
	D = TO_BE(32, (uint32_t)D);
	NEXT;
BE64:
	D = TO_BE(64, D);
	NEXT;
LE16:
	D = TO_LE(16, (uint16_t)D);
	NEXT;
LE32:
	D = TO_LE(32, (uint32_t)D);
	NEXT;
LE64:
	D = TO_LE(64, D);
	NEXT;
BSWAP16:
	D = __builtin_bswap16((uint16_t)D);
	NEXT;
BSWAP32:
	D = __builtin_bswap32((uint32_t)D);
	NEXT;
BSWAP64:
	D = __builtin_bswap64(D);
	NEXT;

LDXB:
	D = load_uint8_t(AT);
	NEXT;
LDXH:
	D = load_uint16_t(AT);
	NEXT;
LDXW:
	D = load_uint32_t(AT);
	NEXT;
LDXDW:
	D = load_uint64_t(AT);
	NEXT;
LDXSB:
	D = (uint64_t)(int64_t)load_int8_t(AT);
	NEXT;
LDXSH:
	D = (uint64_t)(int64_t)load_int16_t(AT);
	NEXT;
LDXSW:
	D = (uint64_t)(int64_t)load_int32_t(AT);
	NEXT;
LDIMM64:
	D = op[1].constant;
	SKIP(2);
LDABS:
	r[0] = ffpf_vm_load_packet(r[6], (uint32_t)op->imm, op->dst);
	goto LOADED;
LDIND:
	r[0] = ffpf_vm_load_packet(r[6], (uint32_t)(S + (uint32_t)op->imm), op->dst);
LOADED:
	if (r[0] != UINT64_MAX)
		NEXT;
	r[0] = 0;
	goto EXIT;

#define TO (D + (uint64_t)(int64_t)op->off)
STB:
	store(TO, K, 1);
	NEXT;
STH:
	store(TO, K, 2);
	NEXT;
STW:
	store(TO, K, 4);
	NEXT;
STDW:
	store(TO, K, 8);
	NEXT;
STXB:
	store(TO, S, 1);
	NEXT;
STXH:
	store(TO, S, 2);
	NEXT;
STXW:
	store(TO, S, 4);
	NEXT;
STXDW:
	store(TO, S, 8);
	NEXT;
ATOMIC32:
	atomic_uint32_t(op->imm, TO, &S, r);
	NEXT;
ATOMIC64:
	atomic_uint64_t(op->imm, TO, &S, r);
	NEXT;

	JUMP4(JEQ, uint64_t, uint32_t, ==)
	JUMP4(JNE, uint64_t, uint32_t, !=)
	JUMP4(JGT, uint64_t, uint32_t, >)
	JUMP4(JGE, uint64_t, uint32_t, >=)
	JUMP4(JLT, uint64_t, uint32_t, <)
	JUMP4(JLE, uint64_t, uint32_t, <=)
	JUMP4(JSET, uint64_t, uint32_t, &)
	JUMP4(JSGT, int64_t, int32_t, >)
	JUMP4(JSGE, int64_t, int32_t, >=)
	JUMP4(JSLT, int64_t, int32_t, <)
	JUMP4(JSLE, int64_t, int32_t, <=)
JA:
	SKIP(op->off + 1);
JAL:
	SKIP((ptrdiff_t)op->imm + 1);
CALL:
	r[0] = vm->helpers[op->imm](env, r[1], r[2], r[3], r[4], r[5]);
	NEXT;
TAIL_CALL : {
	const struct ffpf_vm *target = tail_target(env, depth, r[2], (uint32_t)r[3]);

	if (!target)
		NEXT;
	vm = target;
	op = vm->ops;
	GO;
}
CALL_LOCAL:
	frames[depth].back = op + 1;
	frames[depth].vm = vm;
	memcpy(frames[depth].saved, r + 6, sizeof(frames[depth].saved));
	depth++;
	r[10] += FFPF_VM_STACK;
	SKIP((ptrdiff_t)op->imm + 1);
EXIT:
	if (!depth)
		return r[0];
	depth--;
	memcpy(r + 6, frames[depth].saved, sizeof(frames[depth].saved));
	r[10] -= FFPF_VM_STACK;
	op = frames[depth].back;
	vm = frames[depth].vm;
	GO;

LDXH_BE:
	D = TO_BE(16, load_uint16_t(AT));
	SKIP(2);
LDXW_BE:
	D = TO_BE(32, load_uint32_t(AT));
	SKIP(2);
MOV_ADD:
	D = S + (uint64_t)(int64_t)op[1].imm;
	SKIP(2);
MOV_ADD_JGT : {
	uint64_t v = S + (uint64_t)(int64_t)op[1].imm;

	D = v;
	op += 2;
	if (v > S)
		op += op->off;
	NEXT;
}
MOVK_EXIT:
	D = K;
	op++;
	goto EXIT;
LDXB_AND_LSH:
	D = (load_uint8_t(AT) & (uint64_t)(int64_t)op[1].imm) << (op[2].imm & 63);
	SKIP(3);
LDXB_JSET : {
	uint64_t v = load_uint8_t(AT);

	D = v;
	op++;
	BRANCH(v & K);
}
LDXH_BE_JSET : {
	uint64_t v = TO_BE(16, load_uint16_t(AT));

	D = v;
	op += 2;
	BRANCH(v & K);
}
	LOAD_JUMP(LDXB, load_uint8_t(AT), 1)
	LOAD_JUMP(LDXH, load_uint16_t(AT), 1)
	LOAD_JUMP(LDXW, load_uint32_t(AT), 1)
	LOAD_JUMP(LDXH_BE, TO_BE(16, load_uint16_t(AT)), 2)
	LOAD_JUMP(LDXW_BE, TO_BE(32, load_uint32_t(AT)), 2)
}

const void *const *ffpf_vm_labels(void)
{
	const void *const *labels;

	run(NULL, NULL, 0, NULL, &labels);
	return labels;
}

uint64_t ffpf_vm_run(const struct ffpf_vm *vm, void *r1, uint64_t r2, void *env)
{
	if (vm->tails)
		((struct ffpf_vm_env *)env)->tails = 0;
	if (vm->native)
		return vm->native(r1, r2, env);
	return run(vm, r1, r2, env, NULL);
}

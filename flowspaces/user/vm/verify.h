/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Private to the verifier: what it knows of a value, a register, the stack, a state; the parts' interfaces.
 *
 *   verify.c             the walk over all paths, begin and end
 *   verify_number.c      what is known of a number: bits and ranges; arithmetic (verify_ranges.c) and conditions on
 * them verify_flow.c        before the walk: encoding, subprograms, jump targets, which registers are live
 *   verify_state.c       states: copying, freeing, nodes of values
 *   verify_prune.c       states that were seen before
 *   verify_alu.c         arithmetic on registers, pointers among them
 *   verify_branch.c      conditional jumps
 *   verify_memory.c      loads, stores, atomics, the context
 *   verify_stack.c       bytes of the stack
 *   verify_call.c        helpers, local calls, exit
 *   verify_message.c     what the user reads
 *
 * The heads of verify.c and verify_prune.c say why it is sound.
 */
#ifndef FFPF_VM_VERIFY_H
#define FFPF_VM_VERIFY_H

#include <flowspaces/user/vm/code.h>

/* ---- numbers ---- */

/* Bits: those in `unknown` may be anything, the others are as in `value` (which is 0 in unknown places). */
struct vm_bits {
	uint64_t value, unknown;
};

struct vm_bounds {
	uint64_t umin, umax;
	int64_t smin, smax;
};

/* A value of 64 bits; `low` is about its low half: unsigned, and signed as 32 bits. All that stands here holds. */
struct vm_number {
	struct vm_bits bits;
	struct vm_bounds wide, low;
};

struct vm_number ffpf_vm_number_any(void);
struct vm_number ffpf_vm_number_constant(uint64_t value);
struct vm_number ffpf_vm_number_bytes(unsigned bytes, bool sign); /* what a load of so many bytes gives */
bool ffpf_vm_number_is_constant(const struct vm_number *n);
/* Lets what is known in one form tighten the others; false: no value is left. */
bool ffpf_vm_number_tighten(struct vm_number *n);
/* Is each value that a may have one that b may have? */
bool ffpf_vm_number_within(const struct vm_number *a, const struct vm_number *b);
bool ffpf_vm_number_has(const struct vm_number *n, uint64_t value);
/* dst = dst op src for the instruction's BPF_ADD...; `is_signed` for division. Exact meaning of RFC 9669. */
void ffpf_vm_number_alu(struct vm_number *dst, const struct vm_number *src, uint8_t op, bool wide, bool is_signed);
struct vm_number ffpf_vm_number_low(const struct vm_number *n);			  /* the low half, zero-extended */
struct vm_number ffpf_vm_number_extend(const struct vm_number *n, unsigned bits); /* sign-extended from so many bits */
struct vm_number ffpf_vm_number_swap(const struct vm_number *n, unsigned bits, bool swap); /* be, le, bswap */
/* `size` bytes from byte `at` of the value, as it lies in memory. */
struct vm_number ffpf_vm_number_part(const struct vm_number *n, unsigned at, unsigned size);
/* Narrows a and b to what holds if the condition (BPF_JEQ...) does, or if not; false: that can't be. */
bool ffpf_vm_number_assume(uint8_t op, bool holds, bool wide, struct vm_number *a, struct vm_number *b);

/* Parts of the arithmetic (verify_ranges.c): dst = a op b at a width of 64 or 32 bits. */
void ffpf_vm_bounds_alu(struct vm_bounds *dst, const struct vm_bounds *a, const struct vm_bounds *b, uint8_t op,
			unsigned width, bool is_signed);
struct vm_bits ffpf_vm_bits_alu(struct vm_bits a, struct vm_bits b, uint8_t op, unsigned width);
struct vm_bounds ffpf_vm_bounds_any(unsigned width);

/* ---- registers ---- */

enum vm_kind {
	VM_NOTHING, /* not initialised, or void */
	VM_NUMBER,
	VM_CONTEXT,
	VM_STACK,
	VM_PACKET,
	VM_PACKET_END,
	VM_PACKET_META,
	VM_VALUE,
	VM_VALUE_OR_NULL,
	VM_MAP,
	VM_MEMORY,
};

/*
 * Pointers: base + off + number. A packet pointer's base is the packet's first byte; number is the same for all that
 * have the same id, and range - 1 bytes from base + number on are known to be there. range 0: not even base + number is
 * known to lie in the packet.
 */
struct vm_reg {
	struct vm_number number; /* VM_NUMBER: the value; pointers: the variable part of the offset */
	int32_t off;
	uint32_t id;	/* numbers: equal values; packet: equal variable parts; map values: from one lookup */
	uint32_t node;	/* numbers: see verify_prune.c */
	uint32_t range; /* packet */
	uint16_t map;	/* index in the program's maps */
	uint8_t kind, frame /* stack: whose */;
	bool half;  /* the id's value is the whole, this is its low half */
	bool stale; /* VM_NOTHING: was a packet pointer before a helper changed the packet */
};

/* Four bytes of stack, slot i: bytes -4i-4 to -4i-1 from r10. */
#define VM_SLOT 4
#define VM_SLOTS (FFPF_VM_STACK / VM_SLOT)
struct vm_slot {
	struct vm_reg value; /* bytes at to at + size, if size is not 0; of 8 bytes: in the lower slot */
	uint32_t written;    /* node of what lies here: marked when read */
	uint8_t set;	     /* bit for each byte: initialised */
	uint8_t at, size;
	bool upper; /* the upper half of the value in the slot below (index + 1) */
};

struct vm_frame {
	struct vm_reg regs[BPF_REG_10 + 1];
	uint32_t call;	     /* the instruction that called */
	uint32_t subprogram; /* its first instruction */
	unsigned n_slots, capacity;
	struct vm_slot *slots;
};

struct vm_visit;

struct vm_state {
	struct vm_frame *frames[FFPF_VM_FRAMES];
	unsigned depth; /* index of the current frame */
	uint32_t pc;
	struct vm_visit *parent; /* the last state on this path that was kept */
	uint32_t path;		 /* branches until here */
	uint32_t insns, jumps;	 /* since parent */
	uint64_t watch;		 /* for who watches: 0 at the begin, copied where paths part */
};

/* A state that was kept at an instruction. */
struct vm_visit {
	struct vm_state state;
	struct vm_visit *next;
	uint32_t open; /* paths from here that are not finished; 0: all that can come after it is known to be safe */
	uint32_t hits, misses;
};

/* ---- the verifier ---- */

enum {
	VM_INSNS = 1000000,	/* simulated, and of a program */
	VM_PENDING = 8192,	/* branches that wait */
	VM_MEGABYTES = 128,	/* of states */
	VM_WORK = 100000000,	/* bytes of states copied and compared, in units of 16 */
	VM_OFFSET = 1 << 29,	/* pointers stay so near to what they point into */
	VM_PACKET_MOST = 65535, /* variable part of a packet offset that can be compared */
};

enum { VM_SECOND = 1, VM_VISITED = 2, VM_PRUNE = 4 };
enum { VM_USE_NONE, VM_USE_MEMORY, VM_USE_FIELD };

struct vm_place {
	uint8_t flags;
	uint8_t use;	/* of a load or store */
	uint16_t live;	/* registers that may be read from here on before they are written */
	uint16_t field; /* VM_USE_FIELD */
	int16_t off;	/* the context's offset in the register */
	/* States that were kept here: on the path that is walked, the newest first; and those that are finished. */
	struct vm_visit *open, *finished;
	uint32_t n_open, n_finished;
};

struct vm_node {
	uint32_t a, b; /* what it was made of; the top bit of a: marked */
};

struct vm_step {
	uint32_t before, insn;
	bool taken;
};

struct vm_verifier;
/* Before each simulated instruction; for tests. */
typedef void (*vm_watch)(void *cookie, struct vm_state *state);

struct vm_options {
	unsigned level;
	bool no_pruning; /* for tests: every path to its end */
	bool keep_all;	 /* for tests: every state where paths meet, however near the last */
	uint32_t most;	 /* for tests: simulated instructions, fewer than VM_INSNS; 0: those */
	vm_watch watch;
	void *cookie;
	uint32_t *simulated; /* out, may be NULL: instructions simulated */
};

struct vm_verifier {
	const struct ffpf_vm_program *program;
	const struct bpf_insn *insns;
	size_t n;
	unsigned frames;
	struct vm_options options;
	struct vm_place *places;
	struct vm_state *state;	   /* the path that is walked */
	struct vm_state **pending; /* branches that wait */
	size_t n_pending, capacity_pending;
	struct vm_node *nodes;
	size_t n_nodes, capacity_nodes;
	uint32_t *marking;
	size_t capacity_marking;
	struct vm_step *steps;
	size_t n_steps, capacity_steps;
	uint32_t ids, simulated;
	size_t memory;
	uint64_t work;
	char reason[256];
	bool located; /* the reason is about the instruction at state->pc */
	FILE *log;
	char *logged;
	size_t logged_size;
};

/* Sets the reason, as a sentence without its end; -EACCES. */
int ffpf_vm_refuse(struct vm_verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
int ffpf_vm_too_big(struct vm_verifier *v, const char *format, ...) __attribute__((format(printf, 2, 3))); /* -E2BIG */
/* As ffpf_vm_verify. */
int ffpf_vm_verify_with(const struct ffpf_vm_program *program, struct bpf_insn *insns, const struct vm_options *options,
			char **message);

int ffpf_vm_flow(struct vm_verifier *v);
/* The helper that a call names; it is there. */
const struct ffpf_vm_helper_info *ffpf_vm_helper_of(const struct vm_verifier *v, int32_t id);

/* Of a new value made from two others (0: none). 0 when memory ran out, which is remembered. */
uint32_t ffpf_vm_node(struct vm_verifier *v, uint32_t a, uint32_t b);
/* The verdict depends on this value, and so on what it was made of. Of a stack slot: it was read. */
int ffpf_vm_mark(struct vm_verifier *v, uint32_t node);
bool ffpf_vm_marked(const struct vm_verifier *v, uint32_t node);
struct vm_frame *ffpf_vm_frame_new(struct vm_verifier *v, uint32_t call, uint32_t subprogram);
/* Frame `index` of the path that is walked, with so many slots, which may move. NULL: no memory. */
struct vm_frame *ffpf_vm_frame_grow(struct vm_verifier *v, unsigned index, unsigned n_slots);
void ffpf_vm_pop_frame(struct vm_verifier *v);
bool ffpf_vm_copy_frames(struct vm_verifier *v, struct vm_state *to, const struct vm_state *from);
struct vm_state *ffpf_vm_state_copy(struct vm_verifier *v, const struct vm_state *state); /* NULL: no memory */
void ffpf_vm_state_clear(struct vm_verifier *v, struct vm_state *state);
void ffpf_vm_state_free(struct vm_verifier *v, struct vm_state *state);
/* Calls change for every register and every value on the stack, in all frames. */
void ffpf_vm_each(struct vm_verifier *v, struct vm_state *state, void (*change)(struct vm_reg *reg, void *cookie),
		  void *cookie);
struct vm_reg *ffpf_vm_reg(struct vm_verifier *v, unsigned reg);
/* -EACCES unless initialised. */
int ffpf_vm_readable(struct vm_verifier *v, unsigned reg);
/* A number that was made of those with the nodes a and b (0: none); 0, -ENOMEM, -E2BIG. */
int ffpf_vm_set_number(struct vm_verifier *v, struct vm_reg *reg, struct vm_number number, uint32_t a, uint32_t b);
/* Why memory ran out: -ENOMEM or -E2BIG. */
int ffpf_vm_no_memory(const struct vm_verifier *v);

/* 1: nothing new can come of this path; 0: go on. */
int ffpf_vm_prune(struct vm_verifier *v);
void ffpf_vm_visits_free(struct vm_verifier *v, struct vm_visit *first);
void ffpf_vm_path_done(struct vm_verifier *v, struct vm_visit *parent);
/* Keeps a branch for later: at pc, coming from the instruction of v->state. The copy is v->state's. */
struct vm_state *ffpf_vm_push(struct vm_verifier *v, int *error);
/* The same for a conditional jump: the copy takes it, v->state goes on behind it. */
struct vm_state *ffpf_vm_fork(struct vm_verifier *v, const struct bpf_insn *insn, int *error);
void ffpf_vm_took(struct vm_verifier *v, struct vm_state *state, uint32_t insn, bool taken);

int ffpf_vm_alu(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_branch(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_load(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_store(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_atomic(struct vm_verifier *v, const struct bpf_insn *insn);
/* Do both point into one thing? Then they may be compared and subtracted. */
bool ffpf_vm_same_object(const struct vm_reg *a, const struct vm_reg *b);
/* "the packet": what a pointer of that kind points to. */
const char *ffpf_vm_kind_name(uint8_t kind);
int ffpf_vm_load_constant(struct vm_verifier *v, const struct bpf_insn *insn);
/* 1: the path ends here. */
int ffpf_vm_call(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_packet_load(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_local_call(struct vm_verifier *v, const struct bpf_insn *insn);
int ffpf_vm_exit(struct vm_verifier *v);

/* Are bytes off to off + size from what reg points to there, for reading or writing? Not the stack, not the context. */
int ffpf_vm_accessible(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size,
		       bool write);

/* The stack. off is from r10 of reg's frame, reg's own offset not counted. */
int ffpf_vm_stack_bounds(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size,
			 int64_t *first, int64_t *last);
int ffpf_vm_stack_load(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int16_t off, unsigned size,
		       bool sign, struct vm_reg *out);
int ffpf_vm_stack_store(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int16_t off, unsigned size,
			const struct vm_reg *value);
/* `size` bytes are read as plain bytes. */
int ffpf_vm_stack_read(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t size);
/* At least `least`, at most `most` bytes from there get unknown numbers. */
int ffpf_vm_stack_fill(struct vm_verifier *v, unsigned number, const struct vm_reg *reg, int64_t off, uint64_t least,
		       uint64_t most);

/* Bytes that a load or store accesses. */
unsigned ffpf_vm_size_of(const struct bpf_insn *insn);

/* The context (context.c): finds the field of an access, and refuses what can't be rewritten. */
int ffpf_vm_context_access(struct vm_verifier *v, const struct vm_reg *reg, const struct bpf_insn *insn, bool write,
			   const struct ffpf_vm_field **field);
/* How many bytes a load of `size` bytes at `off` takes from the field (the others are 0), and which, from the least. */
unsigned ffpf_vm_field_bytes(const struct ffpf_vm_field *field, int64_t off, unsigned size, unsigned *least);
/* Makes the accesses of v->places real. */
void ffpf_vm_context_rewrite(const struct vm_verifier *v, struct bpf_insn *insns);

/* Assembles the message of a refused program; NULL when there is no memory. */
char *ffpf_vm_message(struct vm_verifier *v);
void ffpf_vm_log_step(struct vm_verifier *v);
/* "packet + 14 + 0..60": a register in a few words. */
void ffpf_vm_print_reg(const struct vm_verifier *v, const struct vm_reg *reg, FILE *out);

#endif

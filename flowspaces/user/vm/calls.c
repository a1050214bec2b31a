/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The functions of a program: what lies from the target of one local call to that of the next, as the kernel has it.
 * Checks that control leaves a function only by a call or an exit, and that calls end: no function calls itself, and
 * they nest FFPF_VM_FRAMES deep at most. So neither the interpreter nor compiled code counts frames.
 */
#include <flowspaces/user/vm/code.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As in the kernel (BPF_MAX_SUBPROGS). */
#define FUNCTIONS 256

struct functions {
	const struct bpf_insn *insns;
	size_t n;
	uint32_t begin[FUNCTIONS + 1]; /* ascending; one more: the program's end */
	unsigned count;
	uint8_t calls[FUNCTIONS][FUNCTIONS / 8]; /* set of the functions that one calls */
	uint8_t depth[FUNCTIONS];		 /* frames from here on; 0 not known yet */
	bool open[FUNCTIONS];			 /* on the way that is being followed */
};

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The number of the function that an instruction is in. */
static unsigned function_of(const struct functions *f, size_t insn)
{
	unsigned low = 0, high = f->count;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (f->begin[middle] <= insn)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool begins(const struct functions *f, size_t insn)
{
	for (unsigned i = 0; i < f->count; i++)
		if (f->begin[i] == insn)
			return true;
	return false;
}

static const char *find(struct functions *f)
{
	f->begin[f->count++] = 0;
	for (size_t i = 0; i < f->n; i++) {
		size_t target;

		if (!ffpf_insn_is_local_call(&f->insns[i]))
			continue;
		target = ffpf_insn_target(&f->insns[i], i);
		if (begins(f, target))
			continue;
		if (f->count == FUNCTIONS)
			return "more than 256 functions";
		f->begin[f->count++] = (uint32_t)target;
	}
	qsort(f->begin, f->count, sizeof(*f->begin), ascending);
	f->begin[f->count] = (uint32_t)f->n;
	return NULL;
}

/* One instruction of function `in`: does it stay there? Notes whom it calls. */
static const char *follow(struct functions *f, size_t i, unsigned in)
{
	const struct bpf_insn *insn = &f->insns[i];
	if (ffpf_insn_is_local_call(insn)) {
		unsigned callee = function_of(f, ffpf_insn_target(insn, i));

		f->calls[in][callee / 8] |= (uint8_t)(1u << callee % 8);
		return NULL;
	}
	if (!ffpf_insn_is_jump(insn) || function_of(f, ffpf_insn_target(insn, i)) == in)
		return NULL;
	return "a jump from one function into another";
}

static const char *check_bodies(struct functions *f)
{
	unsigned in = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct bpf_insn *insn = &f->insns[i];
		const char *why;

		while (i >= f->begin[in + 1])
			in++;
		why = follow(f, i, in);
		if (why)
			return why;
		if (ffpf_insn_is_wide(insn))
			i++;
		if (i + 1 == f->begin[in + 1] && insn->code != (BPF_JMP | BPF_EXIT) &&
		    insn->code != (BPF_JMP | BPF_JA) && insn->code != (BPF_JMP32 | BPF_JA))
			return "the last instruction falls off the end";
	}
	return NULL;
}

/* Frames that function i needs, itself counted; more than FFPF_VM_FRAMES where it may call itself. */
static unsigned depth(struct functions *f, unsigned i, unsigned above)
{
	unsigned most = 0;

	if (f->open[i] || above > FFPF_VM_FRAMES)
		return FFPF_VM_FRAMES + 1;
	if (f->depth[i])
		return f->depth[i];
	f->open[i] = true;
	for (unsigned k = 0; k < f->count; k++)
		if (f->calls[i][k / 8] & 1u << k % 8) {
			unsigned below = depth(f, k, above + 1);

			most = below > most ? below : most;
		}
	f->open[i] = false;
	most = most < FFPF_VM_FRAMES ? most + 1 : FFPF_VM_FRAMES + 1;
	f->depth[i] = (uint8_t)most;
	return most;
}

int ffpf_vm_check_calls(const struct bpf_insn *insns, size_t n, unsigned *frames, const char **why)
{
	struct functions *f = calloc(1, sizeof(*f));

	if (!f) {
		*why = "out of memory";
		return -ENOMEM;
	}
	f->insns = insns;
	f->n = n;
	*why = find(f);
	if (!*why)
		*why = check_bodies(f);
	*frames = *why ? 0 : depth(f, 0, 0);
	if (*frames > FFPF_VM_FRAMES)
		*why = "local calls that never end, or nest deeper than eight frames";
	free(f);
	return *why ? -EINVAL : 0;
}

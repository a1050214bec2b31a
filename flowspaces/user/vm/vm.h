/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The userspace eBPF machine: runs the programs of the user flowspace.
 *
 *   load.c    checks the encoding, decodes into the form that the interpreter runs
 *   fuse.c    superinstructions
 *   interp.c  the interpreter (threaded code)
 */
#ifndef FFPF_USER_VM_H
#define FFPF_USER_VM_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

struct ffpf_vm;

/* A helper: arguments r1 to r5, result r0. env is what ffpf_vm_run was given. */
typedef uint64_t (*ffpf_vm_helper)(void *env, uint64_t r1, uint64_t r2, uint64_t r3, uint64_t r4, uint64_t r5);

struct ffpf_vm_helpers {
	const struct {
		int32_t id; /* imm of the call instruction */
		ffpf_vm_helper function;
	} * table;
	size_t n;
};

/*
 * Takes a program of n instructions (RFC 9669 ISA, host byte order) whose LD_IMM64 instructions hold plain constants.
 * Refuses with -EINVAL and a sentence in *why (static) what is not well formed: unknown opcodes, jumps out of the
 * program or into the second half of an LD_IMM64, unknown helpers, register numbers, writes to r10, unused fields that
 * are not zero, a last instruction that falls off the end. *why is NULL on success. Nothing given is kept. Memory
 * accesses are not checked: only programs of our own generator, or that a verifier passed, may be run.
 */
int ffpf_vm_new(const struct bpf_insn *insns, size_t n, const struct ffpf_vm_helpers *helpers, struct ffpf_vm **out,
		const char **why);
void ffpf_vm_free(struct ffpf_vm *vm); /* NULL-safe */

/* Runs with r1 = ctx and a stack of 512 bytes. Returns r0, or 0 when local calls nest deeper than eight frames.
 * Reentrant. */
uint64_t ffpf_vm_run(const struct ffpf_vm *vm, void *ctx, void *env);

#endif

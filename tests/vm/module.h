/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For programs that test ffpf.ko through /dev/ffpf: calls with sizes and version filled in, small eBPF programs, and
 * checks that count. Each program exits with 0 when all checks passed and prints how many there were.
 */
#ifndef TESTS_VM_MODULE_H
#define TESTS_VM_MODULE_H

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <kernel/include/ffpf_kmod.h>
#include <lib/buf/buf.h>
#include <linux/bpf.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static unsigned checks, failures;

#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		checks++;                                                                                              \
		if (!(condition)) {                                                                                    \
			failures++;                                                                                    \
			printf("FAIL: %s:%d: %s (errno %d: %s)\n", __FILE__, __LINE__, #condition, errno,              \
			       strerror(errno));                                                                       \
		}                                                                                                      \
	} while (0)

/* 0, or the error as a number below it */
static inline int call(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument) < 0 ? -errno : 0;
}

#define HEAD(type) .size = sizeof(struct type), .abi = FFPF_KMOD_ABI
#define ARGS(type, ...) (&(struct type){HEAD(type), __VA_ARGS__})

static inline int module_open(void)
{
	int fd = open(FFPF_KMOD_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		perror(FFPF_KMOD_DEVICE);
		exit(1);
	}
	return fd;
}

static inline unsigned module_cpus(int fd)
{
	struct ffpf_kmod_version version = {.size = sizeof(version)};

	return call(fd, FFPF_KMOD_IOC_VERSION, &version) ? 0 : version.n_cpus;
}

#define RING_BYTES (1u << 18)
#define IBUF_BYTES (1u << 16)
#define CELLS_STRIDE 256
#define CELLS_LIST 64

static inline struct ffpf_kmod_create module_buffers(unsigned n_inflows)
{
	return (struct ffpf_kmod_create){HEAD(ffpf_kmod_create),   .n_inflows = n_inflows, .ring_bytes = RING_BYTES,
					 .ibuf_bytes = IBUF_BYTES, .snaplen = 2048,	   .flags = FFPF_KMOD_TIME};
}

/* A map that crossings can be left in. */
static inline int cells_map(unsigned n_cpus)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "cells", 4, CELLS_STRIDE * n_cpus, 1, &options);
}

/* ---- programs -------------------------------------------------------------------------------- */

#define INSN(c, d, s, o, i) ((struct bpf_insn){.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)})
#define MOVI(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define MOVR(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define LDW(d, s, o) INSN(BPF_LDX | BPF_MEM | BPF_W, d, s, o, 0)
#define STW(d, s, o) INSN(BPF_STX | BPF_MEM | BPF_W, d, s, o, 0)
#define STWI(d, o, i) INSN(BPF_ST | BPF_MEM | BPF_W, d, 0, o, i)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define CB(i) ((int16_t)offsetof(struct __sk_buff, cb[i]))

static inline int load(enum bpf_prog_type type, const struct bpf_insn *insns, size_t n)
{
	int fd = bpf_prog_load(type, "test", "GPL", insns, n, NULL);

	if (fd < 0) {
		perror("loading a program");
		exit(1);
	}
	return fd;
}

/* Returns a constant. */
static inline int program_returning(enum bpf_prog_type type, int value)
{
	const struct bpf_insn insns[] = {MOVI(0, value), EXIT};

	return load(type, insns, 2);
}

/* Lets packets reach the native behind it, with class 1. */
static inline int program_reaching(void)
{
	/* (6.1 takes no constant into the context.) */
	const struct bpf_insn insns[] = {MOVI(2, 1), STW(1, 2, CB(FFPF_KMOD_CB_CLASS)), MOVI(0, 0), EXIT};

	return load(BPF_PROG_TYPE_SCHED_CLS, insns, 4);
}

/*
 * Leaves crossings: to one in-flow with the class found in cb (class: with this one instead), to two with that and
 * twice that.
 */
static inline int program_crossing(int map, unsigned n_cpus, unsigned n_inflows, int class, int verdict)
{
	struct bpf_insn insns[40];
	size_t n = 0, out[2];

#define ADD(insn) (insns[n++] = (insn))
	ADD(MOVR(6, 1));
	ADD(INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_get_smp_processor_id));
	ADD(INSN(BPF_LD | BPF_DW | BPF_IMM, 7, BPF_PSEUDO_MAP_VALUE, 0, map));
	ADD(INSN(0, 0, 0, 0, 0));
	ADD(INSN(BPF_ALU | BPF_MOV | BPF_X, 0, 0, 0, 0));
	out[0] = n;
	ADD(INSN(BPF_JMP | BPF_JGE | BPF_K, 0, 0, 0, (int)n_cpus));
	ADD(INSN(BPF_ALU64 | BPF_MUL | BPF_K, 0, 0, 0, CELLS_STRIDE));
	ADD(INSN(BPF_ALU64 | BPF_ADD | BPF_X, 7, 0, 0, 0));
	ADD(class ? MOVI(8, class) : LDW(8, 6, CB(FFPF_KMOD_CB_CLASS)));
	out[1] = n;
	ADD(INSN(BPF_JMP | BPF_JEQ | BPF_K, 8, 0, 0, 0));
	if (n_inflows == 1) {
		ADD(STW(7, 8, 0));
	} else {
		ADD(STWI(7, 0, 2));
		ADD(STWI(7, CELLS_LIST, 1));
		ADD(STW(7, 8, CELLS_LIST + 4));
		ADD(STWI(7, CELLS_LIST + 8, 0));
		ADD(INSN(BPF_ALU64 | BPF_LSH | BPF_K, 8, 0, 0, 1));
		ADD(STW(7, 8, CELLS_LIST + 12));
	}
	insns[out[0]].off = (int16_t)(n - out[0] - 1);
	insns[out[1]].off = (int16_t)(n - out[1] - 1);
	ADD(MOVI(0, verdict));
	ADD(EXIT);
#undef ADD
	return load(BPF_PROG_TYPE_SCHED_CLS, insns, n);
}

/* ---- strsearch ------------------------------------------------------------------------------- */

/* Parameters of patterns that are separated by |, into `to`. How many bytes. */
static inline uint32_t strsearch_params(void *to, uint32_t flags, const char *patterns)
{
	struct ffpf_strsearch_params *params = to;
	uint8_t *at = (uint8_t *)(params + 1);

	*params = (struct ffpf_strsearch_params){.flags = flags};
	while (*patterns) {
		uint32_t n = (uint32_t)strcspn(patterns, "|");

		memcpy(at, &n, 4);
		memcpy(at + 4, patterns, n);
		at += 4 + n;
		params->n_patterns++;
		patterns += n + (patterns[n] == '|');
	}
	return (uint32_t)(at - (uint8_t *)to);
}

static inline int add_strsearch(int fd, uint32_t source, uint32_t number, uint32_t flags, const char *patterns,
				struct ffpf_kmod_native *out)
{
	uint8_t params[1024];

	*out = (struct ffpf_kmod_native){HEAD(ffpf_kmod_native),
					 .source = source,
					 .number = number,
					 .name = "strsearch",
					 .params = (uintptr_t)params,
					 .params_bytes = strsearch_params(params, flags, patterns)};
	return call(fd, FFPF_KMOD_IOC_NATIVE, out);
}

static inline int module_result(const char *what)
{
	printf("%s: %u checks, %u failed\n", what, checks, failures);
	return failures || !checks ? 1 : 0;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The module as a program sees it: its device, its calls with what may go wrong in words, its memory. What the calls
 * mean stands in kernel/include/ffpf_kmod.h.
 */
#ifndef FFPF_KMOD_MODULE_H
#define FFPF_KMOD_MODULE_H

#include <flowspaces/bpf/device.h>
#include <kernel/include/ffpf_kmod.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Can the module be used? NULL: yes; else why not (static), for people. Asks again once a second at most. */
const char *ffpf_kmod_absent(void);
/* Does the module have this class of native functions, in the version that we speak? */
bool ffpf_kmod_has(const char *class);

/* One instance, and where its memory is mapped. */
struct ffpf_kmod {
	int fd;
	unsigned n_cpus, n_inflows;
	struct ffpf_kmod_create made; /* as CREATE answered */
	uint8_t *rings;		      /* n_cpus times made.rings_stride; NULL: none */
	uint8_t *pages;		      /* of readers, n_cpus */
	const uint8_t *mbuf;	      /* cells of native functions; NULL: none (yet) */
	size_t rings_bytes, pages_bytes, mbuf_bytes;
	uint32_t mbuf_stride;
	int *bells; /* an eventfd for each CPU; NULL: none */
	unsigned n_bells;
};

/* 0, or -errno with a sentence in why. */
int ffpf_kmod_open(struct ffpf_kmod *module, char why[FFPF_WHY_MAX]);
/* Buffers: `wanted` has flags, n_inflows, ring_bytes, ibuf_bytes, snaplen. n_bells: eventfds, CPU i rings i modulo
 * that. */
int ffpf_kmod_create(struct ffpf_kmod *module, const struct ffpf_kmod_create *wanted, unsigned n_bells,
		     char why[FFPF_WHY_MAX]);
int ffpf_kmod_call(const struct ffpf_kmod *module, unsigned long request, void *argument, const char *what,
		   char why[FFPF_WHY_MAX]);
/* Everything is attached, and the cells of native functions are mapped, when it returns 0. */
int ffpf_kmod_start(struct ffpf_kmod *module, char why[FFPF_WHY_MAX]);
void ffpf_kmod_stop(struct ffpf_kmod *module); /* safe in every state */
/* ffpf_ring_set.doorbell_clear; arg: the struct ffpf_kmod. */
void ffpf_kmod_bell_clear(void *arg, unsigned ring);
/* Of one source. False: there is none of that number. */
bool ffpf_kmod_status(const struct ffpf_kmod *module, uint32_t source, struct ffpf_kmod_status *out);
void ffpf_kmod_close(struct ffpf_kmod *module); /* safe on one that is not open (fd -1) */

#endif

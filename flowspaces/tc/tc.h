/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tc flowspace.
 *
 *   tc.c      what it offers and sees; the rest is flowspaces/bpf
 *   attach.c  programs on hooks: TCX links, else clsact
 *   clsact.c  filters of clsact: whose they are, what a dead process left behind
 */
#ifndef FFPF_TC_TC_H
#define FFPF_TC_TC_H

#include <flowspaces/bpf/bpf.h>

extern const struct ffpf_flowspace ffpf_flowspace_tc;

/* struct ffpf_attachment.mode */
enum { FFPF_TC_TCX, FFPF_TC_CLSACT };

/*
 * Attaches a program where packets of the device come in, or leave. A TCX link where the kernel has them (it dies with
 * this process), else a filter of clsact; clsact: that one whatever the kernel has. 0; -errno with a sentence in why.
 * What a dead process left behind is removed before, with a sentence in notice.
 */
int ffpf_tc_attach(int program_fd, const char *name, unsigned ifindex, enum ffpf_dir dir, bool clsact,
		   struct ffpf_attachment *out, char notice[FFPF_WHY_MAX], char why[FFPF_WHY_MAX]);
int ffpf_tc_exchange(struct ffpf_attachment *attachment, int program_fd);
bool ffpf_tc_gone(const struct ffpf_attachment *attachment);
void ffpf_tc_detach(struct ffpf_attachment *attachment);

/*
 * A filter that belongs to nobody who lives is recognised by its name, "ffpf:[ID of its program]" as libbpf makes it,
 * and by this: while its process lives, a Unix socket of an abstract name made from that number is bound in the network
 * namespace that the device is in. Such names go with their process, numbers of programs come once, and filters do not
 * move to another namespace with their device.
 */
/* The socket for a program: a descriptor, or -errno. */
int ffpf_clsact_claim(int program_fd);
/* Removes filters of dead processes from a hook; returns how many. *ours: a living filter there says that the qdisc is
 * ffpf's, or a removed one did. */
unsigned ffpf_clsact_clean(unsigned ifindex, enum ffpf_dir dir, bool *ours);
/* Filters on both hooks of a device. */
unsigned ffpf_clsact_filters(unsigned ifindex);

/* Handles of our filters: whether the qdisc was there before any ffpf was. The last one to go removes it. */
enum { FFPF_CLSACT_FOUND = 0xff9f0001u, FFPF_CLSACT_MADE = 0xff9f0002u };

#endif

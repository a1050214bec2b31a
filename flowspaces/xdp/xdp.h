/* SPDX-License-Identifier: BSD-2-Clause */
/* The xdp flowspace: xdp.c says what it offers and sees, attach.h is about devices; the rest is flowspaces/bpf. */
#ifndef FFPF_XDP_XDP_H
#define FFPF_XDP_XDP_H

#include <flowspaces/bpf/bpf.h>
#include <flowspaces/xdp/attach.h>

extern const struct ffpf_flowspace ffpf_flowspace_xdp;
extern const struct ffpf_bpf_ops ffpf_xdp_ops;

#endif

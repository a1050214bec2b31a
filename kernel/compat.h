/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between kernels from 6.1 on, so that no other file asks for a version.
 */
#ifndef _FFPF_COMPAT_H
#define _FFPF_COMPAT_H

#include <linux/eventfd.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/skbuff.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "ffpf.ko needs Linux 6.1 or newer"
#endif

/* 6.3: flags of a mapping are changed through functions. */
static inline void ffpf_vm_flags(struct vm_area_struct *vma, unsigned long set, unsigned long clear)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/* 6.8: an eventfd is told once, not n times. */
static inline void ffpf_eventfd_signal(struct eventfd_ctx *ctx)
{
	/* Not from within the wake-up of another one (a console on the network that a waiter prints
	 * to). */
	if (!eventfd_signal_allowed())
		return;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

/* 6.11: what redirecting helpers note lies with the task that runs the program. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define FFPF_BPF_CONTEXT(name)                                                                     \
	struct bpf_net_context name##_memory, *name = bpf_net_ctx_set(&name##_memory)
#define FFPF_BPF_CONTEXT_END(name) bpf_net_ctx_clear(name)
#else
#define FFPF_BPF_CONTEXT(name)
#define FFPF_BPF_CONTEXT_END(name)
#endif

/* Helpers that change a packet ask whether it is being received; only tc's own hooks say so. 6.6
 * renamed the option. */
#if IS_ENABLED(CONFIG_NET_XGRESS) ||                                                               \
	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0) && IS_ENABLED(CONFIG_NET_CLS_ACT))
static inline bool ffpf_set_ingress(struct sk_buff *skb, bool ingress)
{
	bool was = skb->tc_at_ingress;

	skb->tc_at_ingress = ingress;
	return was;
}
#else
static inline bool ffpf_set_ingress(struct sk_buff *skb, bool ingress)
{
	return ingress;
}
#endif

#endif

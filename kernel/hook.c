// SPDX-License-Identifier: GPL-2.0
/*
 * The packet's way through an instance: the ingress hook of netfilter's netdev family, which comes
 * right behind tc.
 *
 * Programs run as tc runs them: at the link header, with tc's view of the control block. What is in
 * the control block afterwards belongs to nobody but them, so it is put back as it was.
 */
#include <linux/pkt_cls.h>

#include "ffpf.h"

static u32 *cb_words(struct sk_buff *skb)
{
	return (u32 *)bpf_skb_cb(skb);
}

static u32 run_piece(const struct bpf_prog *program, struct sk_buff *skb)
{
	bpf_compute_data_pointers(skb);
	return bpf_prog_run(program, skb);
}

/* A packet that a native made for a stage. */
struct made {
	struct sk_buff *skb; /* NULL: none */
	u32 class;
};

static u32 run_native(const struct ffpf_instance *instance, struct ffpf_native *native,
		      struct ffpf_view *view, u32 class, u32 cpu, struct made *made)
{
	u8 *cells = instance->mbuf + (size_t)cpu * instance->mbuf_stride;

	view->made = NULL;
	class = native->class->run(native, (u64 *)cells + native->first_cell, view, class);
	if (native->makes)
		made[native->makes] = (struct made){view->made, class};
	return class;
}

/* All pieces and natives of a stage. What the last piece returned. */
static u32 run(const struct ffpf_source *source, const struct ffpf_stage *stage,
	       struct bpf_prog *const *pieces, struct ffpf_view *view, u32 cpu, struct made *made)
{
	struct sk_buff *skb = view->skb;
	u32 i, class;

	for (i = 0; i < stage->n_natives; i++) {
		run_piece(pieces[i], skb);
		class = cb_words(skb)[FFPF_KMOD_CB_CLASS];
		if (class)
			class = run_native(source->instance, stage->natives[i], view, class, cpu,
					   made);
		cb_words(skb)[FFPF_KMOD_CB_CLASS] = class;
	}
	return run_piece(pieces[i], skb);
}

static void store(struct ffpf_source *source, const struct ffpf_view *view, u32 cpu)
{
	struct ffpf_instance *instance = source->instance;
	u8 *cells = instance->cells.memory + (size_t)cpu * instance->cells.stride;
	u32 *count = (u32 *)(cells + instance->cells.count), n = READ_ONCE(*count);
	struct ffpf_crossings crossings = {.n = 1, .class = n};
	u32 bad = 0;

	if (!n)
		return;
	WRITE_ONCE(*count, 0);
	if (instance->n_inflows > 1) {
		if (n > instance->n_inflows) {
			bad = n - instance->n_inflows;
			n = instance->n_inflows;
		}
		crossings.n = n;
		crossings.list = (u32 *)(cells + instance->cells.list);
	}
	bad += ffpf_writer_put(instance, &instance->rings[cpu], source, view, &crossings);
	if (bad)
		this_cpu_add(source->stats->malformed, bad);
}

/* A stage with its packet, whose data is at the link header. Is it to be dropped? */
static bool run_stage(struct ffpf_source *source, const struct ffpf_pieces *pieces, u32 number,
		      struct sk_buff *skb, u32 cpu, struct made *made)
{
	struct ffpf_view view = {.skb = skb, .link = source->link};
	bool drop = run(source, source->stages[number], pieces->of[number], &view, cpu, made) ==
		    TC_ACT_SHOT;

	if (source->instance->n_inflows)
		store(source, &view, cpu);
	return drop;
}

static bool process(struct ffpf_source *source, struct sk_buff *skb, u32 cpu)
{
	/* Once: so that all of them are of one version. Ingress hooks run in a section of RCU. */
	const struct ffpf_pieces *pieces = rcu_dereference(source->pieces);
	struct made made[FFPF_KMOD_STAGES] = {};
	u8 cb[sizeof(skb->cb)];
	bool ingress, drop;
	u32 length, i;

	memcpy(cb, skb->cb, sizeof(cb));
	ingress = ffpf_set_ingress(skb, true);
	/* As tc does it: safe also when the skb is shared. */
	__skb_push(skb, skb->mac_len);
	length = skb->len + (skb_vlan_tag_present(skb) ? VLAN_HLEN : 0);
	drop = run_stage(source, pieces, 0, skb, cpu, made);
	for (i = 1; i < FFPF_KMOD_STAGES; i++) {
		if (!made[i].skb || !made[i].class)
			continue;
		cb_words(made[i].skb)[FFPF_KMOD_CB_CLASS] = made[i].class;
		drop |= run_stage(source, pieces, i, made[i].skb, cpu, made);
	}
	__skb_pull(skb, skb->mac_len);
	ffpf_set_ingress(skb, ingress);
	memcpy(skb->cb, cb, sizeof(cb));

	this_cpu_inc(source->stats->packets);
	this_cpu_add(source->stats->bytes, length);
	if (drop)
		this_cpu_inc(source->stats->dropped);
	return drop;
}

unsigned int ffpf_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct ffpf_source *source = priv;
	u32 cpu = smp_processor_id();
	struct ffpf_ring *ring = &source->instance->rings[cpu];
	bool drop;

	/* Interrupts may bring packets where a console sends over the network: they find this CPU's
	 * rings in use. */
	if (cmpxchg_local(&ring->busy, 0, 1)) {
		this_cpu_inc(source->stats->nested);
		return NF_ACCEPT;
	}
	{
		FFPF_BPF_CONTEXT(context);

		drop = process(source, skb, cpu);
		FFPF_BPF_CONTEXT_END(context);
	}
	barrier();
	WRITE_ONCE(ring->busy, 0);
	return drop ? NF_DROP : NF_ACCEPT;
}

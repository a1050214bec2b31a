// SPDX-License-Identifier: GPL-2.0
/*
 * defrag: fragments of IPv4 and IPv6 put together (lib/native/defrag.h). What is no fragment goes
 * on as it is; fragments end here, and with the last one the whole datagram goes on.
 *
 * Fragments of one datagram may come on several CPUs, so all share one table and a lock. A packet
 * that is no fragment takes it only when something waits, to see what is too old, and never waits
 * for it.
 *
 * The parameters are struct ffpf_defrag_params; the cells are struct ffpf_defrag_counts, each CPU's
 * the differences that its packets made.
 */
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <lib/native/defrag.h>

#include "../ffpf.h"

#define N_COUNTS (sizeof(struct ffpf_defrag_counts) / sizeof(u64))

struct defrag {
	struct ffpf_native native;
	spinlock_t lock; /* of table */
	struct ffpf_defrag table;
	void *memory;
	struct ffpf_packets packets;
};

/* What changed in the counts, into this CPU's cells. */
static void account(const struct defrag *defrag, const struct ffpf_defrag_counts *before,
		    u64 *cells)
{
	const u64 *old = (const u64 *)before, *now = (const u64 *)&defrag->table.counts;
	u32 i;

	for (i = 0; i < N_COUNTS; i++)
		if (now[i] != old[i])
			ffpf_cell_add(&cells[i], now[i] - old[i]);
}

static void look_for_old(struct defrag *defrag, u64 *cells)
{
	struct ffpf_defrag_counts before;

	if (!READ_ONCE(defrag->table.counts.waiting) || !spin_trylock(&defrag->lock))
		return;
	before = defrag->table.counts;
	ffpf_defrag_expire(&defrag->table, ktime_get_ns());
	account(defrag, &before, cells);
	spin_unlock(&defrag->lock);
}

/* Is `skb` the whole datagram now? */
static bool add(struct defrag *defrag, const struct ffpf_wire *wire, struct sk_buff *skb,
		u64 *cells)
{
	struct ffpf_defrag_counts before;
	enum ffpf_defrag_result result;
	u32 n;

	spin_lock(&defrag->lock);
	before = defrag->table.counts;
	result = ffpf_defrag_packet(&defrag->table, &wire->bytes, wire->link, 0, ktime_get_ns(),
				    skb->data, &n);
	account(defrag, &before, cells);
	spin_unlock(&defrag->lock);
	if (result == FFPF_DEFRAG_WHOLE)
		skb_trim(skb, n);
	return result == FFPF_DEFRAG_WHOLE;
}

static u32 run(struct ffpf_native *native, u64 *cells, struct ffpf_view *view, u32 class)
{
	struct defrag *defrag = container_of(native, struct defrag, native);
	struct ffpf_payload payload;
	struct ffpf_wire wire;
	struct sk_buff *skb;

	ffpf_wire_init(&wire, view);
	ffpf_payload_find(&wire.bytes, wire.link, &payload);
	if (!payload.fragment) {
		look_for_old(defrag, cells);
		view->made = view->skb;
		return class;
	}
	skb = ffpf_packets_get(&defrag->packets, view->skb, FFPF_DEFRAG_OUT);
	if (!skb || !add(defrag, &wire, skb, cells))
		return 0;
	if (wire.tagged) { /* The tag is where it was on the wire. */
		skb->protocol = view->skb->vlan_proto;
		__vlan_hwaccel_clear_tag(skb);
	}
	view->made = skb;
	return class;
}

static void destroy(struct ffpf_native *native)
{
	struct defrag *defrag = container_of(native, struct defrag, native);

	ffpf_packets_free(&defrag->packets);
	vfree(defrag->memory);
	kfree(defrag);
}

static struct ffpf_native *create(const void *params, u32 bytes)
{
	struct ffpf_defrag_params args;
	struct defrag *defrag;

	BUILD_BUG_ON(FFPF_DEFRAG_OUT > FFPF_PACKETS_BYTES);
	if (bytes != sizeof(args))
		return ERR_PTR(-EINVAL);
	memcpy(&args, params, sizeof(args));
	if (args.reserved || !args.timeout_ns || args.timeout_ns > 3600 * NSEC_PER_SEC ||
	    args.memory < FFPF_DEFRAG_MEMORY_LEAST || args.memory > 1u << 30)
		return ERR_PTR(-EINVAL);
	defrag = kzalloc(sizeof(*defrag), GFP_KERNEL_ACCOUNT);
	if (!defrag)
		return ERR_PTR(-ENOMEM);
	spin_lock_init(&defrag->lock);
	defrag->native.n_cells = N_COUNTS;
	defrag->memory = ffpf_memory_new(args.memory);
	if (!defrag->memory || ffpf_packets_create(&defrag->packets)) {
		destroy(&defrag->native);
		return ERR_PTR(-ENOMEM);
	}
	ffpf_defrag_init(&defrag->table, defrag->memory, args.memory, args.timeout_ns,
			 get_random_u32());
	return &defrag->native;
}

const struct ffpf_native_class ffpf_defrag_class = {
	.name = "defrag",
	.version = 1,
	.makes = true,
	.create = create,
	.free = destroy,
	.run = run,
};

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of ffpf.ko share.
 *
 *   instance ──┬── sources[] ── hook, pieces (eBPF), natives between them
 *              ├── cells       where programs leave what crosses
 *              ├── rings[]     of each CPU: PBuf, IBufs, the reader's page, its bell
 *              └── mbuf        cells of natives, of each CPU
 *
 * `lock` orders what system calls and the notifier of devices do. The packet's way takes no lock:
 * all that it looks at is made before the hook is registered and freed after the last one was left.
 */
#ifndef _FFPF_H
#define _FFPF_H

#include <linux/bpf.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/poll.h>
#include <linux/skbuff.h>
#include <linux/wait.h>
#include <kernel/include/ffpf_kmod.h>
#include <lib/buf/layout.h>
#include <lib/native/payload.h>

#include "compat.h"

#define FFPF_NAME "ffpf"
#undef pr_fmt
#define pr_fmt(fmt) FFPF_NAME ": " fmt

struct ffpf_native;

/* A packet as natives see it: skb->data is at the link header. */
struct ffpf_view {
	struct sk_buff *skb;
	unsigned short link;  /* ARPHRD_… of the device */
	struct sk_buff *made; /* by a native that makes packets, or skb; NULL: none */
};

/* A class of native functions; natives.c lists them. */
struct ffpf_native_class {
	const char *name;
	u32 version;
	/* Makes a function from what userspace says. Its cells' number goes into n_cells. An
	 * ERR_PTR when it can't be. */
	struct ffpf_native *(*create)(const void *params, u32 bytes);
	void (*free)(struct ffpf_native *native);
	/* The class with which the packet leaves; 0: it does not. In softirq, no other packet of
	 * the instance on this CPU meanwhile. `cells` are this CPU's.
	 */
	u32 (*run)(struct ffpf_native *native, u64 *cells, struct ffpf_view *view, u32 class);
	bool makes; /* packets for what is behind it: run may set view->made */
};

/* Readers look while it runs. */
static inline void ffpf_cell_add(u64 *cell, u64 n)
{
	WRITE_ONCE(*cell, *cell + n);
}

struct ffpf_native {
	const struct ffpf_native_class *class;
	u32 first_cell;
	u32 n_cells;
	u32 makes; /* the stage that its packets go to; 0: none */
};

struct ffpf_source_stats {
	u64 packets;
	u64 bytes;
	u64 dropped;
	u64 nested;
	u64 malformed;
};

/* Pieces (eBPF) and natives between them, all for the same packet. */
struct ffpf_stage {
	u32 n_pieces, n_natives; /* the highest number that was set, and one */
	struct ffpf_native *natives[FFPF_KMOD_PIECES - 1];
};

/* The pieces of all stages of a source. */
struct ffpf_pieces {
	struct bpf_prog *of[FFPF_KMOD_STAGES][FFPF_KMOD_PIECES];
};

struct ffpf_source {
	struct ffpf_instance *instance;
	struct net_device *dev; /* NULL: gone */
	netdevice_tracker tracker;
	struct nf_hook_ops hook;
	struct ffpf_source_stats __percpu *stats;
	u32 number;
	unsigned short link;
	bool hooked;
	struct ffpf_stage *stages[FFPF_KMOD_STAGES]; /* NULL: not used; 0: the packet that came */
	struct ffpf_pieces __rcu *pieces;
	struct ffpf_pieces *next; /* to be exchanged for them; NULL: none */
};

/* What one CPU writes. */
struct ffpf_ring {
	int busy;
	u64 limit;		       /* the reader lets us write up to here */
	struct ffpf_ring_header *pbuf; /* IBufs lie behind it */
	struct ffpf_reader_page *page;
	struct eventfd_ctx *bell;
	void *memory;
} ____cacheline_aligned_in_smp;

struct ffpf_cells {
	struct bpf_map *map;
	u8 *memory;
	u32 stride;
	u32 count;
	u32 list;
};

struct ffpf_instance {
	struct list_head list; /* in those that look out for devices, once it has a source */
	struct mutex lock;
	struct net *net;
	enum ffpf_kmod_state state;
	bool gone; /* a device */

	u32 flags;
	u32 n_inflows;
	u32 snaplen;
	u64 ring_bytes, ibuf_bytes;
	u64 ibuf_offset, ibuf_stride; /* in a CPU's memory */
	u64 memory_bytes;	      /* of it, whole pages; 0: no rings */
	u32 n_cpus;
	struct ffpf_ring *rings;
	void *readers;

	u32 n_cells;
	u32 mbuf_stride;
	u64 mbuf_bytes;
	u8 *mbuf;

	struct ffpf_cells cells;
	struct ffpf_source *sources[FFPF_KMOD_SOURCES];
	u32 n_sources;

	wait_queue_head_t wait;
	atomic64_t rung;
};

/* chardev.c */
extern const struct file_operations ffpf_file_operations;

/* ioctl.c */
long ffpf_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* instance.c: the life of an instance. All but new and free: the caller holds lock and has checked
 * the state. */
struct ffpf_instance *ffpf_instance_new(struct net *net);
void ffpf_instance_free(struct ffpf_instance *instance);
int ffpf_instance_start(struct ffpf_instance *instance);
void ffpf_instance_stop(struct ffpf_instance *instance);
int ffpf_instance_watch(void);
void ffpf_instance_unwatch(void);

/* source.c. add: takes rtnl and lock itself. */
int ffpf_source_add(struct ffpf_instance *instance, u32 number, int ifindex);
struct ffpf_source *ffpf_source_find(struct ffpf_instance *instance, u32 number);
void ffpf_source_free(struct ffpf_source *source);
struct ffpf_stage *ffpf_source_stage(struct ffpf_source *source, u32 number); /* made by need */
int ffpf_source_check(struct ffpf_source *source); /* is it ready to start? */

/* program.c: the caller holds lock, or nobody else knows the source. */
int ffpf_program_set(struct ffpf_source *source, u32 stage, u32 piece,
		     int fd); /* of a new source */
int ffpf_program_next(struct ffpf_source *source, u32 stage, u32 piece,
		      int fd); /* of a running one */
int ffpf_pieces_exchange(struct ffpf_source *source);
struct ffpf_pieces *ffpf_pieces_of(struct ffpf_source *source);
void ffpf_pieces_free(struct ffpf_pieces *pieces);
int ffpf_cells_set(struct ffpf_instance *instance, const struct ffpf_kmod_cells *args);

/* memory.c: whole pages, zeroed; vfree. NULL also when the machine has no such amount to spare. */
void *ffpf_memory_new(u64 bytes);

/* rings.c: where things lie in memory, mapping */
int ffpf_rings_create(struct ffpf_instance *instance, struct ffpf_kmod_create *args);
void ffpf_rings_free(struct ffpf_instance *instance);
int ffpf_mbuf_create(struct ffpf_instance *instance);
int ffpf_rings_map(struct ffpf_instance *instance, struct vm_area_struct *vma);

static inline struct ffpf_ring_header *ffpf_ibuf(const struct ffpf_instance *instance,
						 const struct ffpf_ring *ring, u32 inflow)
{
	return (void *)((u8 *)ring->memory + instance->ibuf_offset +
			inflow * instance->ibuf_stride);
}

/* writer.c */
struct ffpf_crossings {
	u32 n;
	u32 class;	 /* of the only in-flow */
	const u32 *list; /* n pairs of in-flow and class, which may change under our eyes */
};
/* Stores the packet once, and an entry for each crossing that can be. Returns how many can't. */
u32 ffpf_writer_put(struct ffpf_instance *instance, struct ffpf_ring *ring,
		    const struct ffpf_source *source, const struct ffpf_view *view,
		    const struct ffpf_crossings *crossings);

/* hook.c */
unsigned int ffpf_hook(void *priv, struct sk_buff *skb, const struct nf_hook_state *state);

/* natives.c */
const struct ffpf_native_class *ffpf_native_class(u32 index);
u32 ffpf_native_classes(void);
int ffpf_native_add(struct ffpf_source *source, struct ffpf_stage *stage,
		    struct ffpf_kmod_native *args, const void *params);
void ffpf_native_free(struct ffpf_native *native);

extern const struct ffpf_native_class ffpf_strsearch;
extern const struct ffpf_native_class ffpf_digest;
extern const struct ffpf_native_class ffpf_anon_class;
extern const struct ffpf_native_class ffpf_defrag_class;

/* packet.c: packets that natives make, one for each CPU, all of it allocated before the first
 * comes. */
struct ffpf_packets {
	struct sk_buff *__percpu *skbs;
};

/* The longest datagram with its link header. What is longer (several in one) is cut. */
#define FFPF_PACKETS_BYTES (65536 + 256)

int ffpf_packets_create(struct ffpf_packets *packets);
void ffpf_packets_free(struct ffpf_packets *packets);
/*
 * This CPU's, with room for n bytes at its data, like `of` in all but them. NULL: more than there
 * can be, or somebody else still has it.
 */
struct sk_buff *ffpf_packets_get(const struct ffpf_packets *packets, const struct sk_buff *of,
				 u32 n);

/*
 * wire.c: a packet as it was on the wire. A VLAN tag that lies in the skb's own fields is in it,
 * behind the addresses; offsets are those of readers above, and of lib/native.
 */
struct ffpf_wire {
	struct ffpf_bytes bytes; /* first: for lib/native */
	const struct sk_buff *skb;
	u16 link;   /* as lib/native numbers them */
	u32 tagged; /* VLAN_HLEN or 0 */
	u8 tag[VLAN_HLEN];
};

/* skb->data is at the link header. */
void ffpf_wire_init(struct ffpf_wire *wire, const struct ffpf_view *view);
/* Copies bytes that are there. Fails when fragments are not where the skb says. */
int ffpf_wire_copy(const struct ffpf_wire *wire, u32 offset, void *to, u32 n);

/* Runs of bytes one behind the other, from `from` to `to`. */
struct ffpf_walk {
	const struct ffpf_wire *wire;
	u32 at, to;
	u32 seq_begin, seq_end; /* what seq reads */
	bool in_seq;
	struct skb_seq_state seq;
};

void ffpf_walk_begin(struct ffpf_walk *walk, const struct ffpf_wire *wire, u32 from, u32 to);
/* The next run, valid until the next call; 0 at the end. Whoever began calls ffpf_walk_end. */
u32 ffpf_walk_next(struct ffpf_walk *walk, const u8 **run);
void ffpf_walk_end(struct ffpf_walk *walk);

#ifdef FFPF_SELFTEST
bool ffpf_selftest_rings(void);
bool ffpf_selftest_wire(void);
bool ffpf_selftest_strsearch(void);
bool ffpf_selftest_digest(void);
bool ffpf_selftest_anon(void);
bool ffpf_selftest_defrag(void);
#endif

#endif

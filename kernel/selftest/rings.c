// SPDX-License-Identifier: GPL-2.0
/*
 * Rings: what can be asked for, where things lie, what a writer writes when it comes round.
 */
#include <net/net_namespace.h>

#include "selftest.h"

#define RING 4096
#define SNAPLEN 300

static const struct ffpf_kmod_create good = {
	.n_inflows = 2,
	.ring_bytes = RING,
	.ibuf_bytes = 1024,
	.snaplen = SNAPLEN,
	.flags = FFPF_KMOD_TIME,
};

static int try(struct ffpf_instance *instance, struct ffpf_kmod_create args)
{
	int err = ffpf_rings_create(instance, &args);

	ffpf_rings_free(instance);
	return err;
}

#define WITH(...)                                                                                  \
	({                                                                                         \
		struct ffpf_kmod_create args = good;                                               \
		__VA_ARGS__;                                                                       \
		try(instance, args);                                                               \
	})

static bool bounds(struct ffpf_instance *instance)
{
	bool pass = true;

	EXPECT(WITH() == 0);
	EXPECT(WITH(args.ring_bytes = 0) == -EINVAL);
	EXPECT(WITH(args.ring_bytes = RING + 64) == -EINVAL);
	EXPECT(WITH(args.ring_bytes = RING / 2) == -EINVAL);
	EXPECT(WITH(args.ring_bytes = 1ull << 31) == -EINVAL);
	EXPECT(WITH(args.ring_bytes = 1ull << 63) == -EINVAL);
	EXPECT(WITH(args.ibuf_bytes = 48) == -EINVAL);
	EXPECT(WITH(args.ibuf_bytes = 32) == -EINVAL);
	EXPECT(WITH(args.ibuf_bytes = 1ull << 40) == -EINVAL);
	EXPECT(WITH(args.n_inflows = FFPF_KMOD_INFLOWS + 1) == -EINVAL);
	EXPECT(WITH(args.n_inflows = 0) == -EINVAL);
	EXPECT(WITH(args.n_inflows = U32_MAX) == -EINVAL);
	EXPECT(WITH(args.snaplen = FFPF_KMOD_LARGEST + 1) == -EINVAL);
	EXPECT(WITH(args.snaplen = U32_MAX) == -EINVAL);
	/* a record longer than the ring */
	EXPECT(WITH(args.snaplen = RING) == -EINVAL);
	EXPECT(WITH(args.snaplen = RING - sizeof(struct ffpf_record)) == 0);
	EXPECT(WITH(args.ring_bytes = FFPF_KMOD_RING_MAX; args.ibuf_bytes = FFPF_KMOD_RING_MAX;
		    args.n_inflows = FFPF_KMOD_INFLOWS) == -E2BIG);
	EXPECT(WITH(args.rings_offset = 1) == -EINVAL);
	EXPECT(WITH(memset(&args, 0, sizeof(args))) == 0);
	return pass;
}

/* The record that was written at `position`, and its two entries. */
static bool record_is(struct ffpf_instance *instance, u64 position, u32 number, const u8 *bytes,
		      u32 n)
{
	struct ffpf_ring *ring = &instance->rings[0];
	const struct ffpf_record *record =
		(void *)ring->pbuf + FFPF_RING_DATA + (position & (RING - 1));
	u32 stored = min_t(u32, n, SNAPLEN), i;
	bool pass = true;

	EXPECT(record->len == n && record->caplen == n && record->stored == stored);
	EXPECT(record->size == ALIGN(stored + 32, 64) && record->source == 9 && record->dir == 1);
	EXPECT(record->time);
	EXPECT(!memcmp(record + 1, bytes, stored));
	for (i = 0; i < 2; i++) {
		const struct ffpf_ring_header *ibuf = ffpf_ibuf(instance, ring, i);
		const struct ffpf_index *entry = (void *)ibuf + FFPF_RING_DATA +
						 ((ibuf->head - sizeof(*entry)) & (ibuf->size - 1));

		EXPECT(entry->position == position && entry->number == number &&
		       entry->class == 100 + i);
		EXPECT(ibuf->reserved == ibuf->head && ibuf->head == (number + 1) * sizeof(*entry));
	}
	return pass;
}

static bool comes_round(struct ffpf_instance *instance)
{
	static u8 bytes[400];
	struct ffpf_source source = {.instance = instance, .number = 9};
	struct ffpf_ring *ring = &instance->rings[0];
	u32 list[] = {1, 101, 0, 100, 2, 5, 1, 0};
	struct ffpf_crossings crossings = {.n = 4, .list = list};
	u64 position = 0;
	bool pass = true;
	u32 i;

	for (i = 0; i < 200; i++) {
		struct ffpf_view view = {.link = ARPHRD_ETHER};
		u32 n = 14 + i * 13 % 380;

		memset(bytes, i, sizeof(bytes));
		view.skb = selftest_skb(bytes, n, 14, 100, false);
		if (!view.skb)
			return false;
		view.skb->dev = instance->net->loopback_dev;
		/* an in-flow that is not there, and a class of 0 */
		EXPECT(ffpf_writer_put(instance, ring, &source, &view, &crossings) == 2);
		kfree_skb(view.skb);
		EXPECT(record_is(instance, position, i, bytes, n));
		position += ALIGN(min_t(u32, n, SNAPLEN) + 32, 64);
		EXPECT(ring->pbuf->head == position && ring->pbuf->reserved == position);
		EXPECT(ring->pbuf->records == i + 1);
	}
	EXPECT(position > 4 * RING);
	EXPECT(!ring->pbuf->refused);
	return pass;
}

static bool refuses(struct ffpf_instance *instance)
{
	struct ffpf_source source = {.instance = instance, .number = 9};
	struct ffpf_crossings crossings = {.n = 1, .class = 3};
	struct ffpf_ring *ring = &instance->rings[0];
	struct ffpf_view view = {.link = ARPHRD_ETHER};
	static const u8 bytes[60];
	bool pass = true;
	u32 i;

	view.skb = selftest_skb(bytes, sizeof(bytes), 60, 0, false);
	if (!view.skb)
		return false;
	view.skb->dev = instance->net->loopback_dev;
	for (i = 0; i < RING / 128 + 3; i++)
		ffpf_writer_put(instance, ring, &source, &view, &crossings);
	EXPECT(ring->pbuf->records == RING / 128 && ring->pbuf->refused == 3);
	/* A position that the reader can't have stands for all that was written: its own loss. */
	ring->page->position = U64_MAX;
	for (i = 0; i < RING / 128 + 3; i++)
		ffpf_writer_put(instance, ring, &source, &view, &crossings);
	EXPECT(ring->pbuf->records == 2 * RING / 128 + 3 && ring->pbuf->refused == 3);
	/* a sleeping reader */
	ring->page->armed = 1;
	ring->page->threshold = ring->pbuf->records + 2;
	ring->page->position = ring->pbuf->head;
	ffpf_writer_put(instance, ring, &source, &view, &crossings);
	EXPECT(ring->page->armed == 1 && !atomic64_read(&instance->rung));
	ffpf_writer_put(instance, ring, &source, &view, &crossings);
	EXPECT(ring->page->armed == 0 && atomic64_read(&instance->rung) == 1);
	ffpf_writer_put(instance, ring, &source, &view, &crossings);
	EXPECT(atomic64_read(&instance->rung) == 1);
	kfree_skb(view.skb);
	return pass;
}

bool ffpf_selftest_rings(void)
{
	struct ffpf_instance *instance = ffpf_instance_new(&init_net);
	struct ffpf_kmod_create args = good;
	bool pass = true;

	if (!instance)
		return false;
	EXPECT(bounds(instance));
	EXPECT(ffpf_rings_create(instance, &args) == 0);
	if (pass)
		EXPECT(comes_round(instance));
	ffpf_rings_free(instance);
	args = good;
	args.n_inflows = 1;
	args.flags |= FFPF_KMOD_SLOW_READER;
	EXPECT(ffpf_rings_create(instance, &args) == 0);
	if (pass)
		EXPECT(refuses(instance));
	ffpf_instance_free(instance);
	return selftest_result("rings", pass);
}

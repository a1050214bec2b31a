/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --replay: packets for a tap that the kernel's test runner could not take, so that the reference interpreter ran. They
 * wait here for their turn, which is when what the programs put into the kernel's buffers before has been taken.
 */
#include <flowspaces/bpf/tap.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t after;
	struct ffpf_packet packet;
	uint32_t class;
	uint32_t room; /* of the bytes behind it */
};

struct ffpf_bpf_tap_extra {
	pthread_mutex_t lock;
	size_t size, from, to; /* what waits lies in [from, to) */
	struct entry *taken;
	uint64_t memory[];
};

struct ffpf_bpf_tap_extra *ffpf_bpf_tap_extra_new(size_t size)
{
	struct ffpf_bpf_tap_extra *x = calloc(1, sizeof(*x) + size);

	if (!x)
		return NULL;
	x->size = size;
	pthread_mutex_init(&x->lock, NULL);
	return x;
}

void ffpf_bpf_tap_extra_free(struct ffpf_bpf_tap_extra *x)
{
	if (x)
		pthread_mutex_destroy(&x->lock);
	free(x);
}

static struct entry *at(struct ffpf_bpf_tap_extra *x, size_t offset)
{
	return (struct entry *)(void *)((char *)x->memory + offset);
}

void ffpf_bpf_tap_extra_put(struct ffpf_bpf_tap_extra *x, uint64_t after, const struct ffpf_packet *packet,
			    uint32_t class)
{
	size_t room = (packet->caplen + 7) & ~(size_t)7;

	pthread_mutex_lock(&x->lock);
	if (x->from == x->to && !x->taken)
		x->from = x->to = 0;
	if (sizeof(struct entry) + room <= x->size - x->to) {
		struct entry *e = at(x, x->to);

		*e = (struct entry){.after = after, .packet = *packet, .class = class, .room = (uint32_t)room};
		memcpy(e + 1, packet->data, packet->caplen);
		e->packet.data = (const uint8_t *)(e + 1);
		x->to += sizeof(*e) + room;
	}
	pthread_mutex_unlock(&x->lock);
}

bool ffpf_bpf_tap_extra_first(struct ffpf_bpf_tap_extra *x, uint64_t *after)
{
	bool any;

	pthread_mutex_lock(&x->lock);
	any = x->from < x->to;
	if (any)
		*after = at(x, x->from)->after;
	pthread_mutex_unlock(&x->lock);
	return any;
}

const struct ffpf_packet *ffpf_bpf_tap_extra_take(struct ffpf_bpf_tap_extra *x, uint32_t *class)
{
	struct entry *e;

	pthread_mutex_lock(&x->lock);
	e = x->taken = at(x, x->from);
	x->from += sizeof(*e) + e->room;
	pthread_mutex_unlock(&x->lock);
	*class = e->class;
	return &e->packet;
}

void ffpf_bpf_tap_extra_done(struct ffpf_bpf_tap_extra *x)
{
	pthread_mutex_lock(&x->lock);
	x->taken = NULL;
	pthread_mutex_unlock(&x->lock);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side of a tap: the buffer of a perf event for each CPU, which exists as long as the tap. Programs put
 * packets into it (flowspaces/ebpf/emit_tap.c); nobody is woken, the tap's thread looks often enough.
 */
#include <flowspaces/bpf/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of each CPU: what the kernel lets an unprivileged process lock, one page less. */
#define BUFFER_PAGES 128
#define TAG_AT 12
#define TAG_BYTES 4

struct feed {
	struct ffpf_bpf_state *s;
	struct perf_buffer *buffer;
	int map;
	unsigned taken;
	void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class);
	void *arg;
	uint8_t bytes[FFPF_TAP_BYTES_MAX + TAG_BYTES]; /* of a packet whose tag is put back */
};

/* A VLAN tag that the card or the kernel keeps beside the bytes goes to its place. */
static void put_tag_back(struct feed *f, const struct ffpf_tap_record *r, struct ffpf_packet *p)
{
	const uint8_t tag[2] = {(uint8_t)(r->tag >> 8), (uint8_t)r->tag};

	memcpy(f->bytes, p->data, TAG_AT);
	memcpy(f->bytes + TAG_AT, &r->tag_type, 2);
	memcpy(f->bytes + TAG_AT + 2, tag, 2);
	memcpy(f->bytes + TAG_AT + TAG_BYTES, p->data + TAG_AT, p->caplen - TAG_AT);
	p->data = f->bytes;
	p->caplen += TAG_BYTES;
	p->len += TAG_BYTES;
}

static enum bpf_perf_event_ret take_event(void *arg, int cpu, struct perf_event_header *event)
{
	struct feed *f = arg;
	const struct {
		struct perf_event_header header;
		uint32_t size;
		uint8_t data[];
	} *sample = (const void *)event;
	struct ffpf_tap_record r;
	struct ffpf_packet p;

	if (event->type != PERF_RECORD_SAMPLE || sample->size < sizeof(r))
		return LIBBPF_PERF_EVENT_CONT; /* what is lost is known from the programs' counts */
	memcpy(&r, sample->data, sizeof(r));
	p = (struct ffpf_packet){.data = sample->data + sizeof(r),
				 .caplen = r.len < FFPF_TAP_BYTES_MAX ? r.len : FFPF_TAP_BYTES_MAX,
				 .len = r.len,
				 .time_ns = r.time,
				 .source = (uint8_t)r.source};
	if (p.caplen > sample->size - sizeof(r) || r.source >= f->s->run->graph->n_sources)
		return LIBBPF_PERF_EVENT_CONT;
	p.linktype = f->s->run->graph->source_info[r.source].linktype;
	if (r.tag_type && p.caplen >= TAG_AT)
		put_tag_back(f, &r, &p);
	f->take(f->arg, &p, r.class);
	f->taken++;
	return LIBBPF_PERF_EVENT_CONT;
}

int ffpf_bpf_tap_open(void *state, unsigned number, void **feed, char *why, size_t size)
{
	struct perf_event_attr attr = {.size = sizeof(attr),
				       .type = PERF_TYPE_SOFTWARE,
				       .config = PERF_COUNT_SW_BPF_OUTPUT,
				       .sample_type = PERF_SAMPLE_RAW,
				       .sample_period = 1,
				       .wakeup_events = UINT32_MAX / 2};
	struct ffpf_bpf_state *s = state;
	struct feed *f = calloc(1, sizeof(*f));
	int err = 0;

	if (!f)
		return -ENOMEM;
	f->s = s;
	f->map = bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "ffpf_tap", 4, 4, (uint32_t)libbpf_num_possible_cpus(),
				NULL);
	if (f->map < 0)
		err = -errno;
	else if (!(f->buffer = perf_buffer__new_raw(f->map, BUFFER_PAGES, &attr, take_event, f, NULL)))
		err = -errno;
	if (err) {
		snprintf(why, size, "the kernel makes no buffers for it: %s", strerror(-err));
		if (f->map >= 0)
			close(f->map);
		free(f);
		return err;
	}
	s->maps.taps[number] = f->map;
	*feed = f;
	return 0;
}

unsigned ffpf_bpf_tap_read(void *feed, void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class),
			   void *arg)
{
	struct feed *f = feed;

	f->taken = 0;
	f->take = take;
	f->arg = arg;
	(void)perf_buffer__consume(f->buffer);
	return f->taken;
}

void ffpf_bpf_tap_close(void *state, unsigned number, void *feed)
{
	struct ffpf_bpf_state *s = state;
	struct feed *f = feed;

	s->maps.taps[number] = 0;
	perf_buffer__free(f->buffer);
	close(f->map);
	free(f);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side of a tap: a buffer of a perf event for each CPU, which exists as long as the tap. Programs put
 * packets into it (flowspaces/ebpf/emit_tap.c); nobody is woken, the tap's thread looks often enough.
 *
 * Packets of all CPUs come out in the order of their times. A CPU whose buffer is empty may be at work on one that is
 * older than what the others' hold; it is not, when all that its programs have counted is out of the buffer, or lost:
 *
 *     program   count + 1 ─▶ time ─▶ packet into the buffer, or the event's count of lost ones + 1
 *     here      the time ◀─ count ◀─ buffer empty?
 */
#include <flowspaces/bpf/tap.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_LEAST 65536u /* holds any packet */
#define TAG_AT 12
#define TAG_BYTES 4
/* A store may be seen by us later than the clock that was read afterwards: no longer than this. */
#define STORE_NS 2000
/* Where counts do not tell: whatever a CPU was at work on when its buffer was empty is there by then. */
#define SETTLED_NS 20000000

struct sample {
	struct perf_event_header header;
	uint64_t time;
	uint32_t size;
	uint8_t data[];
};
#define HEAD offsetof(struct sample, data)

/* A CPU's. */
struct buffer {
	int fd;
	struct perf_event_mmap_page *page; /* the events are behind it */
	const uint64_t *count;		   /* packets for the tap's number on this CPU */
	uint64_t before;		   /* what that was when the tap began */
	uint64_t head, tail;
	uint64_t taken;
	uint64_t lost_before;
	uint64_t quiet; /* nothing older than this will come */
};

struct feed {
	struct ffpf_bpf_state *s;
	struct buffer *buffers;
	unsigned n;
	size_t size;			  /* of each */
	struct ffpf_bpf_tap_extra *extra; /* replay */
	bool tells;			  /* the events count what they had no room for */
	int map;
	uint8_t event[UINT16_MAX + 1];		       /* one that is split by its buffer's end */
	uint8_t bytes[FFPF_TAP_BYTES_MAX + TAG_BYTES]; /* of a packet whose tag is put back */
};

/* ---- packets --------------------------------------------------------------------------------- */

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

static const uint8_t *bytes_of(const struct feed *f, const struct buffer *b, uint64_t at)
{
	return (const uint8_t *)b->page + b->page->data_offset + (at & (f->size - 1));
}

/* The whole event at the tail. */
static const struct sample *event_of(struct feed *f, const struct buffer *b, size_t size)
{
	const uint8_t *from = bytes_of(f, b, b->tail);
	size_t first = f->size - (b->tail & (f->size - 1));

	if (size <= first)
		return (const struct sample *)(const void *)from;
	memcpy(f->event, from, first);
	memcpy(f->event + first, bytes_of(f, b, 0), size - first);
	return (const struct sample *)(const void *)f->event;
}

/* Events begin at multiples of eight bytes, as long as a header: no header is split, and no time. */
static uint64_t time_of(const struct feed *f, const struct buffer *b)
{
	uint64_t time;

	memcpy(&time, bytes_of(f, b, b->tail + offsetof(struct sample, time)), sizeof(time));
	return time;
}

static size_t size_of(const struct feed *f, const struct buffer *b, bool *packet)
{
	struct perf_event_header header;

	memcpy(&header, bytes_of(f, b, b->tail), sizeof(header));
	*packet = header.type == PERF_RECORD_SAMPLE;
	return header.size;
}

/* Room for the writer. What is lost is known from counts, so what the kernel says of it is passed by. */
static void advance(const struct feed *f, struct buffer *b, size_t bytes)
{
	bool packet = false;

	b->tail += bytes;
	while (b->tail < b->head && (bytes = size_of(f, b, &packet), !packet))
		b->tail += bytes ? bytes : b->head - b->tail;
	__atomic_store_n(&b->page->data_tail, b->tail, __ATOMIC_RELEASE);
}

static void hand_on(struct feed *f, struct buffer *b,
		    void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class), void *arg)
{
	bool packet;
	size_t size = size_of(f, b, &packet);
	const struct sample *e = event_of(f, b, size);
	struct ffpf_tap_record r;
	struct ffpf_packet p;

	b->taken++;
	if (size < HEAD + sizeof(r) || e->size < sizeof(r) || e->size > size - HEAD)
		return;
	memcpy(&r, e->data, sizeof(r));
	p = (struct ffpf_packet){.data = e->data + sizeof(r),
				 .caplen = r.caplen < FFPF_TAP_BYTES_MAX ? r.caplen : FFPF_TAP_BYTES_MAX,
				 .len = r.len,
				 .time_ns = f->extra ? r.time : e->time,
				 .source = (uint8_t)r.source};
	if (p.caplen > e->size - sizeof(r) || r.source >= f->s->run->graph->n_sources)
		return;
	p.linktype = f->s->run->graph->source_info[r.source].linktype;
	if (r.tag_type && p.caplen >= TAG_AT)
		put_tag_back(f, &r, &p);
	take(arg, &p, r.class);
}

/* ---- in order -------------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t lost_of(const struct feed *f, const struct buffer *b)
{
	uint64_t values[2] = {0}; /* of a counter that counts nothing, and how many were lost */

	if (!f->tells || read(b->fd, values, sizeof(values)) != sizeof(values))
		return 0;
	return values[1] - b->lost_before;
}

uint64_t ffpf_bpf_tap_lost(void *feed)
{
	const struct feed *f = feed;
	uint64_t n = 0;

	for (unsigned i = 0; i < f->n; i++)
		n += lost_of(f, &f->buffers[i]);
	return n;
}

/* What is there now, and how long nothing older will be. */
static void look(const struct feed *f, struct buffer *b)
{
	uint64_t now = now_ns(), counted = __atomic_load_n(b->count, __ATOMIC_ACQUIRE) - b->before;

	b->head = __atomic_load_n(&b->page->data_head, __ATOMIC_ACQUIRE);
	advance(f, b, 0);
	if (b->tail < b->head)
		return;
	if (counted == b->taken || counted == b->taken + lost_of(f, b))
		b->quiet = now - STORE_NS;
	else if (b->quiet < now - SETTLED_NS)
		b->quiet = now - SETTLED_NS;
}

static struct buffer *oldest(const struct feed *f, uint64_t *time)
{
	struct buffer *best = NULL;

	for (unsigned i = 0; i < f->n; i++) {
		struct buffer *b = &f->buffers[i];

		if (b->tail == b->head || (best && time_of(f, b) >= *time))
			continue;
		best = b;
		*time = time_of(f, b);
	}
	return best;
}

/* Where all that has been written so far, or (taken) taken, ends, over all buffers. */
static uint64_t position(const struct feed *f, bool taken)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < f->n; i++)
		sum += taken ? f->buffers[i].tail : __atomic_load_n(&f->buffers[i].page->data_head, __ATOMIC_ACQUIRE);
	return sum;
}

void ffpf_bpf_tap_put(struct ffpf_bpf_state *s, unsigned number, const struct ffpf_packet *packet, uint32_t class)
{
	struct feed *f = s->feeds[number];

	ffpf_bpf_tap_extra_put(f->extra, position(f, false), packet, class);
}

/* What is interpreted and before what is in the buffers. What these hold is there, so what came before it is, too. */
static unsigned read_extra(struct feed *f, void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class),
			   void *arg)
{
	uint64_t after;
	unsigned n = 0;

	while (f->extra && ffpf_bpf_tap_extra_first(f->extra, &after) && after <= position(f, true)) {
		uint32_t class;
		struct ffpf_packet packet = *ffpf_bpf_tap_extra_take(f->extra, &class);

		packet.linktype = f->s->run->graph->source_info[packet.source].linktype;
		take(arg, &packet, class);
		ffpf_bpf_tap_extra_done(f->extra);
		n++;
	}
	return n;
}

unsigned ffpf_bpf_tap_read(void *feed, bool last,
			   void (*take)(void *arg, const struct ffpf_packet *packet, uint32_t class), void *arg)
{
	struct feed *f = feed;
	uint64_t time = 0, sure = UINT64_MAX;
	unsigned n = 0;
	struct buffer *b;

	for (unsigned i = 0; i < f->n; i++) {
		look(f, &f->buffers[i]);
		if (!last && !f->extra && f->buffers[i].tail == f->buffers[i].head && f->buffers[i].quiet < sure)
			sure = f->buffers[i].quiet;
	}
	n = read_extra(f, take, arg);
	while ((b = oldest(f, &time)) && time < sure) {
		bool packet;
		size_t size = size_of(f, b, &packet);

		hand_on(f, b, take, arg);
		advance(f, b, size);
		n += 1 + read_extra(f, take, arg);
		/* It may have older ones than the others' by now. */
		if (!last && b->tail == b->head)
			break;
	}
	return n;
}

/* ---- making and freeing ---------------------------------------------------------------------- */

static int add_buffer(struct feed *f, uint32_t cpu, unsigned number)
{
	const struct ffpf_bpf_maps *maps = &f->s->maps;
	struct buffer *b = &f->buffers[f->n];
	int err = 0;

	b->fd = ffpf_bpf_tap_event(f->s, number, cpu, &f->tells);
	if (b->fd == -ENODEV)
		return 0; /* it is off: no packets there */
	if (b->fd < 0)
		return b->fd;
	b->page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE) + f->size, PROT_READ | PROT_WRITE, MAP_SHARED, b->fd, 0);
	if (b->page == MAP_FAILED || ioctl(b->fd, PERF_EVENT_IOC_ENABLE, 0) < 0 ||
	    bpf_map_update_elem(f->map, &cpu, &b->fd, BPF_ANY) < 0)
		err = -errno;
	if (err) {
		if (b->page != MAP_FAILED)
			munmap(b->page, (size_t)sysconf(_SC_PAGESIZE) + f->size);
		close(b->fd);
		return err;
	}
	b->count = (const uint64_t *)((const char *)maps->map[FFPF_SYM_CELLS].memory + (size_t)cpu * maps->stride) +
		   f->s->level->taps + number;
	b->before = __atomic_load_n(b->count, __ATOMIC_RELAXED);
	b->lost_before = lost_of(f, b);
	f->n++;
	return 0;
}

static void free_buffers(struct feed *f)
{
	for (unsigned i = 0; i < f->n; i++) {
		munmap(f->buffers[i].page, (size_t)sysconf(_SC_PAGESIZE) + f->size);
		close(f->buffers[i].fd);
	}
	memset(f->buffers, 0, f->n * sizeof(*f->buffers));
	f->n = 0;
}

static int make_buffers(struct feed *f, unsigned number)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < f->s->maps.n_cpus; i++)
		err = add_buffer(f, i, number);
	if (err)
		free_buffers(f);
	return err;
}

int ffpf_bpf_tap_open(void *state, unsigned number, size_t *bytes, void **feed, char *why, size_t size)
{
	struct ffpf_bpf_state *s = state;
	struct feed *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->s = s;
	f->tells = true;
	f->buffers = calloc(s->maps.n_cpus, sizeof(*f->buffers));
	f->map = bpf_map_create(BPF_MAP_TYPE_PERF_EVENT_ARRAY, "ffpf_tap", 4, 4, s->maps.n_cpus, NULL);
	err = !f->buffers ? -ENOMEM : f->map < 0 ? -errno : 0;
	if (!err && s->run->options->replay && !(f->extra = ffpf_bpf_tap_extra_new(*bytes)))
		err = -ENOMEM;
	/* The kernel lets a process lock so much memory and no more: what it gives is what there is. */
	for (f->size = *bytes; !err; f->size /= 2) {
		err = make_buffers(f, number);
		if (!err || (err != -EPERM && err != -ENOMEM) || f->size <= BUFFER_LEAST)
			break;
		err = 0;
	}
	if (err) {
		snprintf(why, size, "the kernel makes no buffers for it: %s%s", strerror(-err),
			 err == -EACCES ? " (is kernel.perf_event_paranoid above 2?)" : "");
		if (f->map >= 0)
			close(f->map);
		ffpf_bpf_tap_extra_free(f->extra);
		free(f->buffers);
		free(f);
		return err;
	}
	*bytes = f->size;
	s->feeds[number] = f;
	s->maps.taps[number] = f->map;
	*feed = f;
	return 0;
}

void ffpf_bpf_tap_close(void *state, unsigned number, void *feed)
{
	struct ffpf_bpf_state *s = state;
	struct feed *f = feed;

	s->maps.taps[number] = 0;
	s->feeds[number] = NULL;
	free_buffers(f);
	close(f->map);
	ffpf_bpf_tap_extra_free(f->extra);
	free(f->buffers);
	free(f);
}

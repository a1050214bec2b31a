/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events (struct ffpf_class_event): each CPU's records of each event are a ring in the cells of their level. Writers
 * wait for nobody, so a record may be overwritten before or while it is copied:
 *
 *     head - slots          head                 record i is whole if head, looked at after it was copied,
 *          [ x | . | . | . ]                     is less than i + slots: the slot x is being written
 *
 * Savefiles are read by us, so nothing is lost there: a reader thread hands on the records of a batch before it takes
 * the next. Of live packets the ticker does, every few milliseconds. Records of one ring keep their order.
 */
#include <lib/run/events.h>
#include <lib/run/moments.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct event_ring {
	const struct ffpf_function *function;
	const struct ffpf_class_event *event;
	const uint64_t *head, *slots;
	bool monotonic;	    /* its function's moments are CLOCK_MONOTONIC */
	atomic_ullong next; /* the first record that has not been read */
	atomic_ullong lost;
};

struct ffpf_events {
	pthread_mutex_t lock; /* of who reads */
	struct ffpf_clock clock;
	size_t n;
	struct event_ring rings[];
};

static const struct ffpf_cells *cells_of(const struct ffpf_run *run, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < run->n_cells; i++)
		if (run->cells[i].level == level)
			return &run->cells[i];
	return NULL;
}

/* The rings of a function's events, one behind the other; only counted where out is NULL. */
static size_t find_rings(const struct ffpf_run *run, const struct ffpf_function *f, struct event_ring *out)
{
	const struct ffpf_schema *schema = ffpf_instance_schema(&f->instance);
	const struct ffpf_function_layout *l = f->layout;
	const struct ffpf_cells *c = cells_of(run, f->level);
	size_t n = 0;

	for (size_t i = 0; c && i < schema->n_events; i++)
		for (unsigned slot = 0; slot < c->n_slots; slot++, n++) {
			const uint64_t *cells = (const uint64_t *)((const char *)c->first + (size_t)slot * c->stride);
			const struct ffpf_class_event *event = &schema->events[i];

			if (!out)
				continue;
			out[n].function = f;
			out[n].event = event;
			out[n].head = cells + l->base[event->field];
			out[n].slots = cells + l->base[event->field + 1];
			out[n].monotonic = ffpf_moments_monotonic(run, f);
		}
	return n;
}

int ffpf_events_start(struct ffpf_run *run)
{
	size_t n = 0;

	if (!run->event)
		return 0;
	for (size_t i = 0; i < run->graph->n_functions; i++)
		n += find_rings(run, run->graph->functions[i], NULL);
	if (!n)
		return 0;
	run->events = calloc(1, sizeof(*run->events) + n * sizeof(run->events->rings[0]));
	if (!run->events)
		return -ENOMEM;
	pthread_mutex_init(&run->events->lock, NULL);
	for (size_t i = 0; i < run->graph->n_functions; i++)
		run->events->n += find_rings(run, run->graph->functions[i], &run->events->rings[run->events->n]);
	return 0;
}

static void hand_on(struct ffpf_run *run, const struct event_ring *ring, uint64_t *words)
{
	int64_t offset = ring->monotonic ? run->events->clock.offset : 0;
	struct ffpf_event event = {.function = ring->function->instance.name,
				   .name = ring->event->name,
				   .members = ring->event->members,
				   .values = (const uint8_t *)(words + ring->event->time)};

	if (ring->event->time)
		event.time_ns = ffpf_moment(words[0], offset);
	ffpf_moments_convert(&event.members, words + ring->event->time, 1, 0, offset);
	run->event(run->event_arg, &event);
}

static void read_ring(struct ffpf_run *run, struct event_ring *ring)
{
	uint64_t words[FFPF_CLASS_EVENT_WORDS_MOST], next = ring->next, n = ring->event->slots, lost = 0;
	uint64_t head = __atomic_load_n(ring->head, __ATOMIC_ACQUIRE);

	if (ring->monotonic && next != head)
		ffpf_clock_look(&run->events->clock);
	for (; next != head; next++) {
		uint64_t now = __atomic_load_n(ring->head, __ATOMIC_ACQUIRE);
		const uint64_t *slot = ring->slots + (next & (n - 1)) * ring->event->words;

		if (now - next < n) {
			for (uint32_t i = 0; i < ring->event->words; i++)
				words[i] = __atomic_load_n(&slot[i], __ATOMIC_RELAXED);
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			now = __atomic_load_n(ring->head, __ATOMIC_RELAXED);
		}
		if (now - next < n)
			hand_on(run, ring, words);
		else
			lost++;
	}
	ring->lost += lost;
	ring->next = next;
}

void ffpf_events_poll(struct ffpf_run *run)
{
	struct ffpf_events *e = run->events;
	bool any = false;

	for (size_t i = 0; e && !any && i < e->n; i++)
		any = __atomic_load_n(e->rings[i].head, __ATOMIC_RELAXED) != e->rings[i].next;
	if (!any)
		return;
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < e->n; i++)
		read_ring(run, &e->rings[i]);
	pthread_mutex_unlock(&e->lock);
}

void ffpf_events_free(struct ffpf_run *run)
{
	if (run->events)
		pthread_mutex_destroy(&run->events->lock);
	free(run->events);
	run->events = NULL;
}

static void add_result(struct ffpf_arena *arena, struct map_results *out, const char *name, const char *what,
		       const char *doc, uint64_t number)
{
	uint64_t *value = ffpf_arena_alloc(arena, sizeof(*value));

	*value = number;
	out->list = ffpf_arena_grow(arena, out->list, out->n, &out->capacity, sizeof(*out->list));
	out->list[out->n++] = (struct ffpf_result){.name = ffpf_arena_printf(arena, "%s.%s", name, what),
						   .doc = doc,
						   .n = 1,
						   .values = value,
						   .number = (double)number};
}

void ffpf_event_results(const struct ffpf_run *run, const struct ffpf_function *function, struct ffpf_arena *arena,
			struct map_results *out)
{
	const struct ffpf_schema *schema = ffpf_instance_schema(&function->instance);
	const struct ffpf_cells *c = cells_of(run, function->level);
	const struct ffpf_function_layout *l = function->layout;

	for (size_t i = 0; i < schema->n_events; i++) {
		const struct ffpf_class_event *event = &schema->events[i];
		uint64_t written = 0, lost = 0;

		for (size_t k = 0; run->events && k < run->events->n; k++)
			if (run->events->rings[k].event == event && run->events->rings[k].function == function)
				lost += run->events->rings[k].lost;
		for (unsigned slot = 0; c && slot < c->n_slots; slot++)
			written +=
				__atomic_load_n((const uint64_t *)((const char *)c->first + (size_t)slot * c->stride) +
							l->base[event->field],
						__ATOMIC_RELAXED);
		add_result(arena, out, event->name, "events", event->doc ? event->doc : "records written", written);
		add_result(arena, out, event->name, "events_lost", "overwritten before they were read", lost);
	}
}

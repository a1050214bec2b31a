/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that read what others have learnt (struct ffpf_wanted): each level has an area with one cell for each
 * result that its functions read, which this process writes and programs only load. So it does not matter at which
 * level the other function runs, and what it costs is paid here and not by packets.
 *
 * Of savefiles the cells are renewed before every FFPF_WANTED_PACKETS packets, when those before have been through all
 * levels: a function then sees the same in userspace and when it is replayed. Live, the ticker does it.
 */
#include <lib/run/moments.h>

#include <errno.h>
#include <stdlib.h>

struct wanted_cell {
	const struct ffpf_function *by;
	const struct ffpf_wanted_result *result;
	uint64_t *cell;
};

struct ffpf_wanting {
	struct ffpf_clock clock; /* of live packets: the ticker's */
	size_t n;
	struct wanted_cell cells[];
};

static uint64_t *area_of(const struct ffpf_run *run, const struct ffpf_flowspace *level)
{
	for (size_t i = 0; i < run->n_cells; i++)
		if (run->cells[i].level == level)
			return run->cells[i].wanted;
	return NULL;
}

int ffpf_wanted_start(struct ffpf_run *run)
{
	size_t n = 0;

	for (size_t i = 0; i < run->graph->n_functions; i++)
		n += ffpf_instance_schema(&run->graph->functions[i]->instance)->n_wanted;
	if (!n)
		return 0;
	run->wanting = calloc(1, sizeof(*run->wanting) + n * sizeof(run->wanting->cells[0]));
	if (!run->wanting)
		return -ENOMEM;
	for (size_t i = 0; i < run->graph->n_functions; i++) {
		const struct ffpf_function *f = run->graph->functions[i];
		const struct ffpf_function_layout *l = f->layout;
		uint64_t *area = area_of(run, f->level);

		for (size_t k = 0; area && k < l->schema->n_wanted; k++)
			run->wanting->cells[run->wanting->n++] =
				(struct wanted_cell){f, &f->wanted[k], &area[l->first_wanted + k]};
	}
	ffpf_wanted_refresh(run);
	return 0;
}

static uint64_t whole(double x)
{
	if (!(x > 0))
		return 0;
	return x + 0.5 < 18446744073709551616.0 ? (uint64_t)(x + 0.5) : UINT64_MAX;
}

/* A moment of another function, by the clock of who reads it. */
static uint64_t by_clock(struct ffpf_run *run, const struct wanted_cell *cell, uint64_t moment)
{
	struct ffpf_clock *clock = &run->wanting->clock;

	moment = ffpf_moment(moment, ffpf_moments_offset(run, cell->result->of, clock));
	return ffpf_moment(moment, -ffpf_moments_offset(run, cell->by, clock));
}

void ffpf_wanted_refresh(struct ffpf_run *run)
{
	struct ffpf_wanting *w = run->wanting;

	for (size_t i = 0; w && i < w->n; i++) {
		const struct ffpf_wanted_result *result = w->cells[i].result;
		uint64_t value = whole(ffpf_run_result(run, result));

		if (!result->figure) {
			const struct ffpf_field *field =
				&ffpf_instance_schema(&result->of->instance)->fields[result->field];

			if (field->unit == FFPF_UNIT_TIME && value != field->initial)
				value = by_clock(run, &w->cells[i], value);
		}
		__atomic_store_n(w->cells[i].cell, value, __ATOMIC_RELAXED);
	}
}

void ffpf_wanted_free(struct ffpf_run *run)
{
	free(run->wanting);
	run->wanting = NULL;
}

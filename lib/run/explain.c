/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf_explain: what was decided (graph/explain.h), and the programs of each level.
 */
#include <lib/graph/explain.h>
#include <lib/lang/arena.h>
#include <lib/run/handle.h>

#include <errno.h>
#include <unistd.h>

static uint64_t buffer_bytes(struct ffpf_run *run)
{
	uint64_t total = 0, cpus = (uint64_t)sysconf(_SC_NPROCESSORS_CONF);

	for (size_t i = 0; i < run->layout->n_levels; i++) {
		const struct ffpf_level *l = &run->layout->levels[i];
		uint64_t index = ffpf_ibuf_entries(run->options->buffer_size, l->n_inflows ? l->n_inflows : 1) *
				 sizeof(struct ffpf_index);

		if (l->rings || l->keeps)
			total += cpus * ffpf_ring_bytes(run->options->buffer_size, ffpf_level_stored(l));
		if (l->rings)
			total += cpus * (l->n_inflows * ffpf_ring_bytes(index, 0) + sizeof(struct ffpf_reader_page));
		total += cpus * 8 * l->n_cells;
	}
	return total;
}

static int list_levels(struct ffpf_run *run, bool bytecode, FILE *out)
{
	size_t n;
	const struct ffpf_flowspace *const *table = ffpf_flowspaces(&n);

	for (size_t i = n; i-- > 0;) {
		int err = 0;

		if (ffpf_layout_level(run->layout, table[i]) && table[i]->list)
			err = table[i]->list(table[i], run->graph, run->layout, bytecode, out);
		if (err)
			return err;
	}
	return 0;
}

int ffpf_explain(struct ffpf *h, enum ffpf_explain_form form, FILE *out, bool colour)
{
	struct ffpf_run *run = ffpf_handle_run(h);
	struct ffpf_explain_notes notes = {.n_cpus = (unsigned)sysconf(_SC_NPROCESSORS_CONF)};
	const char **fallbacks;

	if (!run)
		return ffpf_handle_misused(h, "ffpf_explain");
	if (!run->layout)
		run->layout = ffpf_layout_new(run->graph);
	fallbacks = ffpf_arena_alloc(run->arena, (run->n_notices + 1) * sizeof(*fallbacks));
	for (size_t i = 0; i < run->n_notices; i++)
		fallbacks[i] = run->notices[i];
	notes.fallbacks = fallbacks;
	notes.buffer_bytes = buffer_bytes(run);
	switch (form) {
	case FFPF_EXPLAIN_TEXT:
		ffpf_explain_text(run->graph, &notes, out, colour);
		return 0;
	case FFPF_EXPLAIN_DOT:
		ffpf_explain_dot(run->graph, out);
		return 0;
	case FFPF_EXPLAIN_JSON:
		ffpf_explain_json(run->graph, &notes, out);
		return 0;
	default:
		return list_levels(run, form == FFPF_EXPLAIN_BPF, out);
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of the class export: whose maps they want shipped, and how often they were asked. The maps themselves are
 * read by whoever has the handle (maps.c), so no reader thread waits for them.
 */
#include <lib/run/handle.h>
#include <lib/run/run.h>

#include <errno.h>
#include <string.h>

/* A user's program has its own, others those that their class announces. */
static bool has_maps(const struct ffpf_function *f)
{
	return f->instance.class->reload || ffpf_instance_schema(&f->instance)->n_maps;
}

static const char *program_name(const void *arg, size_t i)
{
	const struct ffpf_graph *graph = arg;

	for (size_t k = 0; k < graph->n_functions; k++)
		if (has_maps(graph->functions[k]) && !i--)
			return graph->functions[k]->instance.name;
	return NULL;
}

static const struct ffpf_function *find(const struct ffpf_graph *graph, const char *name)
{
	for (size_t i = 0; i < graph->n_functions; i++)
		if (!strcmp(graph->functions[i]->instance.name, name))
			return graph->functions[i];
	return NULL;
}

int ffpf_shipments_check(struct ffpf_graph *graph)
{
	int err = 0;

	for (size_t i = 0; i < graph->n_functions; i++) {
		const struct ffpf_instance *instance = &graph->functions[i]->instance;
		const struct ffpf_function *of;
		const struct ffpf_value *value;
		struct ffpf_diag *diag;
		const char *nearest;

		if (!(instance->class->flags & FFPF_CLASS_SHIPS))
			continue;
		value = ffpf_instance_value(instance, "function");
		of = find(graph, value->s);
		if (of && has_maps(of))
			continue;
		err = -EINVAL;
		diag = ffpf_diag_error(graph->diags, FFPF_D_VALUE_CHOICE, value->span,
				       of ? "'%s' has no maps: it is no BPF program, and its class announces none"
					  : "no function '%s'",
				       value->s);
		nearest = ffpf_diag_nearest(value->s, program_name, graph);
		if (nearest)
			ffpf_diag_hint(graph->diags, diag, "did you mean '%s'?", nearest);
	}
	return err;
}

static uint64_t asked(const struct ffpf_run *run, const struct ffpf_function *f)
{
	void *state = ffpf_run_state(run, f->level);
	uint64_t sum = 0, cells[1];

	for (unsigned t = 0; state && f->level->object && t < (run->n_threads ? run->n_threads : 1); t++) {
		void *object = f->level->object(state, f, t);

		if (!object)
			continue;
		f->instance.class->native->state(object, cells);
		sum += cells[0];
	}
	return sum;
}

int ffpf_shipment_get(struct ffpf *h, size_t i, struct ffpf_shipment *out)
{
	const struct ffpf_run *run = ffpf_handle_running(h);

	if (!run)
		return ffpf_handle_misused(h, "ffpf_shipment_get");
	for (size_t k = 0; k < run->graph->n_functions; k++) {
		const struct ffpf_function *f = run->graph->functions[k];
		const struct ffpf_instance *instance = &f->instance;

		if (!(instance->class->flags & FFPF_CLASS_SHIPS) || i--)
			continue;
		*out = (struct ffpf_shipment){.name = instance->name,
					      .function = ffpf_instance_value(instance, "function")->s,
					      .map = ffpf_instance_value(instance, "map")->s,
					      .file = ffpf_instance_value(instance, "file")->s,
					      .asked = asked(run, f)};
		return 0;
	}
	return -ENOENT;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions that have their state in common run on one level: the lowest that can have all of them. Where they come out
 * on different ones, those below get the level that succeeds all as their least, and everything is placed again.
 */
#include <lib/graph/place.h>
#include <limits.h>
#include <string.h>

static const char *key_of(const struct ffpf_function *function)
{
	const struct ffpf_class *class = function->instance.class;

	return class->together && function->level ? class->together(&function->instance) : NULL;
}

static bool same_state(const struct ffpf_function *x, const struct ffpf_function *y, const char *key)
{
	const char *other = x->instance.class == y->instance.class ? key_of(y) : NULL;

	return other && !strcmp(other, key);
}

/* One that keeps the function from running where it is, and the level that they could all have. */
static const struct ffpf_function *find_higher(const struct ffpf_placement *p, size_t i, unsigned *level)
{
	const struct ffpf_function *function = p->graph->functions[i], *found = NULL;
	const char *key = key_of(function);

	*level = p->level[i];
	for (size_t k = 0; key && k < p->graph->n_functions; k++) {
		const struct ffpf_function *other = p->graph->functions[k];

		if (k == i || !same_state(function, other, key))
			continue;
		unsigned join = ffpf_place_join(&p->tree, *level, p->level[k]);

		if (join == *level)
			continue;
		*level = join;
		found = other;
	}
	return found;
}

bool ffpf_place_raise_together(struct ffpf_placement *p)
{
	bool raised = false;

	for (size_t i = 0; i < p->graph->n_functions; i++) {
		unsigned level;
		const struct ffpf_function *other = find_higher(p, i, &level);

		if (!other)
			continue;
		p->least[i] = ffpf_place_join(&p->tree, p->least[i], level);
		p->waits_on[i] = other;
		p->raised_from[i] = p->level[i];
		raised = true;
	}
	return raised;
}

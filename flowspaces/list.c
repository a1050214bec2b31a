/* SPDX-License-Identifier: BSD-2-Clause */
/* The flowspaces: flowspaces/list.def as externs and as the table that lib/flowspace.h promises. */
#include <lib/flowspace.h>

#include <string.h>

#define FFPF_FLOWSPACE(name) extern const struct ffpf_flowspace ffpf_flowspace_##name;
#include <flowspaces/list.def>
#undef FFPF_FLOWSPACE

static const struct ffpf_flowspace *const table[] = {
#define FFPF_FLOWSPACE(name) &ffpf_flowspace_##name,
#include <flowspaces/list.def>
#undef FFPF_FLOWSPACE
};

#define N (sizeof(table) / sizeof(table[0]))
_Static_assert(N <= FFPF_MAX_FLOWSPACES, "placement numbers them");

const struct ffpf_flowspace *const *ffpf_flowspaces(size_t *n)
{
	*n = N;
	return table;
}

const struct ffpf_flowspace *ffpf_flowspace_find(const char *name)
{
	for (size_t i = 0; i < N; i++)
		if (!strcmp(table[i]->name, name))
			return table[i];
	return NULL;
}

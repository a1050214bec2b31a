/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats of files that fill tables (fill.h). */
#include <fpl/fill.h>
#include <fpl/signatures.h>

#include <string.h>

static const struct fpl_fill *const fills[] = {&fpl_fill_tcp_signatures, &fpl_fill_ttl_classes, &fpl_fill_tcp_labels};
#define N_FILLS (sizeof(fills) / sizeof(fills[0]))

const struct fpl_fill *fpl_fill_at(size_t i)
{
	return i < N_FILLS ? fills[i] : NULL;
}

const struct fpl_fill *fpl_fill_find(const char *name)
{
	for (size_t i = 0; i < N_FILLS; i++)
		if (!strcmp(fills[i]->name, name))
			return fills[i];
	return NULL;
}

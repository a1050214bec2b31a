/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of the packet's names: packet_names.def, once for each depth of nesting; and looking for one in it.
 */
#include <fpl/packet_inside.h>

#include <stdlib.h>
#include <string.h>

#define FPL_HEAD(p, h, d)                                                                                              \
	{.path = PREFIX p, .doc = d, .kind = FPL_HEADER, .how = HOW_HEADER, .header = HEADER_##h, .inner = NEST},
#define FPL_FIELD(p, k, h, a, s, sh, b, d)                                                                             \
	{.path = PREFIX p,                                                                                             \
	 .doc = d,                                                                                                     \
	 .kind = k,                                                                                                    \
	 .how = HOW_FIELD,                                                                                             \
	 .header = HEADER_##h,                                                                                         \
	 .inner = NEST,                                                                                                \
	 .at = a,                                                                                                      \
	 .size = s,                                                                                                    \
	 .shift = sh,                                                                                                  \
	 .bits = b},
#define FPL_OWN(p, k, h, w, d)                                                                                         \
	{.path = PREFIX p, .doc = d, .kind = k, .how = HOW_OWN, .header = HEADER_##h, .inner = NEST, .at = OWN_##w},

const struct fpl_field fpl_fields[] = {
#define FPL_META(p, k, w, n, d) {.path = p, .doc = d, .kind = k, .how = HOW_META, .at = FFPF_##w, .needs = (n)},
#define PREFIX ""
#define NEST 0
#include <fpl/packet_names.def>
#undef FPL_META
#undef PREFIX
#undef NEST
#define FPL_META(p, k, w, n, d)
#define PREFIX "inner."
#define NEST 1
#include <fpl/packet_names.def>
#undef PREFIX
#undef NEST
#define PREFIX "inner.inner."
#define NEST 2
#include <fpl/packet_names.def>
};
const size_t fpl_n_fields = sizeof(fpl_fields) / sizeof(fpl_fields[0]);

/* ---- looking for one ------------------------------------------------------------------------- */

const struct fpl_field *fpl_field_at(size_t i)
{
	return i < fpl_n_fields ? &fpl_fields[i] : NULL;
}

const struct fpl_field *fpl_field_find(const char *path)
{
	for (size_t i = 0; i < fpl_n_fields; i++)
		if (!strcmp(fpl_fields[i].path, path))
			return &fpl_fields[i];
	return NULL;
}

/* Letters to change, add, leave out or exchange with their neighbour to make one word of the other; more than `most`
 * when they are many. */
static unsigned distance(const char *a, const char *b, unsigned most)
{
	enum { LENGTH_MAX = 40 };
	unsigned rows[3][LENGTH_MAX + 1], *before = rows[0], *above = rows[1], *row = rows[2];
	size_t n = strlen(a), m = strlen(b);

	if (n > LENGTH_MAX || m > LENGTH_MAX)
		return most + 1;
	for (size_t k = 0; k <= m; k++)
		above[k] = before[k] = (unsigned)k;
	for (size_t i = 1; i <= n; i++) {
		unsigned *oldest = before;

		row[0] = (unsigned)i;
		for (size_t k = 1; k <= m; k++) {
			unsigned best = above[k - 1] + (a[i - 1] != b[k - 1]);

			if (above[k] + 1 < best)
				best = above[k] + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] && before[k - 2] + 1 < best)
				best = before[k - 2] + 1;
			row[k] = best;
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[m];
}

/* Does `path` end with the part of a name behind its last dot? `dport` is meant as tcp.dport, and the like. */
static bool is_last_part(const char *path, const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot + 1, path);
}

const char *fpl_field_nearest(const char *path)
{
	unsigned most = strlen(path) < 4 ? 1 : 2, best = most + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < fpl_n_fields; i++) {
		unsigned d = distance(path, fpl_fields[i].path, most);

		if (d < best) {
			best = d;
			nearest = fpl_fields[i].path;
		}
	}
	for (size_t i = 0; !nearest && i < fpl_n_fields; i++)
		if (is_last_part(path, fpl_fields[i].path))
			nearest = fpl_fields[i].path;
	return nearest;
}

/* ---- what is said of one --------------------------------------------------------------------- */

enum fpl_kind fpl_field_kind(const struct fpl_field *field)
{
	return field->kind;
}

bool fpl_field_optional(const struct fpl_field *field)
{
	return field->how == HOW_META ? field->at == FFPF_META_VLAN : field->inner || field->header != HEADER_FLOW;
}

unsigned fpl_field_needs(const struct fpl_field *field)
{
	/* The first packet's tags may be kept outside of its bytes; those in a tunnel are not. */
	if (field->how != HOW_META && !field->inner && (field->header == HEADER_VLAN || field->header == HEADER_VLAN2))
		return FFPF_NEED_VLAN;
	return field->needs;
}

const char *fpl_field_path(const struct fpl_field *field)
{
	return field->path;
}

const char *fpl_field_doc(const struct fpl_field *field)
{
	return field->doc;
}

unsigned fpl_field_inner(const struct fpl_field *field)
{
	return field->inner;
}

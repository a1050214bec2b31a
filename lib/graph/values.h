/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of the value parser share. values.c chooses by type and checks ranges,
 * value_number.c reads numbers and their units, value_address.c addresses.
 */
#ifndef FFPF_GRAPH_VALUES_H
#define FFPF_GRAPH_VALUES_H

#include <lib/graph/graph.h>

struct ffpf_value_scan {
	struct ffpf_arena *arena;
	struct ffpf_diags *diags;
	const struct ffpf_param *param;
	const struct ffpf_ast_value *written;
};

/* Reports FFPF_D_VALUE_TYPE at bytes [start, end) of the value's text (all of it when they are the same); the hint may
 * be NULL. Returns -EINVAL. */
int ffpf_value_refuse(const struct ffpf_value_scan *scan, size_t start, size_t end, const char *hint,
		      const char *format, ...) __attribute__((format(printf, 5, 6)));
/* Refuses bytes [start, end) of the text because the number there lies outside lo..hi; numbers are printed in the
 * parameter's unit. */
int ffpf_value_out_of_range(const struct ffpf_value_scan *scan, size_t start, size_t end);

/* COUNT, SIZE, RATE, TIME into out->i; FLOAT into out->f; RANGE into out->i and out->j. All 0 or -EINVAL (reported). */
int ffpf_value_number(const struct ffpf_value_scan *scan, struct ffpf_value *out);
int ffpf_value_float(const struct ffpf_value_scan *scan, struct ffpf_value *out);
int ffpf_value_range(const struct ffpf_value_scan *scan, struct ffpf_value *out);
/* MAC, IPV4, IPV6 into out->bytes and out->i. */
int ffpf_value_mac(const struct ffpf_value_scan *scan, struct ffpf_value *out);
int ffpf_value_ip(const struct ffpf_value_scan *scan, struct ffpf_value *out);

#endif

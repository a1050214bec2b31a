/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a file of TCP signatures: a mistake is reported inside the text or the file is good, and then its table
 * finds what looking at every signature finds.
 */
#include "tests/unit/signature_random.h"

#include <errno.h>
#include <lib/lang/arena.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool right, const char *what)
{
	if (!right) {
		fprintf(stderr, "fuzz_signatures: %s\n", what);
		abort();
	}
}

static void check_matches(const struct fpl_signatures *signatures, const struct fpl_signature_table *table,
			  uint64_t random)
{
	for (unsigned i = 0; i < 64; i++) {
		struct fpl_syn syn;

		random_syn(&random, &syn);
		if (signatures->n && i % 2) { /* one that a signature is about */
			const struct fpl_signature *s = &signatures->list[draw(&random, (uint32_t)signatures->n)];

			syn.layout = s->layout;
			syn.ip_options = s->ip_options;
			if (s->mss != FPL_ANY)
				syn.mss = (uint16_t)s->mss;
		}
		check(same_match(fpl_signatures_match(signatures, &syn),
				 fpl_signature_table_match(signatures, table, &syn)),
		      "the table finds something else");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_diags *diags = ffpf_diags_new();
	const uint32_t source = ffpf_diags_add_source(diags, "fuzz", (const char *)data, size);
	struct fpl_signature_table table;
	struct fpl_signatures signatures;
	uint64_t random = size;

	for (size_t i = 0; i < size; i++)
		random = random * 31 + data[i];
	if (fpl_signatures_read(arena, diags, source, &signatures) < 0)
		check(ffpf_diags_errors(diags) > 0, "refused without a word");
	else if (fpl_signatures_compile(arena, diags, &signatures, &table) < 0)
		check(ffpf_diags_errors(diags) > 0, "not compiled without a word");
	else
		check_matches(&signatures, &table, random);
	for (const struct ffpf_diag *diag = ffpf_diags_first(diags); diag; diag = diag->next)
		check(diag->span.source == source && diag->span.start <= diag->span.end && diag->span.end <= size,
		      "a span outside of the text");
	ffpf_arena_free(arena);
	ffpf_diags_free(diags);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * emit NAME { a: E, b: E }
 *
 * A record of words in a ring of cells, one ring a CPU, which the library's reader copies out.
 *
 *     head    records written so far                       slot of record k: k modulo slots
 *     ring    [ time | members, a word each ] * slots
 *
 * The words come first, then head: the reader takes a record for whole if head, looked at again after copying, is still
 * less than a ring away. head is added to atomically, because that orders it among the other stores on every processor.
 */
#include <fpl/kinds.h>
#include <lib/lang/arena.h>

enum { HEAD, RING };

static unsigned words_of(const struct fpl_event_decl *decl)
{
	unsigned n = fpl_key_values(&decl->members) + decl->time;

	return n ? n : 1; /* an event may say nothing but that it happened */
}

unsigned fpl_event_fields(const struct fpl_event_decl *decl, struct ffpf_arena *arena,
			  struct ffpf_field out[FPL_EVENT_FIELDS])
{
	out[HEAD] = (struct ffpf_field){
		.name = ffpf_arena_printf(arena, "%s.head", decl->name), .flags = FFPF_FIELD_HIDDEN, .cells = 1};
	out[RING] = (struct ffpf_field){.name = ffpf_arena_printf(arena, "%s.ring", decl->name),
					.flags = FFPF_FIELD_HIDDEN | FFPF_FIELD_RING,
					.cells = FPL_EVENT_SLOTS * words_of(decl)};
	return FPL_EVENT_FIELDS;
}

/* Members are whole words: numbers, and addresses as numbers. */
static struct ffpf_members members(const struct fpl_key *key, struct ffpf_arena *arena)
{
	struct ffpf_member *list = ffpf_arena_alloc(arena, key->n * sizeof(*list) + 1);
	uint32_t offset = 0;

	for (unsigned i = 0; i < key->n; i++) {
		const struct fpl_key_part *part = &key->parts[i];
		struct ffpf_member *m = &list[i];

		*m = (struct ffpf_member){.name = part->name, .offset = offset, .count = 1, .size = 8};
		if (part->size == 16) {
			m->size = 16;
			m->kind = FFPF_MEMBER_HOST_IPV6;
		} else if (part->kind == FFPF_MEMBER_NETWORK && part->size == 4) {
			m->kind = FFPF_MEMBER_HOST_IPV4;
		} else if (part->kind == FFPF_MEMBER_MAC) {
			m->kind = FFPF_MEMBER_HOST_MAC;
		} else {
			m->kind = part->kind;
		}
		offset += m->size;
	}
	return (struct ffpf_members){list, key->n};
}

void fpl_event_describe(const struct fpl_event_decl *decl, unsigned field, struct ffpf_arena *arena,
			struct ffpf_class_event *out)
{
	*out = (struct ffpf_class_event){.name = decl->name,
					 .doc = decl->doc,
					 .field = field,
					 .slots = FPL_EVENT_SLOTS,
					 .words = words_of(decl),
					 .time = decl->time,
					 .members = members(&decl->members, arena)};
}

void fpl_event_emit(struct ffpf_builder *b, const struct fpl_event_decl *decl, unsigned field, const ffpf_val *values)
{
	unsigned n = words_of(decl), word = 0;
	ffpf_val head = ffpf_ir_state_load(b, field + HEAD, 0);
	ffpf_val slot = ffpf_ir_alu_imm(b, FFPF_AND, 64, head, FPL_EVENT_SLOTS - 1);

	if (n > 1)
		slot = ffpf_ir_alu_imm(b, FFPF_MUL, 64, slot, n);
	if (decl->time)
		ffpf_ir_state_store(b, field + RING, slot, ffpf_ir_meta(b, FFPF_META_TIME));
	word = decl->time;
	for (unsigned k = 0; k < fpl_key_values(&decl->members); k++, word++)
		ffpf_ir_state_store(b, field + RING, word ? ffpf_ir_alu_imm(b, FFPF_ADD, 64, slot, word) : slot,
				    values[k]);
	ffpf_ir_state_fetch_add(b, field + HEAD, 0, ffpf_ir_const(b, 1));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keys in cells. The values of a key's parts are put into as few 64-bit words as they need, each part whole in one word
 * (one of 16 bytes has two for itself), so that few cells are compared; for readers they become bytes again.
 *
 *     src: 4, dst: 4, sport: 2, dport: 2, proto: 1      word 0  src dst     word 1  sport dport proto
 */
#include <fpl/kinds.h>
#include <lib/lang/arena.h>

#include <string.h>

/* Where a part's value goes: the word and how far it is shifted left there. One of 16 bytes: `word` and the next. */
struct place {
	unsigned word, shift;
};

/* The first word with room enough. Returns the number of words. */
static unsigned place(const struct fpl_key *key, struct place places[FPL_KEY_PARTS])
{
	unsigned used[FPL_KEY_WORDS + 1] = {0}, n = 0;

	for (unsigned i = 0; i < key->n && i < FPL_KEY_PARTS; i++) {
		unsigned size = key->parts[i].size, word = 0;

		if (size == 16) {
			places[i] = (struct place){n, 0};
			for (unsigned k = 0; k < 2 && n < FPL_KEY_WORDS; k++)
				used[n++] = 8;
			continue;
		}
		while (word < n && used[word] + size > 8)
			word++;
		if (word == n && n < FPL_KEY_WORDS)
			n++;
		places[i] = (struct place){word, used[word] * 8};
		used[word] += size;
	}
	return n;
}

unsigned fpl_key_values(const struct fpl_key *key)
{
	unsigned n = 0;

	for (unsigned i = 0; i < key->n; i++)
		n += key->parts[i].size == 16 ? 2 : 1;
	return n;
}

unsigned fpl_key_bytes(const struct fpl_key *key)
{
	unsigned n = 0;

	for (unsigned i = 0; i < key->n; i++)
		n += key->parts[i].size;
	return n;
}

unsigned fpl_key_words(const struct fpl_key *key)
{
	struct place places[FPL_KEY_PARTS];

	return place(key, places);
}

static uint64_t mask_of(unsigned size)
{
	return size >= 8 ? UINT64_MAX : ((uint64_t)1 << size * 8) - 1;
}

unsigned fpl_key_pack(struct ffpf_builder *b, const struct fpl_key *key, const ffpf_val *values,
		      ffpf_val words[FPL_KEY_WORDS])
{
	struct place places[FPL_KEY_PARTS];
	unsigned n = place(key, places);

	memset(words, 0, n * sizeof(*words));
	for (unsigned i = 0; i < key->n; i++) {
		unsigned size = key->parts[i].size;
		ffpf_val *word = &words[places[i].word], x = *values++;

		if (size == 16) {
			word[0] = x;
			word[1] = *values++;
			continue;
		}
		if (size < 8)
			x = ffpf_ir_alu_imm(b, FFPF_AND, 64, x, mask_of(size));
		if (places[i].shift)
			x = ffpf_ir_alu_imm(b, FFPF_LSH, 64, x, places[i].shift);
		*word = *word ? ffpf_ir_alu(b, FFPF_OR, 64, *word, x) : x;
	}
	return n;
}

static uint8_t *put(uint8_t *bytes, uint64_t x, unsigned size)
{
	for (unsigned i = size; i-- > 0; x >>= 8)
		bytes[i] = (uint8_t)x;
	return bytes + size;
}

/* In host order: 1, 2, 4 or 8 bytes. */
static uint8_t *put_number(uint8_t *bytes, uint64_t x, unsigned size)
{
	uint32_t four = (uint32_t)x;
	uint16_t two = (uint16_t)x;
	uint8_t one = (uint8_t)x;

	memcpy(bytes,
	       size == 8   ? (void *)&x
	       : size == 4 ? (void *)&four
	       : size == 2 ? (void *)&two
			   : (void *)&one,
	       size == 8 || size == 4 || size == 2 ? size : 1);
	return bytes + size;
}

void fpl_key_unpack(const struct fpl_key *key, const uint64_t *words, uint8_t *bytes)
{
	struct place places[FPL_KEY_PARTS];

	place(key, places);
	for (unsigned i = 0; i < key->n; i++) {
		unsigned size = key->parts[i].size;
		const uint64_t *word = &words[places[i].word];

		if (size == 16)
			bytes = put(put(bytes, word[0], 8), word[1], 8);
		else if (key->parts[i].kind <= FFPF_MEMBER_BOOL)
			bytes = put_number(bytes, word[0] >> places[i].shift, size);
		else
			bytes = put(bytes, word[0] >> places[i].shift, size);
	}
}

struct ffpf_members fpl_key_members(const struct fpl_key *key, struct ffpf_arena *arena)
{
	struct ffpf_member *list = ffpf_arena_alloc(arena, key->n * sizeof(*list) + 1);
	uint32_t offset = 0;

	for (unsigned i = 0; i < key->n; i++) {
		const struct fpl_key_part *part = &key->parts[i];
		bool row = part->kind == FFPF_MEMBER_TEXT || part->kind == FFPF_MEMBER_BYTES ||
			   part->kind == FFPF_MEMBER_MAC;

		list[i] = (struct ffpf_member){.name = part->name,
					       .offset = offset,
					       .count = row ? part->size : 1,
					       .size = row ? 1 : part->size,
					       .kind = part->kind};
		offset += part->size;
	}
	return (struct ffpf_members){list, key->n};
}

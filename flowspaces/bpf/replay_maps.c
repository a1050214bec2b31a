/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps of functions for packets that the reference interpreter runs in place of the kernel's test runner: entries are
 * copied out while the packet lasts, and written back behind it. Nobody else writes them meanwhile: one thread replays,
 * one packet after the other.
 */
#include <flowspaces/bpf/replay_maps.h>

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX_BYTES 4

/* An entry that the packet's program has found. */
struct ffpf_bpf_held {
	struct ffpf_bpf_held *next;
	unsigned map;
	bool removed;
	uint8_t key[PREFIX_BYTES + FFPF_CLASS_MAP_KEY_MOST]; /* as the kernel's map has it */
	uint64_t words[FFPF_CLASS_MAP_WORDS_MOST], before[FFPF_CLASS_MAP_WORDS_MOST];
};

static void make_key(const struct ffpf_bpf_class_map *m, const uint8_t *key, uint8_t *out)
{
	uint32_t bits = m->shown->map->key_size * 8, at = 0;

	if (m->shown->map->kind == FFPF_MAP_LPM) {
		memcpy(out, &bits, sizeof(bits));
		at = PREFIX_BYTES;
	}
	memcpy(out + at, key, m->shown->map->key_size);
}

/* Which prefix an LPM map has found for a key: the longest of which a value can take the place. */
static void find_prefix(const struct ffpf_bpf_class_map *m, uint8_t *key, const uint64_t *words)
{
	uint8_t *bytes = key + PREFIX_BYTES;
	uint32_t bits = m->shown->map->key_size * 8;

	while (bpf_map_update_elem(m->fd, key, words, BPF_EXIST) < 0 && bits) {
		bits--;
		memcpy(key, &bits, sizeof(bits));
		bytes[bits / 8] &= (uint8_t)(0xff00 >> bits % 8);
	}
}

uint64_t *ffpf_bpf_replay_find(struct ffpf_bpf_held **held, const struct ffpf_bpf_maps *maps, unsigned map,
			       const uint8_t *key)
{
	const struct ffpf_bpf_class_map *m = &maps->class_maps[map];
	struct ffpf_bpf_held *h, *new = calloc(1, sizeof(*new));

	if (!new)
		abort();
	new->map = map;
	make_key(m, key, new->key);
	if (bpf_map_lookup_elem(m->fd, new->key, new->words) < 0) {
		free(new);
		return NULL;
	}
	if (m->shown->map->kind == FFPF_MAP_LPM)
		find_prefix(m, new->key, new->words);
	for (h = *held; h; h = h->next)
		if (h->map == map && !h->removed && !memcmp(h->key, new->key, m->shown->spec.key_size)) {
			free(new);
			return h->words;
		}
	memcpy(new->before, new->words, sizeof(new->before));
	new->next = *held;
	*held = new;
	return new->words;
}

uint32_t ffpf_bpf_replay_add(const struct ffpf_bpf_maps *maps, unsigned map, const uint8_t *key)
{
	static const uint64_t zero[FFPF_CLASS_MAP_WORDS_MOST];
	const struct ffpf_bpf_class_map *m = &maps->class_maps[map];
	uint8_t whole[PREFIX_BYTES + FFPF_CLASS_MAP_KEY_MOST] = {0};

	make_key(m, key, whole);
	if (bpf_map_update_elem(m->fd, whole, zero, BPF_NOEXIST) == 0 || errno == EEXIST)
		return 0;
	return (uint32_t)-errno;
}

void ffpf_bpf_replay_remove(struct ffpf_bpf_held *held, const struct ffpf_bpf_maps *maps, unsigned map,
			    const uint8_t *key)
{
	const struct ffpf_bpf_class_map *m = &maps->class_maps[map];
	uint8_t whole[PREFIX_BYTES + FFPF_CLASS_MAP_KEY_MOST] = {0};

	if (m->shown->map->kind == FFPF_MAP_ARRAY)
		return;
	make_key(m, key, whole);
	(void)bpf_map_delete_elem(m->fd, whole);
	for (struct ffpf_bpf_held *h = held; h; h = h->next)
		if (h->map == map && !memcmp(h->key, whole, m->shown->spec.key_size))
			h->removed = true;
}

void ffpf_bpf_replay_release(struct ffpf_bpf_held **held, const struct ffpf_bpf_maps *maps)
{
	struct ffpf_bpf_held *h, *next;

	for (h = *held; h; h = next) {
		next = h->next;
		if (!h->removed && memcmp(h->words, h->before, sizeof(h->words)) != 0)
			(void)bpf_map_update_elem(maps->class_maps[h->map].fd, h->key, h->words, BPF_EXIST);
		free(h);
	}
	*held = NULL;
}

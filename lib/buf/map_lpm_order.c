/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of an LPM map in the kernel's order: what lies below a prefix comes before it, branch 0 before branch 1.
 * The place of a key in this order is known whether it is there or not, so a reader goes on from where it was even if
 * somebody took that key out.
 */
#include <lib/buf/map_lpm.h>

#include <errno.h>

/* First entry of the subtree at node i, by going down. False: the tree changed on the way. */
static bool leftmost(const struct ffpf_map *map, uint32_t i, uint32_t *first)
{
	uint32_t length = 0;

	for (bool top = true;; top = false) {
		const struct map_node *node = map_item(map, i);
		uint32_t child = map_load(&node->child[0]), prefixlen = map_load(&node->prefixlen);

		if (!top && prefixlen <= length)
			return false;
		length = prefixlen;
		if (child == MAP_NONE)
			child = map_load(&node->child[1]);
		if (child == MAP_NONE) {
			*first = i;
			return true;
		}
		i = child;
	}
}

/* What comes behind a key: at the end, the node `own` itself, or the first of the subtree at `below`. */
struct behind {
	uint32_t own, below; /* MAP_NONE: not so */
	bool present;	     /* the key itself is an entry */
};

static bool look_behind(const struct ffpf_map *map, const struct lpm_key *key, struct behind *behind)
{
	uint32_t i = map_load(&map->buckets->head), matched = 0;

	*behind = (struct behind){MAP_NONE, MAP_NONE, false};
	for (bool first = true; i != MAP_NONE; first = false) {
		const struct map_node *node = map_item(map, i);
		uint32_t length = map_load(&node->prefixlen);
		uint32_t most = length < key->prefixlen ? length : key->prefixlen;

		if (!first && length <= matched)
			return false;
		matched = ffpf_lpm_match(map, node, key, first ? 0 : matched, most);
		if (matched < most) { /* a branch that is not the key's: behind it if the key would go to the left */
			if (!lpm_bit(key->bits, matched))
				*behind = (struct behind){MAP_NONE, i, false};
			return true;
		}
		if (length >= key->prefixlen) { /* what lies below the key comes before it */
			behind->present = length == key->prefixlen && map_load(&node->slot) != MAP_NONE;
			return true;
		}
		unsigned bit = lpm_bit(key->bits, length);
		uint32_t other = bit ? MAP_NONE : map_load(&node->child[1]);
		if (other != MAP_NONE)
			*behind = (struct behind){MAP_NONE, other, false};
		else if (map_load(&node->slot) != MAP_NONE)
			*behind = (struct behind){i, MAP_NONE, false};
		i = map_load(&node->child[bit]);
	}
	return true;
}

/* Copies the key of node i. False: it is no entry any more. */
static bool key_of(const struct ffpf_map *map, uint32_t i, void *next)
{
	const struct map_node *node = map_item(map, i);
	uint32_t prefixlen = map_load(&node->prefixlen), s = map_load(&node->slot);

	if (s == MAP_NONE)
		return false;
	const struct map_slot *slot = (const struct map_slot *)(map->slots + (size_t)s * map->slot_size);
	memcpy(next, &prefixlen, sizeof(prefixlen));
	map_get((uint8_t *)next + sizeof(prefixlen), slot->key, map->spec.key_size - sizeof(prefixlen));
	return true;
}

/* One try. -EAGAIN: the tree changed on the way. wrap: what is not there is followed by the first. */
static int step(const struct ffpf_map *map, const struct lpm_key *key, bool wrap, void *next)
{
	uint32_t before = map_bucket_changes(map->buckets);
	struct behind behind = {MAP_NONE, MAP_NONE, false};
	bool good = !key || look_behind(map, key, &behind);

	if (good && (!key || (wrap && !behind.present)))
		behind = (struct behind){MAP_NONE, map_load(&map->buckets->head), false};
	if (good && behind.below != MAP_NONE)
		good = leftmost(map, behind.below, &behind.own);
	if (good && behind.own != MAP_NONE)
		good = key_of(map, behind.own, next);
	if (!good || map_bucket_changes(map->buckets) != before)
		return -EAGAIN;
	return behind.own == MAP_NONE ? -ENOENT : 0;
}

static int walk(const struct ffpf_map *map, const void *bytes, bool wrap, void *next)
{
	struct lpm_key key;
	bool valid = bytes && ffpf_lpm_key(map, bytes, &key);
	int err;

	do
		err = step(map, valid ? &key : NULL, wrap, next);
	while (err == -EAGAIN);
	return err;
}

int ffpf_map_lpm_next(struct ffpf_map *map, const void *key, void *next)
{
	return walk(map, key, true, next);
}

int ffpf_map_lpm_after(struct ffpf_map *map, const void *key, void *next)
{
	return walk(map, key, false, next);
}

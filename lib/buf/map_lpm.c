/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Longest-prefix match: a binary tree of prefixes in which no node has a single child for want of a branch (Patricia).
 * A node is an entry, or only joins two subtrees; so there are never more than twice as many nodes as entries.
 *
 *             0/0 *                * an entry: has a slot with its key and value
 *            /     \
 *     10/8 *        192.168/16     joins
 *                   /       \
 *       192.168.1/24 *     192.168.200/24 *
 *
 * A new value of an entry is another slot, put in by one store. Going down, the prefixes become longer: a lookup that
 * was led astray by a node that somebody used again notices it there, or from the count of changes at the end.
 */
#include <lib/buf/map-provider.h>
#include <lib/buf/map_lpm.h>

#include <errno.h>

uint32_t ffpf_lpm_match(const struct ffpf_map *map, const struct map_node *node, const struct lpm_key *key,
			uint32_t from, uint32_t most)
{
	for (uint32_t word = from / 64; word * 64 < most; word++) {
		uint64_t bits = __atomic_load_n(&node->bits[word], __ATOMIC_ACQUIRE) ^ key->bits[word];

		if (bits) {
			uint32_t same = word * 64 + (uint32_t)__builtin_clzll(lpm_order(bits));
			return same < most ? same : most;
		}
	}
	return most;
}

bool ffpf_lpm_key(const struct ffpf_map *map, const void *bytes, struct lpm_key *key)
{
	memcpy(&key->prefixlen, bytes, sizeof(key->prefixlen));
	if (key->prefixlen > lpm_most(map))
		return false;
	key->bits[map->key_words - 1] = 0;
	memcpy(key->bits, (const uint8_t *)bytes + sizeof(key->prefixlen), map->spec.key_size - sizeof(uint32_t));
	return true;
}

static void *slot_value(const struct ffpf_map *map, uint32_t slot)
{
	return map->values + (size_t)slot * map->value_stride;
}

/* The slot of the longest prefix of key, or MAP_NONE. False: the tree changed on the way. */
static bool longest(const struct ffpf_map *map, const struct lpm_key *key, uint32_t *slot)
{
	const struct map_bucket *tree = map->buckets;
	uint32_t before = map_bucket_changes(tree), matched = 0, i = map_load(&tree->head);

	*slot = MAP_NONE;
	for (bool first = true; i != MAP_NONE; first = false) {
		const struct map_node *node = map_item(map, i);
		uint32_t length = map_load(&node->prefixlen), s;

		if (!first && length <= matched)
			return false;
		if (length > key->prefixlen || ffpf_lpm_match(map, node, key, matched, length) < length)
			break;
		s = map_load(&node->slot);
		if (s != MAP_NONE)
			*slot = s;
		matched = length;
		if (length == key->prefixlen)
			break;
		i = map_load(&node->child[lpm_bit(key->bits, length)]);
	}
	return map_bucket_changes(tree) == before;
}

static void *lookup(struct ffpf_map *map, unsigned cpu, const void *bytes, bool use)
{
	struct lpm_key key;
	uint32_t slot;

	if (!ffpf_lpm_key(map, bytes, &key))
		return NULL;
	while (!longest(map, &key, &slot))
		;
	return slot == MAP_NONE ? NULL : slot_value(map, slot);
}

/* ---- changing: the caller holds the tree */

/* Where a key is, or would go. */
struct place {
	uint32_t *link, *parent_link; /* what points to the node, and to its parent (NULL: none) */
	struct map_node *node;	      /* NULL: none */
	uint32_t matched; /* bits that node and key have in common, as long as the shorter of both at most */
	bool exact;
};

static struct place find_place(struct ffpf_map *map, const struct lpm_key *key)
{
	struct place p = {.link = &map->buckets->head};

	for (uint32_t i; (i = map_load(p.link)) != MAP_NONE;) {
		p.node = map_item(map, i);
		uint32_t most = p.node->prefixlen < key->prefixlen ? p.node->prefixlen : key->prefixlen;

		p.matched = ffpf_lpm_match(map, p.node, key, 0, most);
		p.exact = p.matched == p.node->prefixlen && p.matched == key->prefixlen;
		if (p.matched < p.node->prefixlen || p.exact)
			return p;
		p.parent_link = p.link;
		p.link = &p.node->child[lpm_bit(key->bits, p.matched)];
	}
	p.node = NULL;
	return p;
}

static uint32_t new_node(struct ffpf_map *map, const uint64_t *bits, uint32_t prefixlen, uint32_t slot)
{
	uint32_t i = ffpf_map_pop(&map->area->free, map->items, map->item_size);
	struct map_node *node = map_item(map, i); /* there is one: see shape */

	map_store(&node->prefixlen, prefixlen);
	map_store(&node->child[0], MAP_NONE);
	map_store(&node->child[1], MAP_NONE);
	map_store(&node->slot, slot);
	for (uint32_t w = 0; w < map->key_words; w++)
		__atomic_store_n(&node->bits[w], bits[w], __ATOMIC_RELEASE);
	return i;
}

/* A place for the key that has no node of its own. */
static void insert(struct ffpf_map *map, const struct place *p, const struct lpm_key *key, uint32_t slot)
{
	uint32_t leaf = new_node(map, key->bits, key->prefixlen, slot), there = *p->link;

	if (p->node && p->matched == key->prefixlen) {
		struct map_node *node = map_item(map, leaf);

		map_store(&node->child[lpm_bit(p->node->bits, p->matched)], there);
	} else if (p->node) {
		uint32_t join = new_node(map, key->bits, p->matched, MAP_NONE);
		struct map_node *node = map_item(map, join);

		map_store(&node->child[lpm_bit(key->bits, p->matched)], leaf);
		map_store(&node->child[lpm_bit(p->node->bits, p->matched)], there);
		leaf = join;
	}
	map_store(p->link, leaf);
}

static int put(struct ffpf_map *map, const struct lpm_key *key, const void *bytes, const void *value,
	       enum ffpf_map_update how)
{
	struct map_area *area = map->area;
	struct place p = find_place(map, key);
	uint32_t old = p.node && p.exact ? p.node->slot : MAP_NONE;

	if (old != MAP_NONE ? how == FFPF_MAP_NOEXIST : how == FFPF_MAP_EXIST)
		return old != MAP_NONE ? -EEXIST : -ENOENT;
	if (old == MAP_NONE && area->count == map->spec.max_entries)
		return -ENOSPC;
	/* There is one more slot than entries, and nobody else here. */
	uint32_t i = ffpf_map_pop(&area->spare, map->slots, map->slot_size);
	struct map_slot *slot = (struct map_slot *)(map->slots + (size_t)i * map->slot_size);
	map_put(slot->key, (const uint8_t *)bytes + sizeof(uint32_t), map->spec.key_size - sizeof(uint32_t));
	map_put(slot_value(map, i), value, map->spec.value_size);
	if (p.node && p.exact)
		map_store(&p.node->slot, i);
	else
		insert(map, &p, key, i);
	if (old == MAP_NONE) {
		area->count++;
		return 0;
	}
	map_bucket_settle(map->buckets);
	ffpf_map_push(&area->spare, map->slots, map->slot_size, old);
	return 0;
}

static int update(struct ffpf_map *map, unsigned cpu, const void *bytes, const void *value, enum ffpf_map_update how)
{
	struct lpm_key key;
	int err;

	if (!ffpf_lpm_key(map, bytes, &key))
		return -EINVAL;
	map_bucket_take(map->buckets);
	err = put(map, &key, bytes, value, how);
	map_bucket_give(map->buckets);
	return err;
}

static int take_out(struct ffpf_map *map, const struct lpm_key *key)
{
	struct map_area *area = map->area;
	struct place p = find_place(map, key);

	if (!p.node || !p.exact || p.node->slot == MAP_NONE)
		return -ENOENT;
	uint32_t slot = p.node->slot, gone[2] = {MAP_NONE, MAP_NONE};
	const uint32_t *child = p.node->child;
	struct map_node *parent = p.parent_link ? map_item(map, *p.parent_link) : NULL;

	if (child[0] != MAP_NONE && child[1] != MAP_NONE) {
		map_store(&p.node->slot, MAP_NONE); /* from now on it only joins */
	} else if (child[0] == MAP_NONE && child[1] == MAP_NONE && parent && parent->slot == MAP_NONE) {
		gone[0] = *p.link;
		gone[1] = *p.parent_link;
		map_store(p.parent_link, parent->child[p.link == &parent->child[0]]);
	} else {
		gone[0] = *p.link;
		map_store(p.link, child[child[0] == MAP_NONE]);
	}
	area->count--;
	map_bucket_settle(map->buckets);
	for (unsigned i = 0; i < 2; i++)
		if (gone[i] != MAP_NONE)
			ffpf_map_push(&area->free, map->items, map->item_size, gone[i]);
	ffpf_map_push(&area->spare, map->slots, map->slot_size, slot);
	return 0;
}

static int delete (struct ffpf_map *map, const void *bytes)
{
	struct lpm_key key;
	int err;

	if (!ffpf_lpm_key(map, bytes, &key))
		return -EINVAL;
	map_bucket_take(map->buckets);
	err = take_out(map, &key);
	map_bucket_give(map->buckets);
	return err;
}

/* ---- making */

static int shape(const struct ffpf_map_spec *spec, struct map_area *area, const char **why)
{
	uint32_t bytes = spec->key_size - sizeof(uint32_t);

	if (spec->key_size <= sizeof(uint32_t) || bytes > LPM_BYTES_MOST) {
		*why = "the key of an LPM map is a 32-bit length and 1 to 256 bytes";
		return -EINVAL;
	}
	area->n_buckets = 1;
	/* n entries are joined by n - 1 nodes at most. */
	area->n_items = 2 * (uint64_t)spec->max_entries;
	area->item_size = sizeof(struct map_node) + map_padded(bytes);
	area->n_slots = (uint64_t)spec->max_entries + 1;
	area->values = sizeof(struct map_slot) + map_padded(bytes);
	area->slot_size = area->values + map_padded(spec->value_size);
	if (area->n_items >= MAP_NONE) {
		*why = "it would need more than 4 GiB";
		return -E2BIG;
	}
	return 0;
}

static void init(struct ffpf_map *map)
{
	map->key_words = (uint32_t)(map_padded(map->spec.key_size - sizeof(uint32_t)) / 8);
	map->buckets->head = MAP_NONE;
	for (uint32_t i = map->n_items; i-- > 0;)
		ffpf_map_push(&map->area->free, map->items, map->item_size, i);
	for (uint32_t i = (uint32_t)map->area->n_slots; i-- > 0;)
		ffpf_map_push(&map->area->spare, map->slots, map->slot_size, i);
}

static int read(struct ffpf_map_reader *reader)
{
	uint8_t key[sizeof(uint32_t) + LPM_BYTES_MOST];
	/* The last piece's key is still there: ffpf_map_reader_next only forgot it. */
	int err = ffpf_map_lpm_after(reader->map, reader->position ? reader->keys : NULL, key);

	if (err)
		return err;
	void *room = ffpf_map_reader_room(reader);
	if (!room)
		return -ENOMEM;
	memcpy(room, key, reader->map->spec.key_size);
	reader->position = 1;
	return 0;
}

const struct map_ops ffpf_map_lpm_ops = {
	.shape = shape,
	.init = init,
	.lookup = lookup,
	.update = update,
	.delete = delete,
	.next = ffpf_map_lpm_next,
	.read = read,
};

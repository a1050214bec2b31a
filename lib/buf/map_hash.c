/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hash tables. Entries are chained from buckets, as many as entries or a few more, so chains are short.
 *
 * A new value of an old key goes into a spare entry that takes the old one's place in the chain by one store, as in the
 * kernel: a reader finds the one or the other, whole. Values per CPU belong to one thread each and are written in
 * place.
 *
 * The hash is NH of UMAC (J. Black, S. Halevi, H. Krawczyk, T. Krovetz, P. Rogaway, CRYPTO '99): sums of products of
 * pairs of words to which random words were added, 128 bits wide. Two keys that were chosen without knowing those words
 * have the same sum with a probability of 2^-64, and it costs one multiplication for 16 bytes. Another one brings the
 * sum down to 32 bits.
 */
#include <lib/buf/map-provider.h>

#include <errno.h>

#define SPARES 2 /* beyond one for each slot */

struct key {
	uint64_t words[MAP_KEY_WORDS + 1];
	uint32_t hash;
};

static void hash_words(const struct ffpf_map *map, struct key *key)
{
	const uint64_t *w = key->words, *s = map->secret;
	unsigned __int128 sum = 0;

	for (uint32_t i = 0; i < map->key_words; i += 2)
		sum += (unsigned __int128)(w[i] + s[i]) * (w[i + 1] + s[i + 1]);
	s += MAP_KEY_WORDS;
	sum = (unsigned __int128)((uint64_t)sum + s[0]) * ((uint64_t)(sum >> 64) + s[1]);
	key->hash = (uint32_t)(((uint64_t)sum ^ (uint64_t)(sum >> 64)) >> 32);
}

/* The key in whole words, zeros behind it, one more word so that they come in pairs. */
static void make_key(const struct ffpf_map *map, const void *bytes, struct key *key)
{
	const uint8_t *p = bytes;
	uint32_t size = map->spec.key_size, i = 0;

	for (; size >= 8; size -= 8, p += 8)
		memcpy(&key->words[i++], p, 8);
	if (size)
		key->words[i++] = map_tail(p, size);
	key->words[i] = 0;
	hash_words(map, key);
}

static struct map_bucket *bucket_of(const struct ffpf_map *map, uint32_t hash)
{
	return &map->buckets[hash & map->bucket_mask];
}

static bool same(const struct ffpf_map *map, const struct map_entry *e, const struct key *key)
{
	if (map_load(&e->hash) != key->hash)
		return false;
	for (uint32_t i = 0; i < map->key_words; i++)
		if (__atomic_load_n(&e->key[i], __ATOMIC_ACQUIRE) != key->words[i])
			return false;
	return true;
}

/* The number of a key's entry, or MAP_NONE; the caller takes nothing. */
static uint32_t find(const struct ffpf_map *map, const struct key *key)
{
	struct map_bucket *b = bucket_of(map, key->hash);

	for (;;) {
		uint32_t before = map_bucket_changes(b), i = map_load(&b->head);
		const struct map_entry *e;

		/* An entry that left this chain and came into another leads there: the count tells. It is looked at now
		 * and then on the way, too, so that no detour is long. */
		for (unsigned steps = 1; i != MAP_NONE; i = map_load(&e->next), steps++) {
			e = map_item(map, i);
			if (same(map, e, key) || (!(steps & 63) && map_bucket_changes(b) != before))
				break;
		}
		if (map_bucket_changes(b) == before)
			return i;
	}
}

/* The same for who holds the bucket; *link is what points to the entry, or the chain's end. */
static struct map_entry *find_held(struct ffpf_map *map, struct map_bucket *b, const struct key *key, uint32_t **link)
{
	struct map_entry *e;
	uint32_t i;

	for (*link = &b->head; (i = map_load(*link)) != MAP_NONE; *link = &e->next) {
		e = map_item(map, i);
		if (same(map, e, key))
			return e;
	}
	return NULL;
}

static void take_out(struct map_entry *e, uint32_t *link)
{
	map_store(link, map_load(&e->next));
	__atomic_store_n(&e->linked, 0, __ATOMIC_RELEASE);
}

bool ffpf_map_unlink(struct ffpf_map *map, struct map_bucket *b, struct map_entry *e)
{
	uint32_t i, *link = &b->head;

	for (; (i = map_load(link)) != MAP_NONE; link = &((struct map_entry *)map_item(map, i))->next) {
		if (i != map_item_number(map, e))
			continue;
		take_out(e, link);
		return true;
	}
	return false;
}

static void mark_used(const struct ffpf_map *map, struct map_entry *e)
{
	/* Written only when it changes: the line stays in all caches. */
	if (map->lru && !__atomic_load_n(&e->used, __ATOMIC_RELAXED))
		__atomic_store_n(&e->used, 1, __ATOMIC_RELAXED);
}

static void *lookup(struct ffpf_map *map, unsigned cpu, const void *bytes, bool use)
{
	struct key key;

	make_key(map, bytes, &key);
	uint32_t i = find(map, &key);
	if (i == MAP_NONE)
		return NULL;
	if (use)
		mark_used(map, map_item(map, i));
	return map_value(map, i, cpu);
}

/* ---- changing */

static void write_values(struct ffpf_map *map, uint32_t i, unsigned cpu, const void *value)
{
	for (unsigned c = 0; map->per_cpu && c < map->n_cpus; c++)
		for (size_t at = 0; c != cpu && at < map->value_stride; at += 8)
			__atomic_store_n((uint64_t *)map_value(map, i, c) + at / 8, 0, __ATOMIC_RELEASE);
	map_put(map_value(map, i, cpu), value, map->spec.value_size);
}

/* Fills an entry that nobody else has. */
static void fill(struct ffpf_map *map, uint32_t i, const struct key *key, unsigned cpu, const void *value)
{
	struct map_entry *e = map_item(map, i);

	map_store(&e->hash, key->hash);
	for (uint32_t k = 0; k < map->key_words; k++)
		__atomic_store_n(&e->key[k], key->words[k], __ATOMIC_RELEASE);
	write_values(map, i, cpu, value);
}

/* Puts it into the chain: in place of old, or first. The caller holds the bucket. */
static void link_in(struct ffpf_map *map, struct map_bucket *b, uint32_t i, struct map_entry *old, uint32_t *link)
{
	struct map_entry *e = map_item(map, i);

	__atomic_store_n(&e->used, old != NULL, __ATOMIC_RELAXED);
	map_store(&e->next, map_load(old ? &old->next : &b->head));
	map_store(old ? link : &b->head, i);
	__atomic_store_n(&e->linked, 1, __ATOMIC_RELEASE);
	if (old)
		__atomic_store_n(&old->linked, 0, __ATOMIC_RELEASE);
}

/* Room for a new key. Another thread may have given up an entry and not have got far with it: it is waited for a little
 * in an LRU map, which is never full. */
static uint32_t room_for(struct ffpf_map *map)
{
	uint32_t i = ffpf_map_pop(&map->area->free, map->items, map->item_size);

	for (unsigned tries = 0; i == MAP_NONE && map->lru && tries < 100; tries++) {
		i = ffpf_map_evict(map);
		if (i == MAP_NONE) {
			sched_yield();
			i = ffpf_map_pop(&map->area->free, map->items, map->item_size);
		}
	}
	return i;
}

struct change {
	struct key key;
	const void *value;
	unsigned cpu;
	enum ffpf_map_update how;
	struct map_stack *from; /* where room was taken from */
	uint32_t room;		/* the entry to use, or MAP_NONE */
	uint32_t back;		/* what goes back there, or MAP_NONE */
};

/* What to do about the key as it is while the bucket is held. 0, -errno, or 1: things have changed, again. */
static int change_held(struct ffpf_map *map, struct map_bucket *b, struct change *c)
{
	uint32_t *link;
	struct map_entry *old = find_held(map, b, &c->key, &link);

	c->back = c->room;
	if (old ? c->how == FFPF_MAP_NOEXIST : c->how == FFPF_MAP_EXIST)
		return old ? -EEXIST : -ENOENT;
	/* A spare may only replace, so that there are never more entries than there may be. */
	if (!old && (c->room == MAP_NONE || c->from == &map->area->spare))
		return 1;
	if (old && (map->per_cpu || c->room == MAP_NONE)) {
		map_put(map_value(map, map_item_number(map, old), c->cpu), c->value, map->spec.value_size);
		mark_used(map, old);
		return 0;
	}
	link_in(map, b, c->room, old, link);
	c->back = old ? map_item_number(map, old) : MAP_NONE;
	return 0;
}

static int update(struct ffpf_map *map, unsigned cpu, const void *bytes, const void *value, enum ffpf_map_update how)
{
	struct change c = {.value = value, .cpu = cpu, .how = how};
	int err;

	make_key(map, bytes, &c.key);
	struct map_bucket *b = bucket_of(map, c.key.hash);
	do {
		bool there = find(map, &c.key) != MAP_NONE;

		if (there ? how == FFPF_MAP_NOEXIST : how == FFPF_MAP_EXIST)
			return there ? -EEXIST : -ENOENT;
		c.from = there ? &map->area->spare : &map->area->free;
		/* Room is made before the bucket is held: in an LRU map that takes another bucket. */
		c.room = !there		 ? room_for(map)
			 : !map->per_cpu ? ffpf_map_pop(c.from, map->items, map->item_size)
					 : MAP_NONE;
		if (!there && c.room == MAP_NONE)
			return map->lru ? -ENOMEM : -E2BIG;
		if (c.room != MAP_NONE)
			fill(map, c.room, &c.key, cpu, value);
		map_bucket_take(b);
		err = change_held(map, b, &c);
		map_bucket_give(b);
		if (c.back != MAP_NONE)
			ffpf_map_push(c.from, map->items, map->item_size, c.back);
	} while (err == 1);
	return err;
}

static int delete (struct ffpf_map *map, const void *bytes)
{
	struct key key;
	uint32_t *link;

	make_key(map, bytes, &key);
	struct map_bucket *b = bucket_of(map, key.hash);
	if (find(map, &key) == MAP_NONE)
		return -ENOENT;
	map_bucket_take(b);
	struct map_entry *old = find_held(map, b, &key, &link);
	if (old)
		take_out(old, link);
	map_bucket_give(b);
	if (!old)
		return -ENOENT;
	ffpf_map_push(&map->area->free, map->items, map->item_size, map_item_number(map, old));
	return 0;
}

/* ---- in order */

/* The key of the first entry at or behind bucket number `from`. */
static int first_from(struct ffpf_map *map, uint64_t from, void *next)
{
	for (uint64_t n = from; n <= map->bucket_mask; n++) {
		struct map_bucket *b = &map->buckets[n];
		uint32_t before, i;

		do {
			before = map_bucket_changes(b);
			i = map_load(&b->head);
			if (i != MAP_NONE)
				map_get(next, ((struct map_entry *)map_item(map, i))->key, map->spec.key_size);
		} while (map_bucket_changes(b) != before);
		if (i != MAP_NONE)
			return 0;
	}
	return -ENOENT;
}

static int next(struct ffpf_map *map, const void *bytes, void *next)
{
	struct key key;

	if (!bytes)
		return first_from(map, 0, next);
	make_key(map, bytes, &key);
	struct map_bucket *b = bucket_of(map, key.hash);
	for (;;) {
		uint32_t before = map_bucket_changes(b), i = find(map, &key);

		if (i == MAP_NONE)
			return first_from(map, 0, next);
		i = map_load(&((struct map_entry *)map_item(map, i))->next);
		if (i != MAP_NONE)
			map_get(next, ((struct map_entry *)map_item(map, i))->key, map->spec.key_size);
		if (map_bucket_changes(b) == before)
			return i != MAP_NONE ? 0 : first_from(map, (uint64_t)(b - map->buckets) + 1, next);
	}
}

static int read_chain(struct ffpf_map_reader *reader, const struct map_bucket *b)
{
	struct ffpf_map *map = reader->map;
	uint32_t before = map_bucket_changes(b), i = map_load(&b->head);

	reader->n = 0;
	while (i != MAP_NONE && map_bucket_changes(b) == before) {
		struct map_entry *e = map_item(map, i);
		void *room = ffpf_map_reader_room(reader);

		if (!room)
			return -ENOMEM;
		map_get(room, e->key, map->spec.key_size);
		i = map_load(&e->next);
	}
	return map_bucket_changes(b) == before ? 0 : -EAGAIN;
}

static int read(struct ffpf_map_reader *reader)
{
	int err = 0;

	while (reader->position <= reader->map->bucket_mask) {
		do
			err = read_chain(reader, &reader->map->buckets[reader->position]);
		while (err == -EAGAIN);
		reader->position++;
		if (err || reader->n)
			return err;
	}
	return -ENOENT;
}

/* ---- making */

static int shape(const struct ffpf_map_spec *spec, struct map_area *area, const char **why)
{
	bool per_cpu = ffpf_map_per_cpu(spec->kind);

	for (area->n_buckets = 1; area->n_buckets < spec->max_entries;)
		area->n_buckets *= 2;
	area->n_items = (uint64_t)spec->max_entries + (per_cpu ? 0 : area->n_cpus + SPARES);
	area->item_size = sizeof(struct map_entry) + map_padded(spec->key_size);
	if (per_cpu) {
		area->value_stride = map_padded(spec->value_size);
	} else {
		area->values = area->item_size;
		area->item_size += map_padded(spec->value_size);
	}
	return 0;
}

static void init(struct ffpf_map *map)
{
	map->key_words = (uint32_t)(map_padded(map->spec.key_size) / 8);
	for (uint64_t i = 0; i < map->area->n_buckets; i++)
		map->buckets[i].head = MAP_NONE;
	/* So that the first keys get the first entries. */
	for (uint32_t i = map->n_items; i-- > 0;)
		ffpf_map_push(i < map->spec.max_entries ? &map->area->free : &map->area->spare, map->items,
			      map->item_size, i);
}

const struct map_ops ffpf_map_hash_ops = {
	.shape = shape,
	.init = init,
	.lookup = lookup,
	.update = update,
	.delete = delete,
	.next = next,
	.read = read,
};

/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Reassembly; see defrag.h.
 *
 *     bucket ─▶ datagram ─▶ datagram         by key
 *     oldest ◀─▶ … ◀─▶ newest                by when they began
 *     datagram ─▶ fragment ─▶ fragment       by offset; each a row of blocks, its first has offset and length
 */
#include "defrag.h"

#define NONE UINT32_MAX
enum { BLOCK_BYTES = 500, FRAGMENTS_MOST = 512, DATAGRAM_MOST = 65535 };

struct ffpf_defrag_block {
	uint32_t next;	   /* of the fragment; of the free ones */
	uint32_t fragment; /* the first block of the next fragment */
	uint16_t offset, length;
	uint8_t bytes[BLOCK_BYTES];
};

struct key {
	uint8_t from[16], to[16];
	uint32_t id, tag;
	uint8_t version, protocol; /* of IPv4; else 0 */
	uint8_t zero[2];
};

struct ffpf_defrag_datagram {
	struct key key;
	uint64_t began_ns;
	uint32_t next, older, newer;
	uint32_t first, last; /* fragments, by their first blocks */
	uint32_t n_fragments;
	uint32_t there, size;	     /* bytes; size: of all, NONE as long as it is not known */
	uint32_t n_head, network_at; /* of head, 0: the first fragment is not there yet */
	uint32_t next_at;	     /* IPv6: of the byte in head that said that a fragment header follows */
	uint8_t protocol;	     /* IPv6: what that byte says in the whole */
	bool dead;		     /* was dropped for an overlap: what comes is dropped, too */
	uint8_t head[FFPF_DEFRAG_HEAD];
};

/* A fragment as it comes. */
struct piece {
	struct key key;
	struct ffpf_payload where;
	uint32_t at, length, offset; /* of its bytes in the packet; in the datagram */
	uint32_t n_head, next_at;
	uint8_t protocol; /* IPv6: behind the fragment header */
	bool more;
};

/* ---- memory ---------------------------------------------------------------------------------- */

void ffpf_defrag_init(struct ffpf_defrag *d, void *memory, uint32_t size, uint64_t timeout_ns, uint32_t seed)
{
	uint8_t *at = memory;
	uint32_t buckets = 16;

	memset(d, 0, sizeof(*d));
	d->timeout_ns = timeout_ns;
	d->seed = seed;
	/* An eighth for datagrams, what remains for their bytes. */
	d->n_datagrams = size / 8 / (uint32_t)sizeof(*d->datagrams);
	while (buckets < d->n_datagrams)
		buckets *= 2;
	d->bucket_mask = buckets - 1;
	d->datagrams = (struct ffpf_defrag_datagram *)at;
	at += d->n_datagrams * sizeof(*d->datagrams);
	d->buckets = (uint32_t *)at;
	at += buckets * sizeof(*d->buckets);
	d->blocks = (struct ffpf_defrag_block *)at;
	d->n_blocks = (size - (uint32_t)(at - (uint8_t *)memory)) / (uint32_t)sizeof(*d->blocks);
	for (uint32_t i = 0; i < buckets; i++)
		d->buckets[i] = NONE;
	for (uint32_t i = 0; i < d->n_datagrams; i++)
		d->datagrams[i].next = i + 1 < d->n_datagrams ? i + 1 : NONE;
	for (uint32_t i = 0; i < d->n_blocks; i++)
		d->blocks[i].next = i + 1 < d->n_blocks ? i + 1 : NONE;
	d->n_free = d->n_blocks;
	d->oldest = d->newest = NONE;
}

static uint32_t bucket_of(const struct ffpf_defrag *d, const struct key *key)
{
	uint32_t hash = d->seed ^ key->id ^ (uint32_t)key->protocol << 24 ^ key->tag << 8 ^ key->version;

	for (unsigned i = 0; i < 16; i += 4) {
		hash = (hash ^ ffpf_native_get32(key->from + i)) * 0x9e3779b1u;
		hash = (hash ^ hash >> 15 ^ ffpf_native_get32(key->to + i)) * 0x85ebca77u;
		hash ^= hash >> 13;
	}
	return hash & d->bucket_mask;
}

static void free_fragments(struct ffpf_defrag *d, struct ffpf_defrag_datagram *g)
{
	uint32_t fragment = g->first;

	while (fragment != NONE) {
		uint32_t next = d->blocks[fragment].fragment, block = fragment;

		while (block != NONE) {
			uint32_t then = d->blocks[block].next;

			d->blocks[block].next = d->free_block;
			d->free_block = block;
			d->n_free++;
			block = then;
		}
		fragment = next;
	}
	d->counts.waiting -= g->n_fragments;
	g->first = g->last = NONE;
	g->n_fragments = 0;
	g->there = 0;
}

/* Takes a datagram out of everything; counter: where its fragments are counted. */
static void give_up(struct ffpf_defrag *d, uint32_t number, uint64_t *counter)
{
	struct ffpf_defrag_datagram *g = &d->datagrams[number];
	uint32_t *link = &d->buckets[bucket_of(d, &g->key)];

	*counter += g->n_fragments;
	free_fragments(d, g);
	while (*link != number)
		link = &d->datagrams[*link].next;
	*link = g->next;
	if (g->older != NONE)
		d->datagrams[g->older].newer = g->newer;
	else
		d->oldest = g->newer;
	if (g->newer != NONE)
		d->datagrams[g->newer].older = g->older;
	else
		d->newest = g->older;
	g->next = d->free_datagram;
	d->free_datagram = number;
}

/* Clocks of captures may go back: then nothing is too old. */
static bool is_old(const struct ffpf_defrag *d, const struct ffpf_defrag_datagram *g, uint64_t now_ns)
{
	return now_ns > g->began_ns && now_ns - g->began_ns > d->timeout_ns;
}

void ffpf_defrag_expire(struct ffpf_defrag *d, uint64_t now_ns)
{
	while (d->oldest != NONE && is_old(d, &d->datagrams[d->oldest], now_ns))
		give_up(d, d->oldest, &d->counts.timed_out);
}

static uint32_t find(struct ffpf_defrag *d, const struct key *key, uint64_t now_ns)
{
	uint32_t number = d->buckets[bucket_of(d, key)];

	while (number != NONE && memcmp(&d->datagrams[number].key, key, sizeof(*key)))
		number = d->datagrams[number].next;
	if (number != NONE && is_old(d, &d->datagrams[number], now_ns)) {
		give_up(d, number, &d->counts.timed_out);
		number = NONE;
	}
	return number;
}

static uint32_t begin(struct ffpf_defrag *d, const struct key *key, uint64_t now_ns)
{
	struct ffpf_defrag_datagram *g;
	uint32_t number, *link = &d->buckets[bucket_of(d, key)];

	if (d->free_datagram == NONE)
		give_up(d, d->oldest, &d->counts.memory);
	number = d->free_datagram;
	g = &d->datagrams[number];
	d->free_datagram = g->next;
	memset(g, 0, sizeof(*g));
	g->key = *key;
	g->began_ns = now_ns;
	g->first = g->last = NONE;
	g->size = NONE;
	g->next = *link;
	*link = number;
	g->newer = NONE;
	g->older = d->newest;
	if (d->newest != NONE)
		d->datagrams[d->newest].newer = number;
	else
		d->oldest = number;
	d->newest = number;
	return number;
}

/* Room for n bytes, if need be that of older datagrams; false: only that of the datagram itself remains. */
static bool make_room(struct ffpf_defrag *d, uint32_t number, uint32_t n)
{
	while (d->n_free * BLOCK_BYTES < n) {
		uint32_t victim = d->oldest != number ? d->oldest : d->datagrams[number].newer;

		if (victim == NONE)
			return false;
		give_up(d, victim, &d->counts.memory);
	}
	return true;
}

/* ---- one fragment ---------------------------------------------------------------------------- */

/* Copies bytes that the packet has, in parts where it has to be. */
static bool copy(const struct ffpf_bytes *bytes, uint32_t at, uint32_t n, uint8_t *to)
{
	uint8_t room[FFPF_BYTES_PART];

	if (bytes->data) {
		memcpy(to, bytes->data + at, n);
		return true;
	}
	for (uint32_t i = 0; i < n; i += FFPF_BYTES_PART) {
		uint32_t part = n - i < FFPF_BYTES_PART ? n - i : FFPF_BYTES_PART;
		const uint8_t *from = ffpf_bytes_at(bytes, at + i, part, room);

		if (!from)
			return false;
		memcpy(to + i, from, part);
	}
	return true;
}

/* The byte that announces the fragment header: of the IPv6 header, or of an extension header before it. */
static uint32_t announced_at(const struct ffpf_bytes *bytes, const struct ffpf_payload *p)
{
	uint32_t next_at = p->network_at + 6, at = p->network_at + 40;
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *byte = ffpf_bytes_at(bytes, next_at, 1, room);
	uint8_t type = byte ? byte[0] : 0;

	while (at < p->fragment_at) {
		const uint8_t *header = ffpf_bytes_at(bytes, at, 2, room);

		if (!header)
			break;
		next_at = at;
		at += type == 51 ? (header[1] + 2u) * 4 : (header[1] + 1u) * 8;
		type = header[0];
	}
	return next_at;
}

/* False: it is wrong in itself. */
static bool look_ip4(const struct ffpf_bytes *bytes, struct piece *f)
{
	const struct ffpf_payload *p = &f->where;
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *ip = ffpf_bytes_at(bytes, p->network_at, 20, room);
	uint32_t total, header;

	if (!ip)
		return false;
	memcpy(f->key.from, ip + 12, 4);
	memcpy(f->key.to, ip + 16, 4);
	f->key.id = ffpf_native_get16(ip + 4);
	f->key.protocol = ip[9];
	header = (ip[0] & 15) * 4u;
	total = ffpf_native_get16(ip + 2);
	if (total < header || total > bytes->size - p->network_at)
		return false;
	f->n_head = p->network_at + header;
	f->at = f->n_head;
	f->length = total - header;
	/* The whole has this header, too. */
	return f->offset + f->length + header <= DATAGRAM_MOST;
}

static bool look_ip6(const struct ffpf_bytes *bytes, struct piece *f)
{
	const struct ffpf_payload *p = &f->where;
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *ip = ffpf_bytes_at(bytes, p->network_at, 40, room);
	uint32_t end;

	if (!ip)
		return false;
	memcpy(f->key.from, ip + 8, 16);
	memcpy(f->key.to, ip + 24, 16);
	end = p->network_at + 40 + ffpf_native_get16(ip + 4);
	ip = ffpf_bytes_at(bytes, p->fragment_at, 8, room);
	if (!ip)
		return false;
	f->key.id = ffpf_native_get32(ip + 4);
	f->protocol = ip[0];
	f->at = p->fragment_at + 8;
	f->n_head = p->fragment_at;
	if (end < f->at || end > bytes->size)
		return false;
	f->length = end - f->at;
	f->next_at = announced_at(bytes, p);
	return f->offset + f->length + (p->fragment_at - p->network_at - 40) <= DATAGRAM_MOST;
}

/* Looks at a fragment; false: nothing can be made of it. */
static bool look(const struct ffpf_bytes *bytes, uint32_t tag, struct piece *f)
{
	bool good;

	f->offset = f->where.fragment_offset;
	f->more = f->where.more;
	f->key.tag = tag;
	f->key.version = f->where.network == FFPF_NETWORK_IP4 ? 4 : 6;
	good = f->key.version == 4 ? look_ip4(bytes, f) : look_ip6(bytes, f);
	return good && f->length && f->n_head <= FFPF_DEFRAG_HEAD && !(f->more && f->length & 7);
}

/* Where it belongs in the list. */
enum fit { FITS, AGAIN, OVERLAPS };

static enum fit place(const struct ffpf_defrag *d, const struct ffpf_defrag_datagram *g, const struct piece *f,
		      uint32_t *before)
{
	uint32_t next = g->first;

	*before = NONE;
	/* Most come in order. */
	if (g->last != NONE && f->offset >= d->blocks[g->last].offset) {
		*before = g->last;
		next = NONE;
	}
	while (next != NONE && d->blocks[next].offset <= f->offset) {
		*before = next;
		next = d->blocks[next].fragment;
	}
	if (*before != NONE) {
		const struct ffpf_defrag_block *b = &d->blocks[*before];

		if (b->offset == f->offset && b->length == f->length)
			return AGAIN;
		if (b->offset + (uint32_t)b->length > f->offset)
			return OVERLAPS;
	}
	if (next != NONE && f->offset + f->length > d->blocks[next].offset)
		return OVERLAPS;
	return FITS;
}

/* Behind `before`, or first; there is room. */
static void insert(struct ffpf_defrag *d, struct ffpf_defrag_datagram *g, const struct ffpf_bytes *bytes,
		   const struct piece *f, uint32_t before)
{
	uint32_t first = NONE, *link = &first;

	for (uint32_t i = 0; i < f->length; i += BLOCK_BYTES) {
		uint32_t block = d->free_block, n = f->length - i < BLOCK_BYTES ? f->length - i : BLOCK_BYTES;

		d->free_block = d->blocks[block].next;
		d->n_free--;
		if (!copy(bytes, f->at + i, n, d->blocks[block].bytes))
			memset(d->blocks[block].bytes, 0, n);
		*link = block;
		link = &d->blocks[block].next;
	}
	*link = NONE;
	d->blocks[first].offset = (uint16_t)f->offset;
	d->blocks[first].length = (uint16_t)f->length;
	if (before == NONE) {
		d->blocks[first].fragment = g->first;
		g->first = first;
	} else {
		d->blocks[first].fragment = d->blocks[before].fragment;
		d->blocks[before].fragment = first;
	}
	if (d->blocks[first].fragment == NONE)
		g->last = first;
	g->n_fragments++;
	g->there += f->length;
	d->counts.waiting++;
}

/* Keeps the headers of the first one, and how long all is. */
static void keep(struct ffpf_defrag_datagram *g, const struct ffpf_bytes *bytes, const struct piece *f)
{
	if (!f->more)
		g->size = f->offset + f->length;
	if (f->offset)
		return;
	if (!copy(bytes, 0, f->n_head, g->head))
		return;
	g->n_head = f->n_head;
	g->network_at = f->where.network_at;
	g->next_at = f->next_at;
	g->protocol = f->protocol;
}

/* Does it say another end than others, or lie behind it? */
static bool contradicts(const struct ffpf_defrag *d, const struct ffpf_defrag_datagram *g, const struct piece *f)
{
	uint32_t end = f->offset + f->length;

	if (g->size != NONE)
		return f->more ? end > g->size : end != g->size;
	return !f->more && g->last != NONE && d->blocks[g->last].offset + (uint32_t)d->blocks[g->last].length > end;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static uint16_t checksum(const uint8_t *header, uint32_t n)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i += 2)
		sum += ffpf_native_get16(header + i);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint32_t assemble(const struct ffpf_defrag *d, const struct ffpf_defrag_datagram *g, uint8_t *out)
{
	uint8_t *ip = out + g->network_at;
	uint32_t header = g->n_head - g->network_at;

	memcpy(out, g->head, g->n_head);
	for (uint32_t f = g->first; f != NONE; f = d->blocks[f].fragment) {
		uint8_t *to = out + g->n_head + d->blocks[f].offset;
		uint32_t left = d->blocks[f].length;

		for (uint32_t b = f; b != NONE; b = d->blocks[b].next) {
			uint32_t n = left < BLOCK_BYTES ? left : BLOCK_BYTES;

			memcpy(to, d->blocks[b].bytes, n);
			to += n;
			left -= n;
		}
	}
	if (g->key.version == 4) {
		ffpf_native_put16(ip + 2, (uint16_t)(header + g->size));
		ffpf_native_put16(ip + 6, ffpf_native_get16(ip + 6) & 0xc000); /* no offset, no more to come */
		ffpf_native_put16(ip + 10, 0);
		ffpf_native_put16(ip + 10, checksum(ip, header));
	} else {
		ffpf_native_put16(ip + 4, (uint16_t)(header - 40 + g->size));
		out[g->next_at] = g->protocol;
	}
	return g->n_head + g->size;
}

/* The headers of the first may be longer than those of the one that was looked at. */
static bool too_long(const struct ffpf_defrag_datagram *g)
{
	uint32_t header = g->n_head - g->network_at;

	return g->size + (g->key.version == 4 ? header : header - 40) > DATAGRAM_MOST;
}

static enum ffpf_defrag_result add(struct ffpf_defrag *d, const struct ffpf_bytes *bytes, struct piece *f,
				   uint64_t now_ns, uint8_t *out, uint32_t *n_out)
{
	uint32_t number = find(d, &f->key, now_ns), before;
	struct ffpf_defrag_datagram *g;
	enum fit fit;

	if (number == NONE)
		number = begin(d, &f->key, now_ns);
	g = &d->datagrams[number];
	fit = g->dead ? OVERLAPS : place(d, g, f, &before);
	if (fit != FITS) {
		d->counts.overlap++;
		if (fit == OVERLAPS && !g->dead) {
			d->counts.overlap += g->n_fragments;
			free_fragments(d, g);
			g->dead = true;
		}
		return FFPF_DEFRAG_TAKEN;
	}
	if (contradicts(d, g, f) || g->n_fragments == FRAGMENTS_MOST) {
		d->counts.bad++;
		return FFPF_DEFRAG_TAKEN;
	}
	if (!make_room(d, number, f->length)) {
		d->counts.memory++;
		give_up(d, number, &d->counts.memory);
		return FFPF_DEFRAG_TAKEN;
	}
	insert(d, g, bytes, f, before);
	keep(g, bytes, f);
	if (g->there != g->size || !g->n_head)
		return FFPF_DEFRAG_TAKEN;
	if (too_long(g)) {
		give_up(d, number, &d->counts.bad);
		return FFPF_DEFRAG_TAKEN;
	}
	*n_out = assemble(d, g, out);
	d->counts.reassembled++;
	give_up(d, number, &d->counts.joined);
	return FFPF_DEFRAG_WHOLE;
}

enum ffpf_defrag_result ffpf_defrag_packet(struct ffpf_defrag *d, const struct ffpf_bytes *bytes, uint16_t linktype,
					   uint32_t tag, uint64_t now_ns, uint8_t *out, uint32_t *n_out)
{
	struct piece f;

	memset(&f, 0, sizeof(f));
	ffpf_payload_find(bytes, linktype, &f.where);
	ffpf_defrag_expire(d, now_ns);
	if (!f.where.fragment)
		return FFPF_DEFRAG_PASSES;
	d->counts.fragments++;
	if (!look(bytes, tag, &f)) {
		d->counts.bad++;
		return FFPF_DEFRAG_TAKEN;
	}
	return add(d, bytes, &f, now_ns, out, n_out);
}

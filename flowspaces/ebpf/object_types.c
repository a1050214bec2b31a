/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the keys and values of maps are made of, in words for people, out of BTF: a list of named numbers, addresses,
 * texts and bytes that covers all of it but padding. The names that the kernel's headers have for what comes in network
 * order (__be16, __be32, struct in6_addr) say how it is to be shown.
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <linux/btf.h>
#include <string.h>

#define DEPTH_MAX 8
#define STEPS_MAX 64
#define MEMBERS_MAX 256

struct walk {
	const struct btf_types *btf;
	struct member_list *out;
};

static void add(struct walk *w, const char *name, uint64_t offset, uint64_t count, struct ffpf_member as)
{
	struct member_list *out = w->out;

	if (out->n == MEMBERS_MAX || offset > UINT32_MAX || count > UINT32_MAX) {
		out->failed = true;
		return;
	}
	out->list = ffpf_arena_grow(out->arena, out->list, out->n, &out->capacity, sizeof(*out->list));
	as.name = name;
	as.offset = (uint32_t)offset;
	as.count = (uint32_t)count;
	out->list[out->n++] = as;
}

/* The type under its names; network: one of them says that it is in network order. */
static const struct btf_record *look_under(const struct btf_types *btf, uint32_t *id, bool *network)
{
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		const struct btf_record *t = ffpf_btf_type(btf, *id);

		switch (BTF_INFO_KIND(t->info)) {
		case BTF_KIND_TYPEDEF:
			*network |= !strncmp(ffpf_btf_name(btf, t->name), "__be", 4);
			*id = t->size;
			break;
		case BTF_KIND_CONST:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			*id = t->size;
			break;
		default:
			return t;
		}
	}
	*id = 0;
	return ffpf_btf_type(btf, 0);
}

/* A type that is one number: its kind and size; false if it is none. */
static bool number(const struct btf_record *t, bool network, struct ffpf_member *as)
{
	uint32_t encoding = 0;

	*as = (struct ffpf_member){.kind = FFPF_MEMBER_UNSIGNED, .size = (uint8_t)t->size};
	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
		encoding = BTF_INT_ENCODING(object_u32(t->extra));
		break;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		encoding = BTF_INFO_KFLAG(t->info) ? BTF_INT_SIGNED : 0;
		break;
	case BTF_KIND_PTR:
		as->size = 8;
		return true;
	default:
		return false;
	}
	if (t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8)
		return false;
	if (encoding & BTF_INT_BOOL)
		as->kind = FFPF_MEMBER_BOOL;
	else if (network && t->size > 1)
		as->kind = FFPF_MEMBER_NETWORK;
	else if (encoding & BTF_INT_SIGNED)
		as->kind = FFPF_MEMBER_SIGNED;
	return true;
}

static const char *join(struct walk *w, const char *name, const char *member)
{
	if (!*name || !*member)
		return ffpf_object_clean(w->out->arena, *name ? name : member);
	return ffpf_arena_printf(w->out->arena, "%s.%s", name, ffpf_object_clean(w->out->arena, member));
}

static void walk(struct walk *w, uint32_t id, const char *name, uint64_t offset, unsigned depth);

/* Part of a number. The bytes that hold it are those that a program would load. */
static void add_bits(struct walk *w, uint32_t type, const char *name, uint64_t offset, uint32_t first, uint32_t bits)
{
	struct ffpf_member as;
	bool network = false;

	if (!number(look_under(w->btf, &type, &network), false, &as)) {
		w->out->failed = true;
		return;
	}
	uint32_t unit = as.size * 8u;
	as.shift = (uint8_t)(first % unit);
	as.bits = (uint8_t)bits;
	if (as.shift + bits > unit) /* packed over two units */
		w->out->failed = true;
	else
		add(w, name, offset + first / unit * as.size, 1, as);
}

static void walk_struct(struct walk *w, const struct btf_record *t, const char *name, uint64_t offset, unsigned depth)
{
	for (uint32_t i = 0; i < BTF_INFO_VLEN(t->info) && !w->out->failed; i++) {
		struct btf_member m;

		memcpy(&m, t->extra + i * sizeof(m), sizeof(m));
		uint32_t bits = BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BITFIELD_SIZE(m.offset) : 0;
		uint32_t at = BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m.offset) : m.offset;
		const char *member = join(w, name, ffpf_btf_name(w->btf, m.name_off));
		if (bits)
			add_bits(w, m.type, member, offset, at, bits);
		else
			walk(w, m.type, member, offset + at / 8, depth + 1);
	}
}

static void walk_array(struct walk *w, const struct btf_record *t, const char *name, uint64_t offset, unsigned depth)
{
	struct btf_array a;
	struct ffpf_member as;
	bool network = false;

	memcpy(&a, t->extra, sizeof(a));
	uint32_t type = a.type;
	const struct btf_record *item = look_under(w->btf, &type, &network);
	uint64_t size = ffpf_btf_size(w->btf, type);
	if (!a.nelems) /* what is behind a struct */
		return;
	if (number(item, network, &as)) {
		if (as.size == 1 && as.kind != FFPF_MEMBER_BOOL)
			as.kind = !strcmp(ffpf_btf_name(w->btf, item->name), "char") ? FFPF_MEMBER_TEXT
										     : FFPF_MEMBER_BYTES;
		add(w, name, offset, a.nelems, as);
		return;
	}
	if (!size || a.nelems > MEMBERS_MAX)
		w->out->failed = true;
	for (uint32_t i = 0; i < a.nelems && !w->out->failed; i++)
		walk(w, type, ffpf_arena_printf(w->out->arena, "%s[%u]", name, i), offset + i * size, depth + 1);
}

static void walk(struct walk *w, uint32_t id, const char *name, uint64_t offset, unsigned depth)
{
	struct ffpf_member as;
	bool network = false;
	const struct btf_record *t = look_under(w->btf, &id, &network);
	unsigned kind = BTF_INFO_KIND(t->info);
	bool aggregate = kind == BTF_KIND_STRUCT || kind == BTF_KIND_UNION;

	if (depth > DEPTH_MAX) {
		w->out->failed = true;
	} else if (number(t, network, &as)) {
		add(w, name, offset, 1, as);
	} else if (aggregate && t->size == 16 && !strcmp(ffpf_btf_name(w->btf, t->name), "in6_addr")) {
		add(w, name, offset, 1, (struct ffpf_member){.kind = FFPF_MEMBER_IPV6, .size = 16});
	} else if (kind == BTF_KIND_STRUCT) {
		walk_struct(w, t, name, offset, depth);
	} else if (kind == BTF_KIND_ARRAY) {
		walk_array(w, t, name, offset, depth);
	} else if (ffpf_btf_size(w->btf, id)) { /* unions, floating point numbers */
		add(w, name, offset, ffpf_btf_size(w->btf, id),
		    (struct ffpf_member){.kind = FFPF_MEMBER_BYTES, .size = 1});
	} else {
		w->out->failed = true;
	}
}

void ffpf_btf_members(const struct btf_types *btf, uint32_t id, const char *name, uint64_t offset,
		      struct member_list *out)
{
	struct walk w = {btf, out};

	walk(&w, id, name, offset, 0);
}

struct ffpf_members ffpf_btf_members_of(const struct member_list *list, uint32_t size)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i].offset + (uint64_t)list->list[i].size * list->list[i].count > size)
			return (struct ffpf_members){NULL, 0};
	return list->failed ? (struct ffpf_members){NULL, 0} : (struct ffpf_members){list->list, list->n};
}

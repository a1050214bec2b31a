/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading BTF, the types of a BPF object (Documentation/bpf/btf.rst). Once through at the beginning, where every type
 * is seen to lie in the section; from there on they are found by number. Types may refer to each other in circles:
 * whoever follows them counts the steps.
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#define TYPES_MAX (1u << 20)
#define DEPTH_MAX 16
#define FIELDS_MAX 64

const struct btf_record *ffpf_btf_type(const struct btf_types *btf, uint32_t id)
{
	static const struct btf_record nothing;

	return id < btf->n ? &btf->types[id] : &nothing;
}

const char *ffpf_btf_name(const struct btf_types *btf, uint32_t offset)
{
	const char *text = ffpf_object_text(btf->strings, btf->strings_size, offset);

	return text ? text : "";
}

/* Bytes behind the common part; -1: a kind that nobody knows. */
static int64_t extra_bytes(uint32_t info)
{
	uint64_t n = BTF_INFO_VLEN(info);

	switch (BTF_INFO_KIND(info)) {
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return (int64_t)(n * sizeof(struct btf_member));
	case BTF_KIND_ENUM:
		return (int64_t)(n * sizeof(struct btf_enum));
	case BTF_KIND_FUNC_PROTO:
		return (int64_t)(n * sizeof(struct btf_param));
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return (int64_t)(n * sizeof(struct btf_var_secinfo));
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	case BTF_KIND_ENUM64:
		return (int64_t)(n * sizeof(struct btf_enum64));
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

static int read_types(struct ffpf_object_file *file, const uint8_t *data, size_t size)
{
	struct btf_types *btf = &file->btf;
	size_t capacity = 0;

	btf->types = ffpf_arena_grow(file->arena, NULL, 0, &capacity, sizeof(*btf->types));
	btf->types[0] = (struct btf_record){0};
	btf->n = 1;
	for (size_t at = 0; at < size;) {
		struct btf_record t;
		int64_t extra;

		if (size - at < sizeof(struct btf_type) || btf->n >= TYPES_MAX)
			return ffpf_object_fail(file, "its types (.BTF) are cut off in type %u", btf->n);
		t.name = object_u32(data + at);
		t.info = object_u32(data + at + 4);
		t.size = object_u32(data + at + 8);
		at += sizeof(struct btf_type);
		t.extra = data + at;
		extra = extra_bytes(t.info);
		if (extra < 0)
			return ffpf_object_fail(file, "its types (.BTF) have one of the unknown kind %u",
						BTF_INFO_KIND(t.info));
		if ((uint64_t)extra > size - at)
			return ffpf_object_fail(file, "its types (.BTF) are cut off in type %u", btf->n);
		at += (size_t)extra;
		btf->types = ffpf_arena_grow(file->arena, btf->types, btf->n, &capacity, sizeof(t));
		btf->types[btf->n++] = t;
	}
	return 0;
}

int ffpf_object_btf(struct ffpf_object_file *file, const struct elf_section *section)
{
	struct btf_header h;
	size_t rest;

	if (!section->data || section->size < sizeof(h))
		return ffpf_object_fail(file, "its types (.BTF) are cut off");
	memcpy(&h, section->data, sizeof(h));
	if (h.magic != BTF_MAGIC || h.version != BTF_VERSION || h.hdr_len < sizeof(h) || h.hdr_len > section->size)
		return ffpf_object_fail(file, "its types (.BTF) are of an unknown version");
	rest = section->size - h.hdr_len;
	if (h.type_off > rest || h.type_len > rest - h.type_off || h.str_off > rest || h.str_len > rest - h.str_off)
		return ffpf_object_fail(file, "its types (.BTF) are cut off");
	file->btf.strings = (const char *)section->data + h.hdr_len + h.str_off;
	file->btf.strings_size = h.str_len;
	return read_types(file, section->data + h.hdr_len + h.type_off, h.type_len);
}

const struct btf_record *ffpf_btf_strip(const struct btf_types *btf, uint32_t *id)
{
	for (unsigned steps = 0; steps < 4 * DEPTH_MAX; steps++) {
		const struct btf_record *t = ffpf_btf_type(btf, *id);

		switch (BTF_INFO_KIND(t->info)) {
		case BTF_KIND_TYPEDEF:
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

uint64_t ffpf_btf_size(const struct btf_types *btf, uint32_t id)
{
	uint64_t times = 1;

	for (unsigned steps = 0; steps < DEPTH_MAX; steps++) {
		const struct btf_record *t = ffpf_btf_strip(btf, &id);

		switch (BTF_INFO_KIND(t->info)) {
		case BTF_KIND_INT:
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
		case BTF_KIND_FLOAT:
			return times * t->size;
		case BTF_KIND_PTR:
			return times * 8;
		case BTF_KIND_ARRAY: {
			struct btf_array a;

			memcpy(&a, t->extra, sizeof(a));
			times *= a.nelems;
			if (times > UINT32_MAX)
				return 0;
			id = a.type;
			break;
		}
		default:
			return 0;
		}
	}
	return 0;
}

static void add_number(struct field_list *out, const struct btf_record *t, const char *name, uint64_t offset)
{
	uint32_t encoding = BTF_INFO_KIND(t->info) == BTF_KIND_INT ? BTF_INT_ENCODING(object_u32(t->extra)) : 0;

	if ((t->size != 1 && t->size != 2 && t->size != 4 && t->size != 8) || out->n >= FIELDS_MAX || !*name)
		return;
	out->fields = ffpf_arena_grow(out->arena, out->fields, out->n, &out->capacity, sizeof(*out->fields));
	out->fields[out->n++] = (struct ffpf_map_field){.name = ffpf_object_clean(out->arena, name),
							.offset = (uint32_t)offset,
							.size = (uint8_t)t->size,
							.is_signed = encoding & BTF_INT_SIGNED};
}

static void add_fields(const struct btf_types *btf, uint32_t id, const char *name, uint64_t offset,
		       struct field_list *out, unsigned depth)
{
	const struct btf_record *t = ffpf_btf_strip(btf, &id);
	unsigned kind = BTF_INFO_KIND(t->info);

	if (kind == BTF_KIND_INT || kind == BTF_KIND_ENUM) {
		add_number(out, t, name, offset);
		return;
	}
	if (kind != BTF_KIND_STRUCT || depth >= 3)
		return;
	for (uint32_t i = 0; i < BTF_INFO_VLEN(t->info) && out->n < FIELDS_MAX; i++) {
		struct btf_member m;
		uint32_t bits;
		const char *member;

		memcpy(&m, t->extra + i * sizeof(m), sizeof(m));
		bits = BTF_INFO_KFLAG(t->info) ? BTF_MEMBER_BIT_OFFSET(m.offset) : m.offset;
		/* Bit fields have no address of their own. */
		if ((BTF_INFO_KFLAG(t->info) && BTF_MEMBER_BITFIELD_SIZE(m.offset)) || bits % 8)
			continue;
		member = ffpf_btf_name(btf, m.name_off);
		add_fields(btf, m.type,
			   *name && *member ? ffpf_arena_printf(out->arena, "%s.%s", name, member)
					    : (*member ? member : name),
			   offset + bits / 8, out, depth + 1);
	}
}

void ffpf_btf_fields(const struct btf_types *btf, uint32_t id, const char *name, uint64_t offset,
		     struct field_list *out)
{
	add_fields(btf, id, name, offset, out, 0);
}

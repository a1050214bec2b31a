/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The section .BTF.ext: which line of which file an instruction comes from, and which instructions depend on how the
 * running kernel lays out its types. Both are lists of records, section by section (Documentation/bpf/btf.rst).
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>

#include <ctype.h>
#include <errno.h>
#include <linux/btf.h>
#include <string.h>

#define TEXT_MAX 200

struct ext_header {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t hdr_len, func_off, func_len, line_off, line_len, core_off, core_len;
};

/* A list of records: visits those of one section. */
struct list {
	const uint8_t *at;
	size_t left;
	uint32_t record; /* bytes of each */
};

static bool open_list(const struct ffpf_object_file *file, bool core, size_t least, struct list *out)
{
	const struct elf_section *s = file->btf_ext;
	struct ext_header h = {0};
	uint32_t off, len;
	size_t rest;

	if (!s || !s->data || s->size < 24)
		return false;
	memcpy(&h, s->data, s->size < sizeof(h) ? s->size : sizeof(h));
	if (h.magic != BTF_MAGIC || h.version != BTF_VERSION || h.hdr_len < 24 || h.hdr_len > s->size ||
	    (core && h.hdr_len < sizeof(h)))
		return false;
	off = core ? h.core_off : h.line_off;
	len = core ? h.core_len : h.line_len;
	rest = s->size - h.hdr_len;
	if (off > rest || len > rest - off || len < 4)
		return false;
	out->at = s->data + h.hdr_len + off;
	out->record = object_u32(out->at);
	out->at += 4;
	out->left = len - 4;
	return out->record >= least && out->record <= 4096;
}

/* The next section's records: their number, *records; false at the end. */
static bool next_section(const struct ffpf_object_file *file, struct list *list, const char **name,
			 const uint8_t **records, uint32_t *n)
{
	uint64_t bytes;

	if (list->left < 8)
		return false;
	*name = ffpf_btf_name(&file->btf, object_u32(list->at));
	*n = object_u32(list->at + 4);
	*records = list->at + 8;
	bytes = (uint64_t)*n * list->record;
	if (bytes > list->left - 8)
		return false;
	list->at += 8 + bytes;
	list->left -= 8 + bytes;
	return true;
}

/* Goes to terminals, and to the kernel: printable, not too long, without what it is indented with. */
static const char *printable(const struct ffpf_object_file *file, const char *text)
{
	size_t len;
	char *copy;

	text += strspn(text, " \t");
	len = strnlen(text, TEXT_MAX);
	copy = ffpf_arena_strndup(file->arena, text, len);
	for (char *p = copy; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = *p == '\t' ? ' ' : '?';
	return copy;
}

static void add_line(const struct ffpf_object_file *file, const uint8_t *record, uint32_t insn, struct line_list *out)
{
	struct bpf_line_info info;
	const struct ffpf_object_line *last = out->n ? &out->lines[out->n - 1] : NULL;
	const char *name;

	memcpy(&info, record, sizeof(info));
	/* A section that is there twice; nothing that clang makes. */
	if (last && last->insn > insn)
		return;
	/* The kernel wants one line an instruction; the last of several is where it is. */
	if (last && last->insn == insn)
		out->n--;
	name = ffpf_btf_name(&file->btf, info.file_name_off);
	if (!last || strcmp(last->file, name) != 0)
		name = printable(file, name);
	else
		name = last->file;
	out->lines = ffpf_arena_grow(file->arena, out->lines, out->n, &out->capacity, sizeof(*out->lines));
	out->lines[out->n++] =
		(struct ffpf_object_line){.insn = insn,
					  .line = BPF_LINE_INFO_LINE_NUM(info.line_col),
					  .column = BPF_LINE_INFO_LINE_COL(info.line_col),
					  .file = name,
					  .text = printable(file, ffpf_btf_name(&file->btf, info.line_off))};
}

void ffpf_object_lines(const struct ffpf_object_file *file, const struct elf_function *f, uint32_t at,
		       struct line_list *out)
{
	const char *section = file->sections[f->section].name, *name;
	const uint8_t *records;
	struct list list;
	uint32_t n;

	if (!open_list(file, false, sizeof(struct bpf_line_info), &list))
		return;
	while (next_section(file, &list, &name, &records, &n)) {
		uint64_t last = 0;

		for (uint32_t i = 0; i < n && !strcmp(name, section); i++) {
			uint64_t insn = object_u32(records + (size_t)i * list.record) / 8;

			/* Ascending, or it is of no use. */
			if (insn < last)
				break;
			last = insn;
			if (insn >= f->first && insn < (uint64_t)f->first + f->n)
				add_line(file, records + (size_t)i * list.record, at + (uint32_t)(insn - f->first),
					 out);
		}
	}
}

/* ---- relocations to the running kernel's types ----------------------------------------------- */

/* What every kernel lays out alike, for programs and packets are made of it. */
static const struct {
	const char *name;
	uint32_t size;
} stable[] = {
	{"xdp_md", sizeof(struct xdp_md)},
	{"__sk_buff", sizeof(struct __sk_buff)},
	{"ethhdr", sizeof(struct ethhdr)},
	{"iphdr", sizeof(struct iphdr)},
	{"ipv6hdr", sizeof(struct ipv6hdr)},
	{"tcphdr", sizeof(struct tcphdr)},
	{"udphdr", sizeof(struct udphdr)},
	{"icmphdr", sizeof(struct icmphdr)},
	{"vlan_hdr", 4},
	{"arphdr", sizeof(struct arphdr)},
	{"icmp6hdr", sizeof(struct icmp6hdr)},
	{"vlan_ethhdr", 18},
	{"ipv6_opt_hdr", 2},
	{"in6_addr", 16},
};

static bool is_stable(const struct btf_record *t, const char *name)
{
	for (size_t i = 0; i < sizeof(stable) / sizeof(stable[0]); i++)
		/* __sk_buff grows at its end. */
		if (!strcmp(name, stable[i].name))
			return BTF_INFO_KIND(t->info) == BTF_KIND_STRUCT &&
			       (t->size == stable[i].size || (stable[i].size > 64 && t->size <= stable[i].size));
	return false;
}

/* enum bpf_core_relo_kind */
#define CORE_LAST_FIELD 5

static int check_core(struct ffpf_object_file *file, const uint8_t *record)
{
	uint32_t id = object_u32(record + 4), kind = object_u32(record + 12);
	const struct btf_record *t = ffpf_btf_strip(&file->btf, &id);
	const char *name = ffpf_btf_name(&file->btf, t->name);

	if (kind > CORE_LAST_FIELD || !is_stable(t, name))
		return ffpf_object_fail(
			file,
			"it depends on how the running kernel lays out '%.64s' (CO-RE): only the structures of "
			"packets and contexts are known",
			name);
	return 0;
}

int ffpf_object_core(struct ffpf_object_file *file, const struct elf_function *f)
{
	const char *section = file->sections[f->section].name, *name;
	const uint8_t *records;
	struct list list;
	uint32_t n;

	if (!open_list(file, true, 16, &list))
		return 0;
	while (next_section(file, &list, &name, &records, &n)) {
		for (uint32_t i = 0; i < n && !strcmp(name, section); i++) {
			const uint8_t *record = records + (size_t)i * list.record;
			uint64_t insn = object_u32(record) / 8;
			int err;

			if (insn < f->first || insn >= (uint64_t)f->first + f->n)
				continue;
			err = check_core(file, record);
			if (err)
				return err;
		}
	}
	return 0;
}

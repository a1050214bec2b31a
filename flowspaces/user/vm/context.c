/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What r1 points to. Programs know a context of the kernel's (struct xdp_md); here they are given a struct
 * ffpf_user_ctx. Each load and store of a field becomes one of what really lies there, in the same instruction:
 *
 *     r2 = *(u32 *)(r1 +4)    data_end, as the kernel's programs read it
 *     r2 = *(u64 *)(r1 +8)    ffpf_user_ctx.data_end
 *
 * A load may take a part of a number, and a number may be narrower here than the program thinks: the missing bytes
 * are 0, which a load of fewer bytes gives by itself.
 */
#include <flowspaces/ebpf/ebpf.h>
#include <flowspaces/user/vm/verify.h>

#include <errno.h>

#define FIELD(type, name, real, kind_of)                                                                               \
	{                                                                                                              \
#name, offsetof(struct type, name), sizeof(((struct type *)0)->name),                                  \
			offsetof(struct ffpf_user_ctx, real), sizeof(((struct ffpf_user_ctx *)0)->real),               \
			FFPF_VM_FIELD_##kind_of, false                                                                 \
	}
#define ZERO(type, name)                                                                                               \
	{                                                                                                              \
#name, offsetof(struct type, name), sizeof(((struct type *)0)->name), 0, 0, FFPF_VM_FIELD_SCALAR,      \
			false                                                                                          \
	}

static const struct ffpf_vm_field xdp_fields[] = {
	FIELD(xdp_md, data, data, PACKET),
	FIELD(xdp_md, data_end, data_end, PACKET_END),
	FIELD(xdp_md, data_meta, data, PACKET_META),
	FIELD(xdp_md, ingress_ifindex, ifindex, SCALAR),
	FIELD(xdp_md, rx_queue_index, queue, SCALAR),
	ZERO(xdp_md, egress_ifindex),
};

const struct ffpf_vm_context ffpf_vm_xdp_md = {
	.name = "struct xdp_md",
	.size = sizeof(struct xdp_md),
	.fields = xdp_fields,
	.n_fields = sizeof(xdp_fields) / sizeof(*xdp_fields),
};

static const struct ffpf_vm_field sk_buff_fields[] = {
	FIELD(__sk_buff, data, data, PACKET),
	FIELD(__sk_buff, data_end, data_end, PACKET_END),
	FIELD(__sk_buff, data_meta, data, PACKET_META),
	FIELD(__sk_buff, len, len, SCALAR),
	FIELD(__sk_buff, wire_len, len, SCALAR),
	FIELD(__sk_buff, ifindex, ifindex, SCALAR),
	FIELD(__sk_buff, ingress_ifindex, ifindex, SCALAR),
	FIELD(__sk_buff, queue_mapping, queue, SCALAR),
	FIELD(__sk_buff, tstamp, time, SCALAR),
	FIELD(__sk_buff, protocol, protocol, SCALAR),
	/* What the stack would set: nobody has. Tags of VLANs are where the packet has them, among its bytes. */
	ZERO(__sk_buff, pkt_type),
	ZERO(__sk_buff, mark),
	ZERO(__sk_buff, priority),
	ZERO(__sk_buff, tc_index),
	ZERO(__sk_buff, vlan_present),
	ZERO(__sk_buff, vlan_tci),
	ZERO(__sk_buff, vlan_proto),
	ZERO(__sk_buff, gso_segs),
	ZERO(__sk_buff, gso_size),
};

const struct ffpf_vm_context ffpf_vm_sk_buff = {
	.name = "struct __sk_buff",
	.size = sizeof(struct __sk_buff),
	.fields = sk_buff_fields,
	.n_fields = sizeof(sk_buff_fields) / sizeof(*sk_buff_fields),
};

/* ---- access ---------------------------------------------------------------------------------- */

unsigned ffpf_vm_field_bytes(const struct ffpf_vm_field *field, int64_t off, unsigned size, unsigned *least)
{
	unsigned at = (unsigned)(off - field->offset);

	*least = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? field->size - at - size : at;
	if (*least >= field->width)
		return 0;
	return size < field->width - *least ? size : field->width - *least;
}

/* Where those bytes lie in the real context. */
static int64_t real_offset(const struct ffpf_vm_field *field, unsigned least, unsigned bytes)
{
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		return (int64_t)field->at + field->width - least - bytes;
	return (int64_t)field->at + least;
}

static const struct ffpf_vm_field *field_at(const struct ffpf_vm_context *context, int64_t off, unsigned size)
{
	for (size_t i = 0; i < context->n_fields; i++) {
		const struct ffpf_vm_field *field = &context->fields[i];

		if (off >= field->offset && off + size <= (int64_t)field->offset + field->size)
			return field;
	}
	return NULL;
}

static int check_load(struct vm_verifier *v, const struct bpf_insn *insn, const struct ffpf_vm_field *field,
		      int64_t off)
{
	unsigned size = ffpf_vm_size_of(insn), least;
	unsigned bytes = ffpf_vm_field_bytes(field, off, size, &least);
	bool plain = BPF_MODE(insn->code) == BPF_MEM;

	if (field->kind != FFPF_VM_FIELD_SCALAR) {
		if (off == field->offset && size == field->size && plain)
			return 0;
		return ffpf_vm_refuse(v, "%s.%s is a pointer: it is read as a whole, %u bytes at %u",
				      v->program->context->name, field->name, field->size, field->offset);
	}
	if ((bytes & (bytes - 1)) || (!plain && bytes != size))
		return ffpf_vm_refuse(v, "%s.%s can't be read so, as it has %u bytes here", v->program->context->name,
				      field->name, field->width);
	return 0;
}

int ffpf_vm_context_access(struct vm_verifier *v, const struct vm_reg *reg, const struct bpf_insn *insn, bool write,
			   const struct ffpf_vm_field **out)
{
	const struct ffpf_vm_context *context = v->program->context;
	int64_t off = (int64_t)reg->off + insn->off;
	unsigned size = ffpf_vm_size_of(insn), least;
	const struct ffpf_vm_field *field = field_at(context, off, size);

	if (!field)
		return ffpf_vm_refuse(v, "%s has nothing to %s at bytes %lld to %lld", context->name,
				      write ? "write" : "read", (long long)off, (long long)(off + size - 1));
	if (write && (!field->writable || field->kind != FFPF_VM_FIELD_SCALAR))
		return ffpf_vm_refuse(v, "%s.%s is read-only", context->name, field->name);
	if (write && (size != field->size || size != field->width || off != field->offset))
		return ffpf_vm_refuse(v, "%s.%s is written as a whole or not at all", context->name, field->name);
	int error = write ? 0 : check_load(v, insn, field, off);
	if (error)
		return error;
	unsigned bytes = ffpf_vm_field_bytes(field, off, size, &least);
	int64_t real = real_offset(field, least, bytes) - reg->off;
	if (real < INT16_MIN || real > INT16_MAX || reg->off < INT16_MIN || reg->off > INT16_MAX)
		return ffpf_vm_refuse(v, "r%u points too far away from %s", write ? insn->dst_reg : insn->src_reg,
				      context->name);
	*out = field;
	return 0;
}

static uint8_t size_code(unsigned bytes)
{
	return bytes == 1 ? BPF_B : bytes == 2 ? BPF_H : bytes == 4 ? BPF_W : BPF_DW;
}

static void rewrite(const struct ffpf_vm_field *field, int16_t in_register, struct bpf_insn *insn)
{
	int64_t off = (int64_t)in_register + insn->off;
	unsigned least = 0, bytes = 8;

	if (field->kind == FFPF_VM_FIELD_SCALAR)
		bytes = ffpf_vm_field_bytes(field, off, ffpf_vm_size_of(insn), &least);
	if (!bytes) {
		*insn = (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = insn->dst_reg};
		return;
	}
	insn->code = (uint8_t)((insn->code & ~0x18) | size_code(bytes));
	insn->off = (int16_t)(real_offset(field, least, bytes) - in_register);
}

void ffpf_vm_context_rewrite(const struct vm_verifier *v, struct bpf_insn *insns)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->places[i].use == VM_USE_FIELD)
			rewrite(&v->program->context->fields[v->places[i].field], v->places[i].off, &insns[i]);
}

/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What a digest is made of; see digest.h. */
#include "digest.h"

/* Copies n bytes at `at` behind what the header has; false: they can't be had. */
static bool take(const struct ffpf_bytes *bytes, struct ffpf_digest_range *out, uint32_t at, uint32_t n)
{
	uint8_t room[FFPF_BYTES_PART];
	const uint8_t *from = ffpf_bytes_at(bytes, at, n, room);

	if (!from)
		return false;
	memcpy(out->header + out->n_header, from, n);
	out->n_header += n;
	return true;
}

static void clear(struct ffpf_digest_range *out, uint32_t at, uint32_t n)
{
	for (uint32_t i = at; i < at + n && i < out->n_header; i++)
		out->header[i] = 0;
}

/* A total length may say that the datagram ends inside of its header. */
static void mask_ip4(const struct ffpf_bytes *bytes, const struct ffpf_payload *p, struct ffpf_digest_range *out)
{
	uint32_t left = p->network_end - p->network_at, first = left < 20 ? left : 20, size;

	if (!take(bytes, out, p->network_at, first) || first < 20)
		return;
	size = (out->header[0] & 15) * 4u;
	if (size > left)
		size = left;
	if (size > 20)
		take(bytes, out, p->network_at + 20, size - 20);
}

void ffpf_digest_find(const struct ffpf_bytes *bytes, uint16_t linktype, enum ffpf_digest_of of,
		      struct ffpf_digest_range *out)
{
	struct ffpf_payload p;

	out->n_header = 0;
	out->at = 0;
	out->end = bytes->size;
	if (of == FFPF_DIGEST_PACKET)
		return;
	ffpf_payload_find(bytes, linktype, &p);
	out->at = of == FFPF_DIGEST_PAYLOAD ? p.at : p.network_at;
	out->end = p.end;
	if (of == FFPF_DIGEST_PAYLOAD)
		return;
	if (p.network == FFPF_NETWORK_IP4) {
		mask_ip4(bytes, &p, out);
		clear(out, 1, 1);
		clear(out, 8, 1);
		clear(out, 10, 2);
	} else if (p.network == FFPF_NETWORK_IP6 && take(bytes, out, p.network_at, 40)) {
		out->header[0] = 0x60;
		clear(out, 1, 3);
		clear(out, 7, 1);
	}
	out->at += out->n_header;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 802.11 in words, as far as its header is plain: kinds of frames, and what unprotected data frames carry. The headers
 * that drivers put before it (radiotap, AVS, Prism) are skipped by their lengths.
 */
#include "flowspaces/user/dissect.h"

void ffpf_dissect_wlan(struct dissect *dissect, struct bytes bytes)
{
	struct text *text = dissect->text;

	if (bytes.n < 10) {
		text_string(text, "802.11");
		ffpf_dissect_cut(dissect);
		return;
	}
	const unsigned type = bytes.p[0] >> 2 & 3, subtype = bytes.p[0] >> 4, flags = bytes.p[1];
	const char *name = ffpf_dissect_wlan_name(type, subtype);
	/* A fourth address between access points, and two bytes of quality of service. */
	const uint32_t header =
		24 + ((flags & 3) == 3 ? 6 : 0) + (subtype & 8 ? 2 : 0) + (subtype & 8 && flags & 0x80 ? 4 : 0);

	dissect->destination = bytes.p + 4;
	dissect->source = bytes.n >= 16 ? bytes.p + 10 : NULL;
	if (type == 2 && !(subtype & 4) && !(flags & 0x40) && bytes.n > header) {
		ffpf_dissect_llc(dissect, dissect_skip(bytes, header));
		return;
	}
	if (type != 1)
		ffpf_dissect_macs(dissect);
	text_string(text, "802.11 ");
	if (name) {
		text_string(text, name);
	} else if (type == 2) {
		text_string(text, flags & 0x40 ? "data, protected" : subtype & 4 ? "null data" : "data");
	} else {
		text_field(text, "type ", type);
		text_field(text, " subtype ", subtype);
	}
}

/* A header that says its own length, before 802.11. */
static void wlan_behind(struct dissect *dissect, struct bytes bytes, uint32_t size)
{
	if (size < 4 || bytes.n < size) {
		text_string(dissect->text, "802.11");
		ffpf_dissect_cut(dissect);
		return;
	}
	ffpf_dissect_wlan(dissect, dissect_skip(bytes, size));
}

void ffpf_dissect_radiotap(struct dissect *dissect, struct bytes bytes)
{
	wlan_behind(dissect, bytes, bytes.n >= 4 ? bytes.p[2] | (uint32_t)bytes.p[3] << 8 : UINT32_MAX);
}

void ffpf_dissect_avs(struct dissect *dissect, struct bytes bytes)
{
	wlan_behind(dissect, bytes, bytes.n >= 8 ? dissect_u32(bytes.p + 4) : UINT32_MAX);
}

/* Prism headers have one size; drivers put AVS headers under the same link type. */
void ffpf_dissect_prism(struct dissect *dissect, struct bytes bytes)
{
	if (bytes.n >= 4 && (dissect_u32(bytes.p) & 0xfffff000) == 0x80211000)
		ffpf_dissect_avs(dissect, bytes);
	else
		wlan_behind(dissect, bytes, 144);
}

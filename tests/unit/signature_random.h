/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random signature files, and first packets that are near to what they say: shared by the unit test and the fuzz
 * target. All come from small sets of values, so that much matches.
 */
#ifndef SIGNATURE_RANDOM_H
#define SIGNATURE_RANDOM_H

#include <fpl/packet.h>
#include <fpl/signatures.h>
#include <stdio.h>
#include <string.h>

static inline uint32_t draw(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((*state >> 33) % n);
}

static const char *const some_layouts[] = {"", "mss", "mss,nop,ws", "mss,sok,ts,nop,ws", "mss,eol+1", "?253,mss"};
static const uint8_t some_kinds[][8] = {{255},		{2, 255},     {2, 1, 3, 255}, {2, 4, 8, 1, 3, 255},
					{2, 0, 1, 255}, {253, 2, 255}};
static const uint8_t some_ttls[] = {32, 64, 128, 255};
static const char *const some_windows[] = {"*", "mss*4", "mss*10", "mtu*2", "%8192", "*", "1024", "65535", "*"};
static const uint16_t some_mss[] = {1460, 536, 0, 100};

static inline void random_file(uint64_t *state, char *out, size_t size, unsigned signatures)
{
	static const char *const labels[] = {"s:unix:A:1", "g:unix:A:", "s:!:T:tool", "s:win:B:2"};
	static const char *const quirk_sets[] = {"", "df",     "df,id+", "id-",		"df,id+,ecn",
						 "", "df,id+", "ecn",	 "df,id+,ack+", "seq-"};
	size_t at = (size_t)snprintf(out, size, "classes = unix,win\n[tcp:request]\n");

	for (unsigned i = 0; i < signatures && at < size; i++) {
		char mss[8] = "*", scale[8] = "*";

		if (draw(state, 2))
			snprintf(mss, sizeof(mss), "%u", some_mss[draw(state, 4)]);
		if (draw(state, 2))
			snprintf(scale, sizeof(scale), "%u", draw(state, 3));
		const char version = "*46*"[draw(state, 4)];
		const char *quirks = quirk_sets[draw(state, 10)];

		if (version == '6' && (strchr(quirks, 'd') || strchr(quirks, '0')))
			quirks = "ecn";
		if (!i || !draw(state, 3))
			at += (size_t)snprintf(out + at, size - at, "label = %s\n", labels[draw(state, 4)]);
		if (at < size)
			at += (size_t)snprintf(out + at, size - at, "sig = %c:%u%s:%u:%s:%s,%s:%s:%s:%c\n", version,
					       some_ttls[draw(state, 4)], draw(state, 4) ? "" : "-",
					       draw(state, 5) ? 0 : 4, mss, some_windows[draw(state, 9)], scale,
					       some_layouts[draw(state, 6)], quirks, "0+*"[draw(state, 3)]);
	}
}

static inline void random_syn(uint64_t *state, struct fpl_syn *syn)
{
	static const uint32_t others[] = {0, 0, 0, 0, FPL_QUIRK_NO_SEQ, FPL_QUIRK_SCALE, FPL_QUIRK_ACK, FPL_QUIRK_BAD};
	const uint8_t *kind = some_kinds[draw(state, 6)];

	*syn = (struct fpl_syn){.version = draw(state, 4) ? 4 : 6,
				.ttl = (uint8_t)(some_ttls[draw(state, 4)] - draw(state, 40)),
				.ip_options = draw(state, 5) ? 0 : 4,
				.scale = (uint8_t)draw(state, 3),
				.mss = some_mss[draw(state, 4)],
				.headers = 40 + 4 * draw(state, 8),
				.payload = draw(state, 3) == 0,
				.stamped = draw(state, 2)};
	syn->ttl += draw(state, 8) == 0;
	switch (draw(state, 4)) {
	case 0:
		syn->window = (uint16_t)(syn->mss * (draw(state, 2) ? 4 : 10));
		break;
	case 1:
		syn->window = (uint16_t)((syn->mss + 40) * 2);
		break;
	case 2:
		syn->window = (uint16_t)(draw(state, 2) ? 8192 * draw(state, 8) : 1000 * draw(state, 60));
		break;
	default:
		syn->window = (uint16_t[]){1024, 65535, 0, 5840}[draw(state, 4)];
	}
	syn->layout = FPL_LAYOUT_START;
	for (; *kind != 255; kind++)
		syn->layout = fpl_layout_step(syn->layout, *kind);
	syn->quirks = others[draw(state, 8)] | (draw(state, 4) ? 0 : FPL_QUIRK_ECN);
	if (syn->version == 4 && draw(state, 3))
		syn->quirks |= FPL_QUIRK_DF | (draw(state, 3) ? FPL_QUIRK_ID : 0);
	else if (syn->version == 4 && !draw(state, 2))
		syn->quirks |= FPL_QUIRK_NO_ID;
	else if (syn->version == 6 && draw(state, 2))
		syn->quirks |= FPL_QUIRK_FLOW;
}

static inline bool same_match(struct fpl_syn_match a, struct fpl_syn_match b)
{
	return a.signature == b.signature && a.fuzzy == b.fuzzy && a.distance == b.distance;
}

#endif

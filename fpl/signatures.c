/* SPDX-License-Identifier: BSD-2-Clause */
/* What signatures mean (signatures.h): each is compared with the packet, column by column. */
#include <fpl/signatures.h>

/* ---- the meaning ---- */

uint8_t fpl_ttl_distance(uint8_t ttl)
{
	return (uint8_t)((ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl);
}

uint16_t fpl_syn_multiple(const struct fpl_syn *syn, enum fpl_window *kind)
{
	const bool ip6 = syn->version == 6;
	const struct {
		uint32_t of;
		enum fpl_window kind;
	} ways[] = {
		{syn->mss, FPL_WINDOW_MSS},
		{syn->stamped ? syn->mss - 12u : 0, FPL_WINDOW_MSS},
		/* the MTU of another interface, mostly 1500 */
		{1460, FPL_WINDOW_MSS},
		{1448, FPL_WINDOW_MSS},
		{ip6 ? 1440 : 0, FPL_WINDOW_MSS},
		{ip6 ? 1428 : 0, FPL_WINDOW_MSS},
		{syn->mss + 40u, FPL_WINDOW_MTU},
		{syn->mss + syn->headers, FPL_WINDOW_MTU},
		{ip6 ? syn->mss + 60u : 0, FPL_WINDOW_MTU},
		{1500, FPL_WINDOW_MTU},
	};

	*kind = FPL_WINDOW_NUMBER;
	if (!syn->window || syn->mss < 100)
		return 0;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].of && syn->window % ways[i].of == 0) {
			*kind = ways[i].kind;
			return (uint16_t)(syn->window / ways[i].of);
		}
	return 0;
}

static bool window_matches(const struct fpl_signature *s, const struct fpl_syn *syn)
{
	enum fpl_window kind;
	uint16_t factor;

	switch (s->window_kind) {
	case FPL_WINDOW_NUMBER:
		return syn->window == s->window;
	case FPL_WINDOW_MODULO:
		return syn->window % s->window == 0;
	case FPL_WINDOW_MSS:
	case FPL_WINDOW_MTU:
		factor = fpl_syn_multiple(syn, &kind);
		return kind == s->window_kind && factor == s->window;
	default:
		return true;
	}
}

uint32_t fpl_signature_quirks(const struct fpl_signature *s, unsigned version)
{
	return s->quirks & ~(uint32_t)(version == 4 ? FPL_QUIRKS_IP6 : FPL_QUIRKS_IP4);
}

enum fpl_closeness fpl_ttl_closeness(const struct fpl_signature *s, unsigned ttl)
{
	if (s->ttl_at_most)
		return ttl <= s->ttl ? FPL_EXACT : FPL_APART;
	return ttl <= s->ttl && s->ttl - ttl <= FPL_DISTANCE_MAX ? FPL_EXACT : FPL_FUZZY;
}

enum fpl_closeness fpl_quirks_closeness(uint32_t ours, uint32_t theirs)
{
	if (ours == theirs)
		return FPL_EXACT;
	return ours & ~theirs & ~(uint32_t)FPL_QUIRKS_MAY_GO || theirs & ~ours & ~(uint32_t)FPL_QUIRKS_MAY_COME
		       ? FPL_APART
		       : FPL_FUZZY;
}

static enum fpl_closeness closeness(const struct fpl_signature *s, const struct fpl_syn *syn)
{
	const enum fpl_closeness ttl = fpl_ttl_closeness(s, syn->ttl),
				 quirks = fpl_quirks_closeness(fpl_signature_quirks(s, syn->version), syn->quirks);

	if ((s->version && s->version != syn->version) || s->ip_options != syn->ip_options ||
	    s->layout != syn->layout || (s->mss != FPL_ANY && s->mss != syn->mss) ||
	    (s->scale != FPL_ANY && s->scale != syn->scale) || (s->payload != FPL_ANY && s->payload != syn->payload) ||
	    !window_matches(s, syn))
		return FPL_APART;
	return ttl < quirks ? ttl : quirks;
}

uint8_t fpl_signature_distance(const struct fpl_signature *s, uint8_t ttl)
{
	if (!s || s->ttl < ttl || (!s->ttl_at_most && s->ttl - ttl > FPL_DISTANCE_MAX))
		return fpl_ttl_distance(ttl);
	return (uint8_t)(s->ttl - ttl);
}

struct fpl_syn_match fpl_signatures_match(const struct fpl_signatures *signatures, const struct fpl_syn *syn)
{
	const struct fpl_signature *best[3] = {NULL}; /* by FPL_EXACT, FPL_EXACT and generic, FPL_FUZZY */
	struct fpl_syn_match match = {NULL, false, 0};

	for (size_t i = 0; i < signatures->n && !best[0]; i++) {
		const struct fpl_signature *s = &signatures->list[i];
		const enum fpl_closeness near = closeness(s, syn);
		const unsigned rank = near == FPL_FUZZY ? 2 : s->generic;

		if (near != FPL_APART && !best[rank])
			best[rank] = s;
	}
	match.signature = best[0] ? best[0] : best[1] ? best[1] : best[2];
	match.fuzzy = match.signature && match.signature == best[2] && !best[0] && !best[1];
	if (match.fuzzy && match.signature->tool)
		match = (struct fpl_syn_match){NULL, false, 0};
	match.distance = fpl_signature_distance(match.signature, syn->ttl);
	return match;
}

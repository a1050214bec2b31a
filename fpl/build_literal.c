/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Literals: numbers with their units, addresses, texts.
 */
#include <fpl/scan.h>
#include <lib/lang/arena.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
	const char *name;
	uint64_t factor;
	bool time;
} units[] = {
	{"k", 1000, false},	  {"M", 1000000, false},      {"G", 1000000000, false},	  {"T", 1000000000000, false},
	{"Ki", 1u << 10, false},  {"Mi", 1u << 20, false},    {"Gi", 1u << 30, false},	  {"Ti", 1ull << 40, false},
	{"ns", 1, true},	  {"us", 1000, true},	      {"ms", 1000000, true},	  {"s", 1000000000, true},
	{"m", 60000000000, true}, {"min", 60000000000, true}, {"h", 3600000000000, true}, {"d", 86400000000000, true},
};

struct fpl_expr *fpl_build_number(struct fpl_scan *scan, const char *text, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, FPL_E_CONSTANT, place);
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	const struct unit *unit = NULL;
	char digits[80], *end;
	size_t n = 0;

	e->type = FPL_U64;
	/* 1_000_000 */
	for (const char *c = text; *c && n + 1 < sizeof(digits); c++)
		if (*c != '_')
			digits[n++] = *c;
	digits[n] = '\0';
	errno = 0;
	e->number[0] = strtoull(digits, &end, hex ? 16 : 10);
	if (errno == ERANGE || n + 1 == sizeof(digits)) {
		fpl_scan_error(scan, FFPF_D_VALUE_RANGE, place, "%.40s does not fit into 64 bits", text);
		return e;
	}
	if (!*end && !(hex && n == 2))
		return e;
	for (size_t i = 0; !hex && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, end))
			unit = &units[i];
	if (!unit) {
		struct ffpf_diag *diag = fpl_scan_error(scan, FFPF_D_SYNTAX, place, "'%.40s' is not a number", text);

		fpl_hint(scan->source, diag, "units are k M G T, Ki Mi Gi Ti, and of time ns us ms s m h d");
		return e;
	}
	if (__builtin_mul_overflow(e->number[0], unit->factor, &e->number[0])) {
		fpl_scan_error(scan, FFPF_D_VALUE_RANGE, place, "%.40s does not fit into 64 bits", text);
		e->number[0] = 0;
	}
	if (unit->time)
		e->type = FPL_TIME;
	return e;
}

static uint64_t big_endian(const uint8_t *bytes, unsigned n)
{
	uint64_t x = 0;

	for (unsigned i = 0; i < n; i++)
		x = x << 8 | bytes[i];
	return x;
}

static bool is_mac(const char *text, uint64_t *out)
{
	unsigned b[6];
	int n = 0;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &n) != 6 || text[n])
		return false;
	*out = 0;
	for (unsigned i = 0; i < 6; i++)
		*out = *out << 8 | b[i];
	return true;
}

/* The bits behind a prefix must be zero: else the user meant something that we would not find. */
static void check_prefix(struct fpl_scan *scan, struct fpl_expr *e, unsigned width, struct fpl_place place)
{
	unsigned bits = e->bits;
	uint64_t high = width == 128 ? e->number[0] : 0, low = width == 128 ? e->number[1] : e->number[0];
	uint64_t mask_high = 0, mask_low = 0;
	unsigned host = width - bits;

	mask_low = host >= 64 ? UINT64_MAX : host ? ((uint64_t)1 << host) - 1 : 0;
	if (host > 64)
		mask_high = host == 128 ? UINT64_MAX : ((uint64_t)1 << (host - 64)) - 1;
	if (!(high & mask_high) && !(low & mask_low))
		return;
	fpl_scan_error(scan, FFPF_D_VALUE_RANGE, place, "bits are set behind the first %u of this prefix", bits);
}

struct fpl_expr *fpl_build_address(struct fpl_scan *scan, const char *text, struct fpl_place place)
{
	struct fpl_expr *e = fpl_build_expr(scan, FPL_E_CONSTANT, place);
	const char *slash = strchr(text, '/');
	char address[64];
	uint8_t bytes[16];
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long bits;

	e->type = FPL_IPV4;
	if (len >= sizeof(address)) {
		fpl_scan_error(scan, FFPF_D_SYNTAX, place, "this is no address");
		return e;
	}
	memcpy(address, text, len);
	address[len] = '\0';
	if (!slash && is_mac(address, &e->number[0])) {
		e->type = FPL_MAC;
		return e;
	}
	if (inet_pton(AF_INET, address, bytes) == 1) {
		e->number[0] = big_endian(bytes, 4);
		e->bits = 32;
	} else if (inet_pton(AF_INET6, address, bytes) == 1) {
		e->type = FPL_IPV6;
		e->number[0] = big_endian(bytes, 8);
		e->number[1] = big_endian(bytes + 8, 8);
		e->bits = 128;
	} else {
		fpl_scan_error(scan, FFPF_D_SYNTAX, place, "'%s' is no address", address);
		return e;
	}
	if (!slash)
		return e;
	bits = strtoul(slash + 1, NULL, 10);
	if (bits > e->bits || strlen(slash + 1) > 3) {
		fpl_scan_error(scan, FFPF_D_VALUE_RANGE, place, "a prefix of these addresses has at most %u bits",
			       e->bits);
		return e;
	}
	unsigned width = e->bits;

	e->bits = (uint8_t)bits;
	check_prefix(scan, e, width, place);
	/* The address's own type says which addresses; op tells a prefix from an address. */
	e->op = FPL_OP_DIV;
	return e;
}

char *fpl_build_text(struct fpl_scan *scan, const char *text, size_t len, struct fpl_place place)
{
	char *out = ffpf_arena_alloc(scan->arena, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] != '\\' || i + 1 == len) {
			out[n++] = text[i];
			continue;
		}
		switch (text[++i]) {
		case 'n':
			out[n++] = '\n';
			break;
		case 't':
			out[n++] = '\t';
			break;
		case '"':
		case '\\':
			out[n++] = text[i];
			break;
		default: {
			uint32_t at = place.start + (uint32_t)i;

			fpl_scan_error(scan, FFPF_D_STRING_ESCAPE, (struct fpl_place){at, at + 2},
				       "in a text, '\\' stands before '\"', '\\', 'n' or 't'");
		}
		}
	}
	return out;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers and their units. A decimal fraction is exact or refused: 1.5k is
 * 1,500, 1.5 packets are none. All arithmetic is in 128 bits, so that no value
 * and no unit overflows before the result is compared with what fits.
 */
#include <lib/graph/values.h>
#include <lib/lang/arena.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

#define K 1000
#define KI 1024

static const struct unit count_units[] = {
	{"", 1}, {"k", K}, {"K", K}, {"M", K *K}, {"G", K *K *K}, {"T", (int64_t)K *K *K *K}, {NULL, 0},
};
/* Followed by nothing, B or iB. */
static const struct unit size_units[] = {
	{"", 1}, {"k", KI}, {"K", KI}, {"M", KI *KI}, {"G", KI *KI *KI}, {"T", (int64_t)KI *KI *KI *KI}, {NULL, 0},
};
static const struct unit time_units[] = {
	{"", 1000000000}, {"ns", 1},	     {"us", 1000},	 {"\u00b5s", 1000},    {"\u03bcs", 1000},
	{"ms", 1000000},  {"s", 1000000000}, {"m", 60000000000}, {"min", 60000000000}, {"h", 3600000000000},
	{NULL, 0},
};
/* What may follow the multiplier. */
static const char *const count_suffixes[] = {"", NULL};
static const char *const size_suffixes[] = {"", "B", "iB", NULL};
static const char *const rate_suffixes[] = {"", "bit", "bit/s", "bps", "pps", "/s", NULL};

static const struct kind {
	const struct unit *units;
	const char *const *suffixes;
	const char *what; /* "… a count" */
	const char *hint;
} kinds[] = {
	[FFPF_TYPE_COUNT] = {count_units, count_suffixes, "a count",
			     "a whole number, with k, M or G for thousands, millions, thousands of millions"},
	[FFPF_TYPE_SIZE] = {size_units, size_suffixes, "a size", "bytes, or k, M, G of 1024: 64k"},
	[FFPF_TYPE_RATE] = {count_units, rate_suffixes, "a rate", "a number per second: 10k, 3kpps, 5Mbit/s, 1Gbit"},
	[FFPF_TYPE_TIME] = {time_units, count_suffixes, "a time",
			    "a number with ns, us, ms, s, m or h: 10ms; without a unit, seconds"},
};

/* Digits at text[*at…] with at most one point, as number / 10^places. More than 2^64 sets *huge. False when there is no
 * digit. */
static bool scan_decimal(const char *text, size_t *at, unsigned __int128 *number, unsigned *places, bool *huge)
{
	bool point = false, digits = false;
	unsigned zeros = 0; /* after the point, and not yet followed by another digit */
	size_t i = *at;

	for (*number = 0, *places = 0, *huge = false;; i++) {
		if (text[i] == '0' && point) {
			zeros++;
		} else if (text[i] >= '0' && text[i] <= '9') {
			digits = true;
			*places += point ? zeros + 1 : 0;
			for (zeros++; zeros && *number <= UINT64_MAX; zeros--)
				*number *= 10;
			zeros = 0;
			*huge |= *number > UINT64_MAX;
			*number += (unsigned)(text[i] - '0');
		} else if (text[i] == '.' && !point && digits && text[i + 1] >= '0' && text[i + 1] <= '9') {
			point = true;
		} else {
			break;
		}
	}
	*at = i;
	return digits;
}

/* "0x" and hexadecimal digits at text[*at…]; false when it is none. Also of borders of ranges. */
static bool scan_hex(const char *text, size_t *at, unsigned __int128 *number, bool *huge)
{
	static const char digits[] = "0123456789abcdef";
	size_t i = *at + 2;

	if (text[*at] != '0' || (text[*at + 1] != 'x' && text[*at + 1] != 'X') || !isxdigit((unsigned char)text[i]))
		return false;
	for (*number = 0, *huge = false; isxdigit((unsigned char)text[i]); i++) {
		if (*number <= UINT64_MAX)
			*number = *number * 16 + (unsigned)(strchr(digits, tolower((unsigned char)text[i])) - digits);
		*huge |= *number > UINT64_MAX;
	}
	*at = i;
	return true;
}

static int64_t unit_factor(const struct kind *kind, const char *text)
{
	for (const struct unit *unit = kind->units; unit->name; unit++) {
		size_t len = strlen(unit->name);

		if (strncmp(text, unit->name, len) != 0)
			continue;
		for (const char *const *suffix = kind->suffixes; *suffix; suffix++)
			if (strcmp(text + len, *suffix) == 0)
				return unit->factor;
	}
	return 0;
}

static bool in_range(const struct ffpf_param *param, __int128 number)
{
	return (!param->min && !param->max) || (number >= param->min && number <= param->max);
}

/* number / 10^places * factor, when that is whole. number is below 2^68, so nothing overflows. */
static bool scale(unsigned __int128 number, unsigned places, int64_t factor, unsigned __int128 *out)
{
	unsigned __int128 divisor = 1;

	if (places > 18)
		return false;
	for (; places; places--)
		divisor *= 10;
	number *= (unsigned __int128)factor;
	*out = number / divisor;
	return number % divisor == 0;
}

int ffpf_value_number(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	const struct ffpf_param *param = scan->param;
	const struct kind *kind = &kinds[param->type];
	const char *text = scan->written->text;
	size_t len = scan->written->len;
	bool negative = text[0] == '-', huge;
	size_t start = negative || text[0] == '+', at = start;
	unsigned __int128 number, scaled;
	unsigned places = 0;

	if (!scan_hex(text, &at, &number, &huge) && !scan_decimal(text, &at, &number, &places, &huge))
		return ffpf_value_refuse(scan, 0, 0, kind->hint, "'%s' is %s, not '%.40s'", param->name, kind->what,
					 text);
	int64_t factor = unit_factor(kind, text + at);
	if (!factor)
		return ffpf_value_refuse(scan, at, len, kind->hint, "'%.40s' is no unit of %s", text + at, kind->what);
	if (huge)
		return param->min || param->max ? ffpf_value_out_of_range(scan, 0, len)
						: ffpf_value_refuse(scan, 0, len, NULL, "the number is too big");
	if (!scale(number, places, factor, &scaled))
		return ffpf_value_refuse(scan, 0, len, kind->hint, "'%s' is not a whole number%s", text,
					 param->type == FFPF_TYPE_TIME ? " of nanoseconds" : "");
	__int128 value = negative ? -(__int128)scaled : (__int128)scaled;
	if (!in_range(param, value))
		return ffpf_value_out_of_range(scan, 0, len);
	if (value < 0 && !param->min && !param->max)
		return ffpf_value_refuse(scan, 0, len, NULL, "'%s' is %s, which is never negative", param->name,
					 kind->what);
	if (value > INT64_MAX || value < INT64_MIN)
		return ffpf_value_refuse(scan, 0, len, NULL, "the number is too big");
	out->i = (int64_t)value;
	return 0;
}

/* Length of a decimal floating point number at the beginning of text; 0: none. */
static size_t float_len(const char *text)
{
	size_t i = strspn(text, "+-") > 1 ? 0 : strspn(text, "+-");
	size_t whole = strspn(text + i, "0123456789"), part = 0;

	i += whole;
	if (text[i] == '.') {
		part = strspn(text + i + 1, "0123456789");
		i += part + 1;
	}
	if (!whole && !part)
		return 0;
	if (text[i] == 'e' || text[i] == 'E') {
		size_t sign = text[i + 1] == '-' || text[i + 1] == '+';
		size_t digits = strspn(text + i + 1 + sign, "0123456789");

		if (digits)
			i += 1 + sign + digits;
	}
	return i;
}

int ffpf_value_float(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	static const char hint[] = "a number such as 0.25, or per cent: 25%";
	const struct ffpf_param *param = scan->param;
	const char *text = scan->written->text;
	size_t len = float_len(text);

	if (!len)
		return ffpf_value_refuse(scan, 0, 0, hint, "'%s' is a number, not '%.40s'", param->name, text);
	if (text[len] && strcmp(text + len, "%") != 0)
		return ffpf_value_refuse(scan, len, scan->written->len, hint, "'%.40s' is no part of a number",
					 text + len);
	/* The point is '.', whatever the locale of the program around us. */
	locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", NULL);
	if (!c_locale)
		return ffpf_value_refuse(scan, 0, 0, NULL, "numbers can't be read: out of memory");
	double number = strtod_l(text, NULL, c_locale);
	freelocale(c_locale);
	if (text[len] == '%')
		number /= 100;
	if (number > 1e300 || number < -1e300)
		return ffpf_value_refuse(scan, 0, scan->written->len, NULL, "the number is too big");
	if ((param->min || param->max) && (number < (double)param->min || number > (double)param->max))
		return ffpf_value_out_of_range(scan, 0, scan->written->len);
	out->f = number;
	return 0;
}

/* One border of a range: digits from *at on. */
static int scan_border(const struct ffpf_value_scan *scan, size_t *at, int64_t *out)
{
	const char *text = scan->written->text;
	size_t start = *at;
	unsigned __int128 number = 0;
	bool huge;

	if (!scan_hex(text, at, &number, &huge))
		for (; text[*at] >= '0' && text[*at] <= '9'; (*at)++)
			if (number <= INT64_MAX)
				number = number * 10 + (unsigned)(text[*at] - '0');
	if (number > INT64_MAX)
		return ffpf_value_refuse(scan, start, scan->written->len, NULL, "the number is too big");
	if (*at == start)
		return ffpf_value_refuse(scan, start, start < scan->written->len ? scan->written->len : start,
					 "two numbers with '..' between them, or one number: 2..9",
					 "'%s' is a range, not '%.40s'", scan->param->name, text);
	if (!in_range(scan->param, (__int128)number))
		return ffpf_value_out_of_range(scan, start, *at);
	*out = (int64_t)number;
	return 0;
}

int ffpf_value_range(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	const char *text = scan->written->text;
	size_t at = 0;
	int err = scan_border(scan, &at, &out->i);

	if (err < 0)
		return err;
	out->j = out->i;
	if (strncmp(text + at, "..", 2) == 0) {
		at += 2;
		err = scan_border(scan, &at, &out->j);
		if (err < 0)
			return err;
	}
	if (text[at])
		return ffpf_value_refuse(scan, at, scan->written->len, NULL, "'%.40s' is no part of a range",
					 text + at);
	if (out->i > out->j)
		return ffpf_value_refuse(scan, 0, at, NULL, "the range is empty: %" PRId64 " is greater than %" PRId64,
					 out->i, out->j);
	return 0;
}

void ffpf_value_format(enum ffpf_type type, int64_t number, char *buffer, size_t size)
{
	bool scaled =
		type == FFPF_TYPE_COUNT || type == FFPF_TYPE_SIZE || type == FFPF_TYPE_RATE || type == FFPF_TYPE_TIME;
	const struct unit *best = NULL;

	/* The greatest unit that divides it; of equal ones the first that is plain ASCII. */
	for (const struct unit *unit = scaled ? kinds[type].units : NULL; unit && unit->name; unit++)
		if (*unit->name && number && number % unit->factor == 0 && (!best || unit->factor > best->factor))
			best = unit;
	snprintf(buffer, size, "%" PRId64 "%s", best ? number / best->factor : number, best ? best->name : "");
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Ethernet and IP addresses, and prefixes, into bytes in network order. */
#include <lib/graph/values.h>
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

static unsigned hex_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

int ffpf_value_mac(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	static const char hint[] = "six bytes in hexadecimal: 02:00:5e:10:00:01";
	const char *text = scan->written->text;
	size_t at = 0;

	for (unsigned i = 0; i < 6; i++) {
		unsigned value = 0, digits = 0;

		if (i && text[at] != ':' && text[at] != '-')
			return ffpf_value_refuse(scan, at, text[at] ? scan->written->len : at, hint,
						 "'%.40s' is no Ethernet address", text);
		at += i > 0;
		for (; digits < 2 && isxdigit((unsigned char)text[at]); digits++, at++)
			value = value << 4 | hex_digit(text[at]);
		if (!digits)
			return ffpf_value_refuse(scan, at, text[at] ? scan->written->len : at, hint,
						 "'%.40s' is no Ethernet address", text);
		out->bytes[i] = (uint8_t)value;
	}
	if (text[at])
		return ffpf_value_refuse(scan, at, scan->written->len, hint, "'%.40s' is more than an Ethernet address",
					 text + at);
	return 0;
}

/* Digits up to the end of the text, at most max. */
static bool scan_prefix(const char *text, unsigned max, unsigned *out)
{
	size_t digits = strspn(text, "0123456789");
	unsigned value = 0;

	if (!digits || digits > 3 || text[digits])
		return false;
	for (; *text; text++)
		value = value * 10 + (unsigned)(*text - '0');
	*out = value;
	return value <= max;
}

int ffpf_value_ip(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	bool v6 = scan->param->type == FFPF_TYPE_IPV6;
	const char *kind = v6 ? "IPv6" : "IPv4";
	const char *hint = v6 ? "for example 2001:db8::1 or 2001:db8::/32" : "for example 192.0.2.1 or 192.0.2.0/24";
	const char *text = scan->written->text;
	size_t len = strcspn(text, "/");
	unsigned max = v6 ? 128 : 32, prefix = max;
	char address[INET6_ADDRSTRLEN];

	if (len >= sizeof(address))
		return ffpf_value_refuse(scan, 0, len, hint, "'%.40s' is no %s address", text, kind);
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, address, out->bytes) != 1)
		return ffpf_value_refuse(scan, 0, len, hint, "'%s' is no %s address", address, kind);
	if (text[len] && !scan_prefix(text + len + 1, max, &prefix))
		return ffpf_value_refuse(scan, len, scan->written->len, hint, "the length of an %s prefix is 0 to %u",
					 kind, max);
	out->i = prefix;
	return 0;
}

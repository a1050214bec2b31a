/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of keys and values as JSON, by what is known of them.
 */
#include "cli.h"
#include "control.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static json_t *hexadecimal(const uint8_t *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text = malloc(2 * n + 1);
	json_t *out;

	if (!text)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	out = json_stringn(text, 2 * n);
	free(text);
	return out;
}

/* size bytes, host order. */
static uint64_t load(const uint8_t *bytes, unsigned size)
{
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	switch (size) {
	case 1:
		return *bytes;
	case 2:
		memcpy(&two, bytes, sizeof(two));
		return two;
	case 4:
		memcpy(&four, bytes, sizeof(four));
		return four;
	default:
		memcpy(&eight, bytes, sizeof(eight));
		return eight;
	}
}

static void store(uint8_t *bytes, unsigned size, uint64_t value)
{
	uint32_t four = (uint32_t)value;
	uint16_t two = (uint16_t)value;

	switch (size) {
	case 1:
		*bytes = (uint8_t)value;
		break;
	case 2:
		memcpy(bytes, &two, sizeof(two));
		break;
	case 4:
		memcpy(bytes, &four, sizeof(four));
		break;
	default:
		memcpy(bytes, &value, sizeof(value));
	}
}

static json_t *number(const struct ffpf_member *m, const uint8_t *bytes)
{
	uint64_t value = load(bytes, m->size);
	unsigned width = m->bits ? m->bits : m->size * 8u;

	if (m->bits)
		value >>= m->shift;
	if (width < 64)
		value &= (UINT64_C(1) << width) - 1;
	if (m->kind == FFPF_MEMBER_BOOL)
		return json_boolean(value != 0);
	if (m->kind == FFPF_MEMBER_SIGNED && width < 64 && value >> (width - 1))
		value |= ~UINT64_C(0) << width;
	/* As in the results: JSON's integers are signed here. */
	if (m->kind != FFPF_MEMBER_SIGNED && value > INT64_MAX)
		return json_real((double)value);
	return json_integer((json_int_t)value);
}

static json_t *big(const struct ffpf_member *m, const uint8_t *bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < m->size; i++)
		value = value << 8 | bytes[i];
	return value > INT64_MAX ? json_real((double)value) : json_integer((json_int_t)value);
}

bool control_is_mapped(const uint8_t *bytes)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return !memcmp(bytes, mapped, sizeof(mapped));
}

static json_t *network(const struct ffpf_member *m, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN];

	if (m->size == 16 && control_is_mapped(bytes))
		return json_string(inet_ntop(AF_INET, bytes + 12, text, sizeof(text)));
	if (m->kind == FFPF_MEMBER_IPV6 || m->size == 4)
		return json_string(inet_ntop(m->size == 4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)));
	return big(m, bytes);
}

static json_t *text(const uint8_t *bytes, size_t n)
{
	size_t len = strnlen((const char *)bytes, n);

	for (size_t i = 0; i < len; i++)
		if (bytes[i] < 0x20 || bytes[i] > 0x7e)
			return hexadecimal(bytes, n);
	for (size_t i = len; i < n; i++)
		if (bytes[i])
			return hexadecimal(bytes, n);
	return json_stringn((const char *)bytes, len);
}

static json_t *mac(const uint8_t *bytes)
{
	return json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
			    bytes[5]);
}

/* An address that is a number in host order. */
static json_t *host_address(const struct ffpf_member *m, const uint8_t *bytes)
{
	static const struct ffpf_member ipv4 = {.kind = FFPF_MEMBER_NETWORK, .size = 4},
					ipv6 = {.kind = FFPF_MEMBER_IPV6, .size = 16};
	uint8_t in_network[16];
	bool wide = m->size == 16;
	uint64_t high = wide ? load(bytes, 8) : 0, low = load(bytes + (wide ? 8 : 0), wide ? 8 : m->size);

	for (unsigned i = 0; i < 8; i++) {
		in_network[i] = (uint8_t)(high >> (56 - 8 * i));
		in_network[8 + i] = (uint8_t)(low >> (56 - 8 * i));
	}
	if (m->kind == FFPF_MEMBER_HOST_MAC)
		return mac(in_network + 10);
	return wide ? network(&ipv6, in_network) : network(&ipv4, in_network + 12);
}

static json_t *one(const struct ffpf_member *m, const uint8_t *bytes)
{
	if (m->kind == FFPF_MEMBER_BIG)
		return big(m, bytes);
	if (m->kind >= FFPF_MEMBER_HOST_IPV4 && m->kind <= FFPF_MEMBER_HOST_IPV6)
		return host_address(m, bytes);
	return m->kind == FFPF_MEMBER_NETWORK || m->kind == FFPF_MEMBER_IPV6 ? network(m, bytes) : number(m, bytes);
}

json_t *control_member(const struct ffpf_member *m, const uint8_t *bytes)
{
	const char *known = ffpf_member_text(m, bytes);

	bytes += m->offset;
	if (known)
		return json_string(known);
	if (m->kind == FFPF_MEMBER_MAC)
		return mac(bytes);
	if (m->kind == FFPF_MEMBER_BYTES)
		return hexadecimal(bytes, (size_t)m->size * m->count);
	if (m->kind == FFPF_MEMBER_TEXT)
		return text(bytes, m->count);
	if (m->count == 1)
		return one(m, bytes);
	json_t *list = json_array();
	for (uint32_t i = 0; i < m->count; i++)
		json_array_append_new(list, one(m, bytes + (size_t)i * m->size));
	return list;
}

/* "label_number": of what "label" is the text. */
static void put_number(json_t *object, const char *name, uint64_t value)
{
	json_t *key = json_sprintf("%s_number", name);

	/* A member that is called so stands there itself. */
	if (key && !json_object_get(object, json_string_value(key)))
		json_object_set_new(object, json_string_value(key),
				    value > INT64_MAX ? json_real((double)value) : json_integer((json_int_t)value));
	json_decref(key);
}

void control_put(json_t *object, const char *name, const struct ffpf_member *m, const uint8_t *bytes, bool numbers)
{
	const char *text = ffpf_member_text(m, bytes);
	uint64_t value;

	json_object_set_new(object, name, control_member(m, bytes));
	if (text && numbers && ffpf_member_number(m, bytes, &value))
		put_number(object, name, value);
}

json_t *control_value(const struct ffpf_members *members, const uint8_t *bytes, size_t size)
{
	json_t *object;

	if (!members->n)
		return hexadecimal(bytes, size);
	if (members->n == 1 && !*members->list[0].name)
		return control_member(&members->list[0], bytes);
	object = json_object();
	for (size_t i = 0; i < members->n; i++)
		control_put(object, members->list[i].name, &members->list[i], bytes, true);
	return object;
}

bool control_sum(const struct ffpf_members *members, const uint8_t *values, size_t n, size_t step, size_t size,
		 uint8_t *sum)
{
	for (size_t i = 0; i < members->n; i++)
		if (members->list[i].bits ||
		    (members->list[i].kind != FFPF_MEMBER_UNSIGNED && members->list[i].kind != FFPF_MEMBER_SIGNED))
			return false;
	memset(sum, 0, size);
	for (size_t i = 0; i < members->n; i++) {
		const struct ffpf_member *m = &members->list[i];

		for (uint32_t k = 0; k < m->count; k++) {
			size_t at = m->offset + (size_t)k * m->size;
			uint64_t total = 0;

			for (size_t cpu = 0; cpu < n; cpu++)
				total += load(values + cpu * step + at, m->size);
			store(sum + at, m->size, total);
		}
	}
	return members->n > 0;
}

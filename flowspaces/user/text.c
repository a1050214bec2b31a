/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as text; the rest is inline in text.h. */
#include "flowspaces/user/text.h"

void ffpf_address_mac(struct text *text, const uint8_t *mac)
{
	for (int i = 0; i < 6; i++) {
		if (i)
			text_char(text, ':');
		text_hex(text, mac[i], 2);
	}
}

void ffpf_address_ipv4(struct text *text, const uint8_t *address)
{
	for (int i = 0; i < 4; i++) {
		if (i)
			text_char(text, '.');
		text_number(text, address[i]);
	}
}

/* The longest run of at least two zero groups, the first of equal ones: its start, and its length in *run. */
static int zero_run(const uint16_t *group, int *run)
{
	int start = -1;

	*run = 1;
	for (int i = 0; i < 8; i++) {
		int n = 0;
		while (i + n < 8 && !group[i + n])
			n++;
		if (n > *run) {
			*run = n;
			start = i;
		}
		i += n;
	}
	return start;
}

void ffpf_address_ipv6(struct text *text, const uint8_t *address)
{
	static const uint8_t mapped[12] = {[10] = 0xff, 0xff};
	uint16_t group[8];
	int run, start;

	if (!memcmp(address, mapped, sizeof(mapped))) {
		text_string(text, "::ffff:");
		ffpf_address_ipv4(text, address + 12);
		return;
	}
	for (int i = 0; i < 8; i++)
		group[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	start = zero_run(group, &run);
	for (int i = 0; i < 8; i++) {
		if (i == start) {
			text_bytes(text, "::", 2);
			i += run - 1;
			continue;
		}
		if (i && i != start + run)
			text_char(text, ':');
		text_hex(text, group[i], 1);
	}
}

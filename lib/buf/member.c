/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of keys and values (ffpf/map.h): the texts that stand for their numbers.
 */
#include <ffpf/map.h>

#include <string.h>

static uint64_t in_host_order(const uint8_t *bytes, unsigned size)
{
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	switch (size) {
	case 8:
		return memcpy(&eight, bytes, sizeof(eight)), eight;
	case 4:
		return memcpy(&four, bytes, sizeof(four)), four;
	case 2:
		return memcpy(&two, bytes, sizeof(two)), two;
	default:
		return *bytes;
	}
}

bool ffpf_member_number(const struct ffpf_member *member, const void *bytes, uint64_t *number)
{
	const uint8_t *at = (const uint8_t *)bytes + member->offset;

	if (member->count != 1 || member->bits ||
	    (member->kind != FFPF_MEMBER_UNSIGNED && member->kind != FFPF_MEMBER_BIG))
		return false;
	if (member->kind == FFPF_MEMBER_UNSIGNED) {
		*number = in_host_order(at, member->size);
		return true;
	}
	*number = 0;
	for (unsigned i = 0; i < member->size; i++)
		*number = *number << 8 | at[i];
	return true;
}

const char *ffpf_member_text(const struct ffpf_member *member, const void *bytes)
{
	uint64_t number;

	return member->n_texts && ffpf_member_number(member, bytes, &number) && number < member->n_texts
		       ? member->texts[number]
		       : NULL;
}

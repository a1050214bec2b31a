/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes compared in loops, unrolled and not: does the payload begin with a word, is it somewhere in 100 bytes? */
#include "packet.h"

static const char word[] = "GET /";

SEC("xdp")
int search(struct xdp_md *ctx)
{
	__u8 *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u8 *payload = at + 54;
	int equal = 1, sum = 0;

	if (payload + sizeof(word) > end)
		return 0;
#pragma clang loop unroll(full)
	for (unsigned i = 0; i < sizeof(word) - 1; i++)
		if (payload[i] != word[i])
			equal = 0;
	if (equal)
		return 1;
#pragma clang loop unroll(disable)
	for (unsigned i = 0; i < 100; i++) {
		if (payload + i + 3 > end)
			break;
		if (payload[i] == 'f' && payload[i + 1] == 'p' && payload[i + 2] == 'f')
			return 2 + i;
		sum += payload[i];
	}
	return sum;
}

char its_license[] SEC("license") = "BSD";

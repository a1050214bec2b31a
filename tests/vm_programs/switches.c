/* SPDX-License-Identifier: BSD-2-Clause */
/* Switches, copies of structures, sets of bytes. */
#include "packet.h"

struct record {
	__u8 to[6], from[6];
	__u32 words[4];
	__u16 type;
	__u8 rest[10];
};

MAP(records, BPF_MAP_TYPE_HASH, __u64, struct record, 16);

SEC("xdp")
int switches(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethernet *ethernet = at;
	struct record record;
	__u64 key = 0;
	int result;

	if (at + 64 > end)
		return 0;
	__builtin_memset(&record, 0, sizeof(record));
	__builtin_memcpy(record.to, ethernet->to, sizeof(record.to));
	__builtin_memcpy(record.from, ethernet->from, sizeof(record.from));
	__builtin_memcpy(record.words, at + 26, sizeof(record.words));
	record.type = ethernet->type;
	__builtin_memcpy(&key, ethernet->from, 6);
	switch (swap16(ethernet->type)) {
	case 0x0800:
		result = 4;
		break;
	case 0x86dd:
		result = 6;
		break;
	case 0x0806:
		result = 1;
		record.rest[3] = 1;
		break;
	case 0x8847:
	case 0x8848:
		result = 20;
		__builtin_memcpy(record.rest, at + 14, 4);
		break;
	case 0x8863:
		result = 21;
		break;
	case 0x8864:
		result = 22;
		break;
	case 0x88cc:
		result = 30;
		break;
	default:
		result = 99;
	}
	bpf_map_update_elem(&records, &key, &record, BPF_ANY);
	struct record *stored = bpf_map_lookup_elem(&records, &key);
	if (stored && *(__u32 *)stored->to == *(__u32 *)record.to)
		result += 100;
	return result;
}

char its_license[] SEC("license") = "BSD";

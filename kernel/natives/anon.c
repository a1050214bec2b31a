// SPDX-License-Identifier: GPL-2.0
/*
 * anon: makes packets whose addresses can't be recognised, prefixes kept together
 * (lib/native/anon.h). What came, and the network, keep theirs.
 *
 * The parameters are the key; the cells are those of enum cell.
 */
#include <crypto/aes.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <lib/native/anon.h>

#include "../ffpf.h"

enum cell { PACKETS, ADDRESSES };

/* Addresses that are known already, by each CPU: a power of two. */
#define KNOWN 1024

struct anonymiser {
	struct ffpf_anon anon;
	struct ffpf_anon_known known[KNOWN];
};

struct anon {
	struct ffpf_native native;
	struct crypto_aes_ctx cipher;
	struct ffpf_packets packets;
	struct anonymiser *__percpu *anonymisers;
};

static void encrypt(const void *cipher, u8 *blocks, unsigned int n)
{
	for (; n; n--, blocks += AES_BLOCK_SIZE)
		aes_encrypt(cipher, blocks, blocks);
}

static u32 run(struct ffpf_native *native, u64 *cells, struct ffpf_view *view, u32 class)
{
	struct anon *anon = container_of(native, struct anon, native);
	struct anonymiser *a = *this_cpu_ptr(anon->anonymisers);
	struct ffpf_wire wire;
	struct sk_buff *skb;
	u32 n, addresses;

	ffpf_wire_init(&wire, view);
	n = min_t(u32, view->skb->len, FFPF_PACKETS_BYTES);
	skb = ffpf_packets_get(&anon->packets, view->skb, n);
	if (!skb || skb_copy_bits(view->skb, 0, skb->data, n))
		return 0;
	addresses = ffpf_anon_packet(&a->anon, skb->data, n, wire.link);
	if (addresses) {
		ffpf_cell_add(&cells[PACKETS], 1);
		ffpf_cell_add(&cells[ADDRESSES], addresses);
	}
	view->made = skb;
	return class;
}

static void destroy(struct ffpf_native *native)
{
	struct anon *anon = container_of(native, struct anon, native);
	int cpu;

	if (anon->anonymisers) {
		for_each_possible_cpu(cpu)
			kvfree_sensitive(*per_cpu_ptr(anon->anonymisers, cpu),
					 sizeof(struct anonymiser));
		free_percpu(anon->anonymisers);
	}
	ffpf_packets_free(&anon->packets);
	kfree_sensitive(anon);
}

static int make(struct anon *anon, const u8 *key)
{
	int cpu, err = aes_expandkey(&anon->cipher, key, AES_KEYSIZE_128);

	if (err)
		return err;
	anon->anonymisers = alloc_percpu_gfp(struct anonymiser *, GFP_KERNEL_ACCOUNT);
	if (!anon->anonymisers)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct anonymiser *a = kvzalloc(sizeof(*a), GFP_KERNEL_ACCOUNT);

		if (!a)
			return -ENOMEM;
		*per_cpu_ptr(anon->anonymisers, cpu) = a;
		ffpf_anon_init(&a->anon, encrypt, &anon->cipher, key + AES_KEYSIZE_128, a->known,
			       KNOWN);
	}
	anon->native.n_cells = ADDRESSES + 1;
	return ffpf_packets_create(&anon->packets);
}

static struct ffpf_native *create(const void *params, u32 bytes)
{
	struct anon *anon;
	int err;

	BUILD_BUG_ON(FFPF_ANON_KEY_BYTES != FFPF_ANON_KEY);
	if (bytes != FFPF_ANON_KEY)
		return ERR_PTR(-EINVAL);
	anon = kzalloc(sizeof(*anon), GFP_KERNEL_ACCOUNT);
	if (!anon)
		return ERR_PTR(-ENOMEM);
	err = make(anon, params);
	if (err) {
		destroy(&anon->native);
		return ERR_PTR(err);
	}
	return &anon->native;
}

const struct ffpf_native_class ffpf_anon_class = {
	.name = "anon",
	.version = 1,
	.makes = true,
	.create = create,
	.free = destroy,
	.run = run,
};

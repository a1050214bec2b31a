// SPDX-License-Identifier: GPL-2.0
/*
 * digest: a packet's class becomes the first 32 bits of a digest of it, of its payload, or of what
 * routers leave as it is (lib/native/digest.h). The kernel's own algorithms compute it, over
 * fragments as they lie.
 *
 * The parameters are struct ffpf_digest_params; the cells are those of enum cell.
 */
#include <crypto/hash.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <lib/native/digest.h>

#include "../ffpf.h"

enum cell { DIGESTS, BYTES };

static const char *const algorithms[] = {
	[FFPF_DIGEST_SHA256] = "sha256",
	[FFPF_DIGEST_SHA1] = "sha1",
	[FFPF_DIGEST_MD5] = "md5",
	[FFPF_DIGEST_CRC32C] = "crc32c",
};

struct digest {
	struct ffpf_native native;
	struct crypto_shash *algorithm;
	void __percpu *contexts; /* struct shash_desc, and the algorithm's own behind it */
	enum ffpf_digest_algorithm number;
	enum ffpf_digest_of of;
};

static int update(struct shash_desc *context, const struct ffpf_wire *wire,
		  const struct ffpf_digest_range *range)
{
	struct ffpf_walk walk;
	const u8 *run;
	int err;
	u32 n;

	err = crypto_shash_init(context)
		      ?: crypto_shash_update(context, range->header, range->n_header);
	ffpf_walk_begin(&walk, wire, range->at, range->end);
	while (!err && (n = ffpf_walk_next(&walk, &run)) != 0)
		err = crypto_shash_update(context, run, n);
	ffpf_walk_end(&walk);
	return err;
}

/* A CRC is a number, and the kernel gives its least significant byte first. */
static u32 class_of(const struct digest *digest, const u8 *bytes)
{
	u8 number[4] = {bytes[3], bytes[2], bytes[1], bytes[0]};

	return ffpf_digest_class(digest->number == FFPF_DIGEST_CRC32C ? number : bytes);
}

static u32 run(struct ffpf_native *native, u64 *cells, struct ffpf_view *view, u32 class)
{
	const struct digest *digest = container_of(native, struct digest, native);
	struct shash_desc *context = this_cpu_ptr(digest->contexts);
	u8 bytes[HASH_MAX_DIGESTSIZE];
	struct ffpf_digest_range range;
	struct ffpf_wire wire;

	ffpf_wire_init(&wire, view);
	ffpf_digest_find(&wire.bytes, wire.link, digest->of, &range);
	if (!range.n_header && range.at == range.end)
		return 0;
	if (update(context, &wire, &range) || crypto_shash_final(context, bytes))
		return 0;
	ffpf_cell_add(&cells[DIGESTS], 1);
	ffpf_cell_add(&cells[BYTES], range.n_header + (range.end - range.at));
	return class_of(digest, bytes);
}

static void destroy(struct ffpf_native *native)
{
	struct digest *digest = container_of(native, struct digest, native);

	free_percpu(digest->contexts);
	crypto_free_shash(digest->algorithm);
	kfree(digest);
}

static int make(struct digest *digest)
{
	struct crypto_shash *algorithm = crypto_alloc_shash(algorithms[digest->number], 0, 0);
	int cpu;

	if (IS_ERR(algorithm))
		return PTR_ERR(algorithm);
	digest->algorithm = algorithm;
	digest->contexts =
		__alloc_percpu_gfp(sizeof(struct shash_desc) + crypto_shash_descsize(algorithm),
				   CRYPTO_MINALIGN, GFP_KERNEL_ACCOUNT);
	if (!digest->contexts)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		((struct shash_desc *)per_cpu_ptr(digest->contexts, cpu))->tfm = algorithm;
	digest->native.n_cells = BYTES + 1;
	return 0;
}

static struct ffpf_native *create(const void *params, u32 bytes)
{
	struct ffpf_digest_params args;
	struct digest *digest;
	int err;

	if (bytes != sizeof(args))
		return ERR_PTR(-EINVAL);
	memcpy(&args, params, sizeof(args));
	if (args.algorithm >= ARRAY_SIZE(algorithms) || args.of > FFPF_DIGEST_INVARIANT)
		return ERR_PTR(-EINVAL);
	digest = kzalloc(sizeof(*digest), GFP_KERNEL_ACCOUNT);
	if (!digest)
		return ERR_PTR(-ENOMEM);
	digest->number = args.algorithm;
	digest->of = args.of;
	err = make(digest);
	if (err) {
		destroy(&digest->native);
		return ERR_PTR(err);
	}
	return &digest->native;
}

const struct ffpf_native_class ffpf_digest = {
	.name = "digest",
	.version = 1,
	.create = create,
	.free = destroy,
	.run = run,
};

MODULE_SOFTDEP("pre: crypto-sha256 crypto-sha1 crypto-md5 crypto-crc32c");

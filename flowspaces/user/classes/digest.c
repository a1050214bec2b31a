/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * digest: a number that stands for a packet's bytes.
 *
 *     [dev eth0]>(digest)>(print)
 *     [pcap a.pcap]>(digest,of=invariant,algo=crc32c)>(FPL,{ table seen[u32] { n } … })
 *
 * The digest's first 32 bits are the packet's class, so that what comes behind may count, route or compare it. What is
 * digested says lib/native/digest.h.
 */
#include <flowspaces/user/crc32c.h>
#include <kernel/include/ffpf_kmod.h>
#include <lib/native/digest.h>

#include <errno.h>
#include <ffpf/class.h>
#include <nettle/md5.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>
#include <stdlib.h>

enum { PARAM_ALGO, PARAM_OF };
enum { FIELD_DIGESTS, FIELD_BYTES };

struct digester {
	enum ffpf_digest_algorithm algorithm;
	enum ffpf_digest_of of;
	union {
		struct sha256_ctx sha256;
		struct sha1_ctx sha1;
		struct md5_ctx md5;
	} context; /* ready for the next packet: taking a digest leaves it so */
	uint64_t digests, bytes;
};

/* For the kernel module. */
static size_t digest_params(const struct ffpf_instance *instance, void *out, size_t size)
{
	const struct ffpf_digest_params p = {.algorithm = (uint32_t)instance->values[PARAM_ALGO].i,
					     .of = (uint32_t)instance->values[PARAM_OF].i};

	if (size >= sizeof(p))
		memcpy(out, &p, sizeof(p));
	return sizeof(p);
}

static int digest_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	struct digester *d = calloc(1, sizeof(*d));

	if (!d) {
		*why = "out of memory";
		return -ENOMEM;
	}
	d->algorithm = (enum ffpf_digest_algorithm)instance->values[PARAM_ALGO].i;
	d->of = (enum ffpf_digest_of)instance->values[PARAM_OF].i;
	if (d->algorithm == FFPF_DIGEST_SHA256)
		sha256_init(&d->context.sha256);
	else if (d->algorithm == FFPF_DIGEST_SHA1)
		sha1_init(&d->context.sha1);
	else if (d->algorithm == FFPF_DIGEST_MD5)
		md5_init(&d->context.md5);
	*object = d;
	return 0;
}

/* The first four bytes of the digest of a header and what follows it. */
static void digest_bytes(struct digester *d, const struct ffpf_digest_range *r, const uint8_t *data, uint8_t first[4])
{
	const uint8_t *rest = data + r->at;
	size_t n = r->end - r->at;

	switch (d->algorithm) {
	case FFPF_DIGEST_SHA256:
		sha256_update(&d->context.sha256, r->n_header, r->header);
		sha256_update(&d->context.sha256, n, rest);
		sha256_digest(&d->context.sha256, 4, first);
		break;
	case FFPF_DIGEST_SHA1:
		sha1_update(&d->context.sha1, r->n_header, r->header);
		sha1_update(&d->context.sha1, n, rest);
		sha1_digest(&d->context.sha1, 4, first);
		break;
	case FFPF_DIGEST_MD5:
		md5_update(&d->context.md5, r->n_header, r->header);
		md5_update(&d->context.md5, n, rest);
		md5_digest(&d->context.md5, 4, first);
		break;
	case FFPF_DIGEST_CRC32C:
		ffpf_native_put32(first, ffpf_crc32c(ffpf_crc32c(0, r->header, r->n_header), rest, n));
		break;
	}
}

static uint32_t digest_process(void *object, const struct ffpf_packet *packet, uint32_t class)
{
	struct digester *d = object;
	const struct ffpf_bytes bytes = {.data = packet->data, .size = packet->caplen};
	struct ffpf_digest_range range;
	uint8_t first[4];

	if (!packet->caplen)
		return 0;
	ffpf_digest_find(&bytes, packet->linktype, d->of, &range);
	if (!range.n_header && range.at == range.end)
		return 0;
	digest_bytes(d, &range, packet->data, first);
	d->digests++;
	d->bytes += range.n_header + (range.end - range.at);
	return ffpf_digest_class(first);
}

static void digest_state(const void *object, uint64_t *cells)
{
	const struct digester *d = object;

	cells[FIELD_DIGESTS] = d->digests;
	cells[FIELD_BYTES] = d->bytes;
}

static void digest_close(void *object)
{
	free(object);
}

static uint32_t digest_demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static const char *const algorithms[] = {"sha256", "sha1", "md5", "crc32c", NULL};
static const char *const parts[] = {"packet", "payload", "invariant", NULL};

static const struct ffpf_param params[] = {
	[PARAM_ALGO] = {.name = "algo",
			.type = FFPF_TYPE_CHOICE,
			.flags = FFPF_PARAM_MAIN,
			.def = "sha256",
			.choices = algorithms,
			.doc = "how; crc32c is the fastest, and no secret"},
	[PARAM_OF] = {.name = "of",
		      .type = FFPF_TYPE_CHOICE,
		      .def = "packet",
		      .choices = parts,
		      .doc = "of all captured bytes, of what follows the headers, or of what routers don't change"},
};

static const struct ffpf_field fields[] = {
	[FIELD_DIGESTS] = {.name = "digests",
			   .merge = FFPF_MERGE_SUM,
			   .unit = FFPF_UNIT_PACKETS,
			   .cells = 1,
			   .doc = "packets that were digested"},
	[FIELD_BYTES] = {.name = "bytes",
			 .merge = FFPF_MERGE_SUM,
			 .unit = FFPF_UNIT_BYTES,
			 .cells = 1,
			 .doc = "bytes that were digested"},
};

static const struct ffpf_native native = {
	.parallel = true,
	.open = digest_open,
	.process = digest_process,
	.state = digest_state,
	.close = digest_close,
};

const struct ffpf_class ffpf_class_digest = {
	.abi = FFPF_CLASS_ABI,
	.name = "digest",
	.help = "give each packet a digest of its bytes as its class",
	.manual = "The packet goes on with a class that is the first 32 bits of a digest of its bytes, 1 where they "
		  "are 0. Packets\n"
		  "that have none of the bytes asked for leave the flow. Equal bytes have equal classes, on every "
		  "machine; unequal\n"
		  "ones have the same by chance, once in four thousand million pairs.\n"
		  "\n"
		  "of=packet takes all captured bytes. of=payload takes those that strsearch searches. of=invariant "
		  "takes what\n"
		  "routers on the way leave as it is, so that one packet is known again at two places: from the IP "
		  "header to the\n"
		  "end that it announces, without the header of the link and its padding; as if zeros stood for the "
		  "type of\n"
		  "service, the time to live and the checksum of an IPv4 header, or for the traffic class, the flow "
		  "label and the\n"
		  "hop limit of an IPv6 header. IPv4 options and IPv6 extension headers are taken as they are. Of a "
		  "packet that\n"
		  "is not IP it takes what follows the link header. What was not captured is in no digest: packets are "
		  "to be\n"
		  "captured at the same length at both places.",
	.example = "(pcap,\"$FILE\")>(digest,crc32c,of=invariant)>(pktcount)",
	.role = FFPF_FUNCTION,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.demand = digest_demand,
	.native = &native,
	.kernel_params = digest_params,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * anon: addresses made unrecognisable, networks kept together.
 *
 *     [dev eth0]>(anon,key="a sentence that nobody knows")>(write,shared.pcap)
 *
 * What is rewritten, and how, is said in lib/native/anon.h. Functions behind it see the changed packet, those beside it
 * the one that came; nothing on the network is changed.
 */
#include <kernel/include/ffpf_kmod.h>
#include <lib/lang/arena.h>
#include <lib/native/anon.h>

#include <ctype.h>
#include <errno.h>
#include <ffpf/class.h>
#include <nettle/aes.h>
#include <nettle/sha2.h>
#include <stdlib.h>

enum { PARAM_KEY };
enum { FIELD_PACKETS, FIELD_ADDRESSES };

/* Bytes of a packet that are kept: those of the longest that others may write to, too. */
#define COPY_BYTES (256u << 10)
/* Addresses that are known already, by each thread. */
#define KNOWN 4096
/* A sentence is a key when it has so many characters. */
#define SENTENCE_MIN 16

struct anonymiser {
	struct ffpf_anon anon;
	struct aes128_ctx cipher;
	uint64_t packets;
	struct ffpf_anon_known known[KNOWN];
	uint8_t copy[COPY_BYTES];
};

static int digit(char c)
{
	return c <= '9' ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* 64 digits are the key; a sentence stands for the one that SHA-256 makes of it. */
static void make_key(const char *text, uint8_t key[FFPF_ANON_KEY])
{
	size_t len = strlen(text);
	struct sha256_ctx sha256;

	if (len == 2 * FFPF_ANON_KEY && strspn(text, "0123456789abcdefABCDEF") == len) {
		for (size_t i = 0; i < FFPF_ANON_KEY; i++)
			key[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
		return;
	}
	sha256_init(&sha256);
	sha256_update(&sha256, len, (const uint8_t *)text);
	sha256_digest(&sha256, FFPF_ANON_KEY, key);
}

static int anon_check(struct ffpf_instance *instance)
{
	const struct ffpf_value *value = &instance->values[PARAM_KEY];
	size_t len = strlen(value->s);
	bool digits = strspn(value->s, "0123456789abcdefABCDEF") == len;
	struct ffpf_diag *diag;

	if (digits ? len == 2 * FFPF_ANON_KEY : len >= SENTENCE_MIN)
		return 0;
	if (digits && len >= SENTENCE_MIN)
		diag = ffpf_diag_error(instance->diags, FFPF_D_VALUE_RANGE, value->span,
				       "a key has 64 hexadecimal digits, not %zu", len);
	else
		diag = ffpf_diag_error(instance->diags, FFPF_D_VALUE_RANGE, value->span,
				       "a key of %zu characters can be found by trying all of them", len);
	ffpf_diag_hint(instance->diags, diag,
		       "64 hexadecimal digits (openssl rand -hex 32), or a sentence of at least %d characters",
		       SENTENCE_MIN);
	return -EINVAL;
}

/* For the kernel module. */
static size_t anon_params(const struct ffpf_instance *instance, void *out, size_t size)
{
	_Static_assert(FFPF_ANON_KEY_BYTES == FFPF_ANON_KEY, "the module's key is the same");
	if (size >= FFPF_ANON_KEY_BYTES)
		make_key(instance->values[PARAM_KEY].s, out);
	return FFPF_ANON_KEY_BYTES;
}

static void encrypt(const void *cipher, uint8_t *blocks, unsigned n)
{
	aes128_encrypt(cipher, (size_t)n * AES_BLOCK_SIZE, blocks, blocks);
}

static int anon_open(struct ffpf_instance *instance, unsigned thread, void **object, const char **why)
{
	struct anonymiser *a = calloc(1, sizeof(*a));
	uint8_t key[FFPF_ANON_KEY];

	if (!a) {
		*why = "out of memory";
		return -ENOMEM;
	}
	make_key(instance->values[PARAM_KEY].s, key);
	aes128_set_encrypt_key(&a->cipher, key);
	ffpf_anon_init(&a->anon, encrypt, &a->cipher, key + 16, a->known, KNOWN);
	*object = a;
	return 0;
}

static uint32_t anon_transform(void *object, const struct ffpf_packet *packet, uint32_t class, struct ffpf_packet *out)
{
	struct anonymiser *a = object;

	if (out->caplen > COPY_BYTES)
		out->caplen = COPY_BYTES;
	if (out->caplen)
		memcpy(a->copy, packet->data, out->caplen);
	out->data = a->copy;
	a->packets += ffpf_anon_packet(&a->anon, a->copy, out->caplen, packet->linktype) != 0;
	return class;
}

static void anon_state(const void *object, uint64_t *cells)
{
	const struct anonymiser *a = object;

	cells[FIELD_PACKETS] = a->packets;
	cells[FIELD_ADDRESSES] = a->anon.addresses;
}

static void anon_close(void *object)
{
	free(object);
}

static uint32_t anon_demand(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static const struct ffpf_param params[] = {
	[PARAM_KEY] = {.name = "key",
		       .type = FFPF_TYPE_STRING,
		       .flags = FFPF_PARAM_REQUIRED | FFPF_PARAM_MAIN,
		       .doc = "64 hexadecimal digits, or a sentence of 16 characters or more"},
};

static const struct ffpf_field fields[] = {
	[FIELD_PACKETS] = {.name = "packets",
			   .merge = FFPF_MERGE_SUM,
			   .unit = FFPF_UNIT_PACKETS,
			   .cells = 1,
			   .doc = "packets that had addresses"},
	[FIELD_ADDRESSES] = {.name = "addresses",
			     .merge = FFPF_MERGE_SUM,
			     .cells = 1,
			     .doc = "addresses that were rewritten"},
};

static const struct ffpf_native native = {
	.parallel = true,
	.open = anon_open,
	.transform = anon_transform,
	.state = anon_state,
	.close = anon_close,
};

const struct ffpf_class ffpf_class_anon = {
	.abi = FFPF_CLASS_ABI,
	.name = "anon",
	.help = "make IP addresses unrecognisable, and keep networks together",
	.manual = "Functions behind it see the packets with other addresses; functions beside it, and the network, see "
		  "them\n"
		  "as they were. The same address becomes the same with the same key, in every capture and at every "
		  "place. Two\n"
		  "addresses that have their first n bits in common have just these in common afterwards (Crypto-PAn, "
		  "with\n"
		  "AES-128), so that networks stay networks, of the same sizes.\n"
		  "\n"
		  "Rewritten are the addresses of IPv4 and IPv6 headers, of IPv4's options and IPv6's routing headers, "
		  "of ARP,\n"
		  "of ICMPv6's neighbour messages and of redirects; and those of the packets that ICMP errors quote, "
		  "and of IP\n"
		  "inside of IP. Checksums are corrected; wrong ones stay wrong. Of a header that was cut off by the "
		  "capture,\n"
		  "what is left of its addresses becomes zeros.\n"
		  "\n"
		  "Ethernet addresses, ports and payloads stay, names and addresses that are written there, too; and "
		  "what is in\n"
		  "tunnels other than IP inside of IP. Who knows of a few packets where they came from learns the "
		  "beginnings of\n"
		  "other addresses of these networks: that is the price of keeping networks together.",
	.example = "(pcap,\"$FILE\")>(anon,key=\"not a very good key\")>(write,\"$OUT\")",
	.role = FFPF_FUNCTION,
	.flags = FFPF_CLASS_PASSES,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.fields = fields,
	.n_fields = sizeof(fields) / sizeof(fields[0]),
	.check = anon_check,
	.demand = anon_demand,
	.native = &native,
	.kernel_params = anon_params,
};

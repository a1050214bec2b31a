/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as a map and operations on it, against the naive model: results, errors, values, order, what a full map does.
 *
 *   input   [kind, key bytes, value bytes, entries] [operation: u8 what, u8 key, u8 key, u8 value] ...
 */
#include <tests/unit/map_model.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_spec(const uint8_t *data, struct ffpf_map_spec *spec)
{
	*spec = (struct ffpf_map_spec){
		.name = "fuzz",
		.kind = data[0] % FFPF_MAP_PROGRAMS,
		.key_size = data[1] % 24 + 1,
		.value_size = data[2] % 24 + 1,
		.max_entries = data[3] % 40 + 1,
	};
	if (spec->kind == FFPF_MAP_ARRAY || spec->kind == FFPF_MAP_PERCPU_ARRAY)
		spec->key_size = 4;
	if (spec->kind == FFPF_MAP_LPM)
		spec->key_size += 4;
}

/* Few keys, so that they meet. */
static void make_key(const struct ffpf_map_spec *spec, uint8_t a, uint8_t b, uint8_t *key)
{
	memset(key, 0, MODEL_BYTES);
	key[0] = a;
	if (spec->kind == FFPF_MAP_LPM) {
		uint32_t prefixlen = a % ((spec->key_size - 4) * 8 + 2); /* one too long now and then */

		memcpy(key, &prefixlen, sizeof(prefixlen));
		key[4] = b;
		key[spec->key_size - 1] ^= (uint8_t)(b * 16 + a);
	} else if (spec->key_size > 4) {
		key[spec->key_size - 1] = b & 3;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ffpf_map_spec spec;
	uint8_t key[MODEL_BYTES], value[MODEL_BYTES];

	if (size < 4)
		return 0;
	make_spec(data, &spec);
	struct model *m = model_new(&spec);
	for (size_t at = 4; at + 4 <= size && at < 4096; at += 4) {
		make_key(&spec, data[at + 1], data[at + 2], key);
		memset(value, data[at + 3], sizeof(value));
		switch (data[at] & 7) {
		case 0:
		case 1:
			model_lookup(m, key);
			break;
		case 2:
			model_delete(m, key);
			break;
		case 3:
			model_walk(m, key);
			break;
		default:
			model_update(m, key, value, data[at] >> 3 & 3);
		}
	}
	model_walk(m, key);
	model_free(m);
	return 0;
}

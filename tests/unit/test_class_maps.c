/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Maps that function classes announce (map_classes.h), end to end: what their functions put into them is the same on
 * the reference interpreter, in userspace compiled and interpreted, and with --replay in the kernel; what they show;
 * and what a class may not announce.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_graph.h"
#include "map_classes.h"
#include "graph_run.h"

static struct run_input input;

static void need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: loading XDP programs needs root\n");
	skip();
}

static int make_input(void **state)
{
	map_classes_register();
	input.n = 1;
	random_capture(7, DLT_EN10MB, 400, &input.captures[0]);
	/* Frames shorter than the kernel's test runner takes: those the reference interpreter runs. */
	for (unsigned i = 0; i < 20; i++)
		capture_record(&input.captures[0], i, 1700000000, i, i % 14, i % 14);
	capture_save(&input.captures[0], input.names[0]);
	return 0;
}

static int free_input(void **state)
{
	unlink(input.names[0]);
	capture_free(&input.captures[0]);
	return 0;
}

/* ---- the same everywhere --------------------------------------------------------------------- */

static void everywhere(const char *text, char **maps)
{
	struct run_case c = {.title = text, .text = text, .input = &input};

	run_library(&c, "user", false, 0, false);
	run_library(&c, "user, interpreted", false, 1, true);
	run_programs(&c, false);
	run_programs(&c, true);
	if (geteuid() == 0) {
		run_replays(&c, 0);
		run_replays(&c, 1);
	}
	free(c.expected);
	if (maps)
		*maps = c.maps;
	else
		free(c.maps);
	assert_int_equal(c.failures, 0);
}

/* Lines of a text that have a string in them. */
static unsigned lines_with(const char *text, const char *part)
{
	unsigned n = 0;

	for (; *text; text = strchr(text, '\n') + 1) {
		const char *found = strstr(text, part);

		n += found && found < strchr(text, '\n');
	}
	return n;
}

/* Packets and bytes of IPv4 with all of the key, and how many different keys, as C sees them. */
static void count_flows(uint64_t *packets, uint64_t *bytes, unsigned *flows)
{
	static uint8_t keys[1000][13];
	struct ffpf_packet p;
	uint8_t key[13];

	*packets = *bytes = *flows = 0;
	for (size_t at = 24; run_next(&input.captures[0], &at, &p);) {
		unsigned i = 0;

		if (p.caplen < 38 || p.data[12] != 8 || p.data[13])
			continue;
		memcpy(key, p.data + 26, 12);
		key[12] = p.data[23];
		while (i < *flows && memcmp(keys[i], key, 13))
			i++;
		if (i == *flows)
			memcpy(keys[(*flows)++], key, 13);
		++*packets;
		*bytes += p.len;
	}
}

static void flows_are_counted(void **state)
{
	uint64_t packets, bytes, in_map[2] = {0}, words[2];
	unsigned flows;
	char *maps;

	everywhere("[pcap $F0]>(seen)>(pktcount)", &maps);
	count_flows(&packets, &bytes, &flows);
	assert_true(flows > 50);
	assert_int_equal(lines_with(maps, "seen0.flows "), flows);
	for (const char *line = maps; *line; line = strchr(line, '\n') + 1) {
		const char *value = strstr(line, " = ") + 3;

		for (unsigned i = 0; i < 16; i++) {
			unsigned byte;

			assert_int_equal(sscanf(value + 2 * i, "%2x", &byte), 1);
			((uint8_t *)words)[i] = (uint8_t)byte;
		}
		in_map[0] += words[0];
		in_map[1] += words[1];
	}
	assert_int_equal(in_map[0], packets);
	assert_int_equal(in_map[1], bytes);
	free(maps);
	everywhere("[pcap $F0]>(seen,lru=yes)>(pktcount)", NULL);
}

/* Two savefiles are two threads, which put into one map at once. */
static void threads_share_maps(void **state)
{
	struct run_input one = input;
	char *maps, *once;

	everywhere("[pcap $F0]>(seen)>(pktcount)", &once);
	input.n = 2;
	input.captures[1] = input.captures[0];
	memcpy(input.names[1], input.names[0], sizeof(input.names[1]));
	everywhere("[[pcap $F0]|[pcap $F1]]>(seen)>(pktcount)", &maps);
	input = one;
	assert_int_equal(lines_with(maps, "seen0.flows "), lines_with(once, "seen0.flows "));
	free(maps);
	free(once);
}

static void a_full_map_takes_no_more(void **state)
{
	char *maps;

	everywhere("[pcap $F0]>(seen,size=5)>(pktcount)", &maps);
	assert_int_equal(lines_with(maps, "seen0.flows "), 5);
	free(maps);
}

static void functions_have_maps_of_their_own(void **state)
{
	char *maps;

	everywhere("[pcap "
		   "$F0]>[(BPF,\"udp\")>(seen,name=udp)|(seen,name=all)|(BPF,\"tcp\")>(seen,size=3,name=three)>(mixed,"
		   "3)]>("
		   "pktcount)",
		   &maps);
	assert_true(lines_with(maps, "all.flows ") > lines_with(maps, "udp.flows "));
	assert_true(lines_with(maps, "udp.flows ") > 3);
	assert_int_equal(lines_with(maps, "three.flows "), 3);
	free(maps);
}

static void random_programs_agree(void **state)
{
	unsigned failed = 0;

	for (unsigned seed = 0; seed < 40; seed++) {
		struct run_case c = {.text = NULL, .input = &input};
		char text[200];

		snprintf(text, sizeof(text), "[pcap $F0]>(mixed,%u)>(mixed,%u)>(pktcount)", seed, seed + 1000);
		c.title = c.text = text;
		run_library(&c, "user", false, 0, false);
		run_library(&c, "user, interpreted", false, 0, true);
		run_programs(&c, false);
		run_programs(&c, true);
		if (geteuid() == 0)
			run_replays(&c, 0);
		free(c.expected);
		free(c.maps);
		failed += c.failures != 0;
	}
	assert_int_equal(failed, 0);
}

/* ---- what is in from the beginning ----------------------------------------------------------- */

static uint64_t packets_in(struct ffpf *h, size_t function)
{
	struct ffpf_stats *stats;
	uint64_t n;

	assert_int_equal(ffpf_stats_get(h, &stats), 0);
	n = stats->functions[function].packets_in;
	ffpf_stats_free(stats);
	return n;
}

static void longest_prefixes_are_found(bool replay)
{
	const struct ffpf_define define = {"F0", input.names[0]};
	const struct ffpf_options options = {.replay = replay, .defines = &define, .n_defines = 1};
	struct ffpf *h = ffpf_create(&options);
	uint64_t expected[4] = {0};
	struct ffpf_map_entries *entries;
	struct ffpf_map_info info;
	struct ffpf_packet p;

	for (size_t at = 24; run_next(&input.captures[0], &at, &p);)
		if (p.caplen >= 34) {
			const uint8_t *dst = p.data + 30;

			expected[dst[0] != 10 ? 0 : dst[1] || dst[2] ? 1 : dst[3] != 7 ? 2 : 3]++;
		}
	assert_int_equal(ffpf_populate(h, "nets",
				       "[pcap $F0]>(net)>[11:(pktcount)|12:(pktcount)|13:(pktcount)|14:(pktcount)]", 0),
			 0);
	if (ffpf_instantiate(h))
		fail_msg("%s", ffpf_error(h));
	assert_string_equal(ffpf_function_name(h, 1), "net0");
	assert_null(ffpf_function_name(h, 6));
	assert_int_equal(ffpf_map_get(h, 0, &info), 0);
	assert_true(info.announced);
	assert_string_equal(info.kind, "lpm_trie");
	assert_int_equal(info.key_size, 8);
	assert_int_equal(info.key.n, 2);
	assert_int_equal(ffpf_map_read(h, 0, &entries), 0);
	assert_int_equal(entries->n, NET_PREFIXES);
	ffpf_map_entries_free(entries);
	assert_int_equal(ffpf_activate(h), 0);
	while (ffpf_wait(&h, 1, 0, 1000000) > 0)
		;
	ffpf_deactivate(h);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(packets_in(h, 2 + i), expected[i]);
	assert_true(expected[2] && expected[0]);
	ffpf_close(h);
}

static void prefixes_at_user(void **state)
{
	longest_prefixes_are_found(false);
}

static void prefixes_at_xdp(void **state)
{
	need_root();
	longest_prefixes_are_found(true);
}

/* Is a map of that type among our descriptors frozen? -1: there is none. */
static int frozen(unsigned type)
{
	int found = -1;

	for (int fd = 3; fd < 200; fd++) {
		char name[64], line[128];
		unsigned its_type = UINT32_MAX, value;
		FILE *info;

		snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", fd);
		info = fopen(name, "r");
		while (info && fgets(line, sizeof(line), info)) {
			sscanf(line, "map_type: %u", &its_type);
			if (sscanf(line, "frozen: %u", &value) == 1 && its_type == type)
				found = (int)value;
		}
		if (info)
			fclose(info);
	}
	return found;
}

static void what_programs_only_read_is_frozen(void **state)
{
	enum { HASH = 1, LPM_TRIE = 11 }; /* enum bpf_map_type */
	struct ffpf *h = ffpf_create(NULL);

	need_root();
	assert_int_equal(ffpf_populate(h, "frozen", "[dev lo]>[(net)|(seen)]", 0), 0);
	if (ffpf_instantiate(h))
		fail_msg("%s", ffpf_error(h));
	assert_int_equal(frozen(LPM_TRIE), 1);
	assert_int_equal(frozen(HASH), 0);
	ffpf_close(h);
}

/* ---- what may not be ------------------------------------------------------------------------- */

static struct ffpf_class_map bad_map;
static struct ffpf_schema bad_keeps = {.maps = &bad_map, .n_maps = 1};

static const struct ffpf_schema *bad_schema(const struct ffpf_instance *instance)
{
	return &bad_keeps;
}

static const struct ffpf_class bad_class = {.abi = FFPF_CLASS_ABI,
					    .name = "badmap",
					    .help = "announces nonsense",
					    .role = FFPF_FUNCTION,
					    .schema = bad_schema,
					    .build = net_build};

static void refused_with(const char *part)
{
	struct ffpf *h = ffpf_create(NULL);
	char text[200];
	const struct ffpf_diags *diags;
	FILE *out;
	char *said = NULL;
	size_t size;

	snprintf(text, sizeof(text), "[pcap \"%s\"]>(badmap)", input.names[0]);
	assert_int_equal(ffpf_populate(h, "bad", text, 0), -EINVAL);
	diags = ffpf_diagnostics(h);
	out = open_memstream(&said, &size);
	ffpf_diags_print((struct ffpf_diags *)diags, out, false);
	fclose(out);
	if (!strstr(said, part) || !strstr(said, "class-program"))
		fail_msg("'%s' is not in: %s", part, said);
	free(said);
	ffpf_close(h);
}

static void what_a_schema_may_not_say(void **state)
{
	static const uint64_t words[2] = {1, 2};
	static const uint8_t key[8], prefix[1] = {33};
	static const struct ffpf_member outside = {.name = "x", .offset = 2, .count = 1, .size = 4};
	static const struct ffpf_field field = {.name = "m", .cells = 1};
	const struct ffpf_class_map good = {
		.name = "m", .kind = FFPF_MAP_HASH, .key_size = 4, .words = 1, .max_entries = 10};
	const char *why;

	assert_int_equal(ffpf_class_register(&bad_class, &why), 0);
#define BAD(change, part)                                                                                              \
	do {                                                                                                           \
		bad_map = good;                                                                                        \
		change;                                                                                                \
		refused_with(part);                                                                                    \
	} while (0)
	BAD(bad_map.name = NULL, "no name");
	BAD(bad_map.name = "a b", "no name");
	BAD(bad_map.kind = FFPF_MAP_PROGRAMS, "no kind");
	BAD(bad_map.kind = FFPF_MAP_PERCPU_HASH, "no kind");
	BAD(bad_map.key_size = 0, "keys of 0 bytes");
	BAD(bad_map.key_size = 65, "keys of 65 bytes");
	BAD((bad_map.kind = FFPF_MAP_ARRAY, bad_map.key_size = 8), "keys of 8 bytes");
	BAD(bad_map.words = 0, "0 words");
	BAD(bad_map.words = 33, "33 words");
	BAD(bad_map.max_entries = 0, "no room");
	BAD((bad_map.key = (struct ffpf_members){&outside, 1}), "describes");
	BAD((bad_map.value = (struct ffpf_members){NULL, 3}), "describes");
	BAD((bad_map.n_filled = 11, bad_map.keys = key), "room for 10");
	BAD(bad_map.n_filled = 1, "without keys");
	BAD((bad_map.n_filled = 1, bad_map.keys = key, bad_map.prefixes = prefix), "prefix");
	BAD((bad_map.kind = FFPF_MAP_LPM, bad_map.n_filled = 1, bad_map.keys = key), "prefix");
	BAD((bad_map.kind = FFPF_MAP_LPM, bad_map.n_filled = 1, bad_map.keys = key, bad_map.prefixes = prefix),
	    "longer than its keys");
	BAD((bad_map.kind = FFPF_MAP_ARRAY, bad_map.n_filled = 1, bad_map.keys = key, bad_map.values = words),
	    "without values");
	bad_keeps.fields = &field;
	bad_keeps.n_fields = 1;
	BAD((void)0, "a map and a field 'm'");
	bad_keeps = (struct ffpf_schema){.maps = NULL, .n_maps = 1};
	BAD((void)0, "without a usable table");
#undef BAD
}

/* Classes that say nothing of their instances: what the class has. */
static void what_classes_say(void **state)
{
	const struct ffpf_instance net = {.class = &net_class};
	struct ffpf_instance plain = {.class = ffpf_class_find("pktcount")};

	assert_ptr_equal(ffpf_instance_schema(&net)->maps, &net_map);
	assert_string_equal(ffpf_map_kind_name(FFPF_MAP_LRU_HASH), "lru_hash");
	assert_int_equal(ffpf_instance_schema(&plain)->n_fields, 1);
	assert_int_equal(ffpf_instance_schema(&plain)->n_maps, 0);
	assert_int_equal(ffpf_instance_flags(&plain), FFPF_CLASS_PASSES);
	plain.class = &seen_class;
	assert_int_equal(ffpf_instance_flags(&plain), FFPF_CLASS_PASSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_counted),	     cmocka_unit_test(threads_share_maps),
		cmocka_unit_test(a_full_map_takes_no_more),  cmocka_unit_test(functions_have_maps_of_their_own),
		cmocka_unit_test(random_programs_agree),     cmocka_unit_test(prefixes_at_user),
		cmocka_unit_test(prefixes_at_xdp),	     cmocka_unit_test(what_programs_only_read_is_frozen),
		cmocka_unit_test(what_a_schema_may_not_say), cmocka_unit_test(what_classes_say),
	};

	return cmocka_run_group_tests(tests, make_input, free_input);
}

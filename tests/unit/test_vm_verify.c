/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verifier's cases, the .t files of tests/vm_verify: programs that it takes, which then run on the reference
 * machine and on the real one, and programs that it refuses, for the reason given.
 *
 *   == name
 *   -- context xdp        r1 is a struct xdp_md; without: memory
 *   -- memory 64          bytes at r1; r2 is their number
 *   -- writes             the program may write to the packet
 *   -- frames 2           calls may nest so deep
 *   -- map counts array 4 8 16 [reads]      name, kind, key, value, entries
 *   -- packet HEX         what it runs on, also the memory's content; default: 64 bytes that count up
 *   -- asm                vm_asm.h
 *   -- r0 VALUE           accepted, and gives this
 *   -- accept             accepted; r0 is only to be the same everywhere
 *   -- error TEXT         refused, and the message's first line has this
 */
#include <flowspaces/user/vm/vm.h>

#include "vm_asm.h"
#include "vm_world.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MAPS = 8, TEXT = 32768 };

struct vm_case {
	const char *file;
	char name[128], text[TEXT], error[256];
	struct ffpf_map_spec specs[MAPS];
	struct ffpf_vm_map maps[MAPS];
	struct ffpf_vm_program program;
	uint8_t packet[WORLD_PACKET];
	size_t length;
	uint64_t r0;
	bool begun, known;
};

static struct counts {
	unsigned files, accepted, refused, wrong;
} counts;

static int helper_id(const char *name)
{
	for (size_t i = 0; i < world_helpers.n; i++)
		if (!strcmp(world_table[i].name, name))
			return world_table[i].id;
	return 0;
}

#define WRONG(c, ...)                                                                                                  \
	do {                                                                                                           \
		fprintf(stderr, "%s: %s: ", (c)->file, (c)->name);                                                     \
		fprintf(stderr, __VA_ARGS__);                                                                          \
		fputc('\n', stderr);                                                                                   \
		counts.wrong++;                                                                                        \
	} while (0)

static void check_run(const struct vm_case *c, const struct bpf_insn *verified)
{
	struct reference machines[2] = {{.n = 0}, {.n = 0}};
	struct world *worlds[4];
	const char *why = NULL;
	uint64_t r0[4];

	for (int i = 0; i < 4; i++) {
		worlds[i] = world_new(&c->program, c->packet, c->length);
		r0[i] = i < 2 ? world_reference(worlds[i], &c->program, verified, &machines[i])
			      : world_machine(worlds[i], &c->program, verified, i == 3, &why);
		if (i < 2 && machines[i].fault[0])
			WRONG(c, "accepted, but %s", machines[i].fault);
		if (why)
			WRONG(c, "accepted, but not loaded: %s", why);
		if (r0[i] != r0[0] || !world_equal(worlds[i], worlds[0]))
			WRONG(c, "run %d differs from the first: r0 is %#lx, not %#lx", i, (unsigned long)r0[i],
			      (unsigned long)r0[0]);
	}
	if (c->known && r0[0] != c->r0)
		WRONG(c, "r0 is %#lx, not %#lx", (unsigned long)r0[0], (unsigned long)c->r0);
	for (int i = 0; i < 4; i++)
		world_free(worlds[i]);
}

static void check_case(struct vm_case *c)
{
	static struct bpf_insn insns[ASM_MOST], verified[ASM_MOST];
	char *message = NULL;

	if (!c->begun)
		return;
	memset(asm_names.maps, 0, sizeof(asm_names.maps));
	for (size_t i = 0; i < c->program.n_maps; i++) {
		c->maps[i].spec = &c->specs[i];
		asm_names.maps[i] = c->specs[i].name;
	}
	asm_names.helper = helper_id;
	int n = asm_text(c->text, insns);
	if (n < 0) {
		WRONG(c, "not assembled");
		return;
	}
	c->program.insns = insns;
	c->program.n = (size_t)n;
	c->program.helpers = &world_helpers;
	c->program.maps = c->maps;
	int error = ffpf_vm_verify(&c->program, verified, 0, &message);
	size_t first = message ? strcspn(message, "\n") : 0;
	if (c->error[0]) {
		counts.refused++;
		const char *found = message ? strstr(message, c->error) : NULL;
		if (!error)
			WRONG(c, "accepted");
		else if (!found || found > message + first)
			WRONG(c, "refused for another reason: %s", message ? message : "none");
	} else {
		counts.accepted++;
		if (error)
			WRONG(c, "refused: %s", message ? message : "out of memory");
		else if (message)
			WRONG(c, "accepted, with a message");
		else
			check_run(c, verified);
	}
	free(message);
}

static void add_map(struct vm_case *c, const char *line)
{
	static const char *const kinds[] = {"array",	"percpu_array",	   "hash", "percpu_hash",
					    "lru_hash", "lru_percpu_hash", "lpm",  "programs"};
	struct ffpf_map_spec *spec = &c->specs[c->program.n_maps++];
	char kind[32] = "", flag[16] = "";

	if (sscanf(line, "%63s %31s %u %u %u %15s", spec->name, kind, &spec->key_size, &spec->value_size,
		   &spec->max_entries, flag) < 5)
		WRONG(c, "no map: %s", line);
	for (unsigned k = 0; k < FFPF_MAP_KINDS; k++)
		if (!strcmp(kinds[k], kind))
			spec->kind = (enum ffpf_map_kind)k;
	spec->flags = !strcmp(flag, "reads") ? FFPF_MAP_PROGRAM_READS : 0;
}

static void read_bytes(struct vm_case *c, const char *text)
{
	char *end = (char *)text;

	c->length = 0;
	while (c->length < sizeof(c->packet)) {
		const char *at = end;
		unsigned long byte = strtoul(at, &end, 16);

		if (end == at)
			break;
		c->packet[c->length++] = (uint8_t)byte;
	}
}

static void read_directive(struct vm_case *c, const char *line)
{
	if (!strncmp(line, "context xdp", 11))
		c->program.context = &ffpf_vm_xdp_md;
	else if (!strncmp(line, "context skb", 11))
		c->program.context = &ffpf_vm_sk_buff;
	else if (!strncmp(line, "memory ", 7))
		c->program.memory = strtoull(line + 7, NULL, 0);
	else if (!strncmp(line, "writes", 6))
		c->program.writes_packet = true;
	else if (!strncmp(line, "frames ", 7))
		c->program.frames = (unsigned)atoi(line + 7);
	else if (!strncmp(line, "map ", 4))
		add_map(c, line + 4);
	else if (!strncmp(line, "packet", 6))
		read_bytes(c, line + 6);
	else if (!strncmp(line, "r0 ", 3)) {
		c->r0 = line[3] == '-' ? (uint64_t)strtoll(line + 3, NULL, 0) : strtoull(line + 3, NULL, 0);
		c->known = true;
	} else if (!strncmp(line, "error ", 6))
		snprintf(c->error, sizeof(c->error), "%.*s", (int)strcspn(line + 6, "\n"), line + 6);
	else if (strncmp(line, "asm", 3) && strncmp(line, "accept", 6))
		WRONG(c, "unknown: %s", line);
}

static void read_line(struct vm_case *c, const char *line)
{
	if (!strncmp(line, "== ", 3)) {
		const char *file = c->file;

		check_case(c);
		memset(c, 0, sizeof(*c));
		c->file = file;
		c->begun = true;
		c->length = 64;
		for (size_t i = 0; i < c->length; i++)
			c->packet[i] = (uint8_t)i;
		snprintf(c->name, sizeof(c->name), "%.*s", (int)strcspn(line + 3, "\n"), line + 3);
	} else if (!strncmp(line, "-- ", 3)) {
		read_directive(c, line + 3);
	} else if (strlen(c->text) + strlen(line) < sizeof(c->text)) {
		strcat(c->text, line);
	}
}

static void read_file(const char *folder, const char *name)
{
	struct vm_case *c = calloc(1, sizeof(*c));
	char path[4096], line[8192];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	assert_non_null(file);
	c->file = name;
	while (fgets(line, sizeof(line), file))
		read_line(c, line);
	check_case(c);
	fclose(file);
	free(c);
	counts.files++;
}

static void test_cases(void **state)
{
	DIR *dir = opendir(TEST_DIR "/vm_verify");

	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));) {
		size_t length = strlen(entry->d_name);

		if (length > 2 && !strcmp(entry->d_name + length - 2, ".t"))
			read_file(TEST_DIR "/vm_verify", entry->d_name);
	}
	closedir(dir);
	printf("%u programs accepted, %u refused, in %u files\n", counts.accepted, counts.refused, counts.files);
	assert_int_equal(counts.wrong, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	(void)argc;
	(void)argv;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

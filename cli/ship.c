/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ships the maps that functions of the class export are asked for: a line of JSON for each map, in the form of the
 * control socket's answers.
 *
 *     {"export":"export0","asked":3,"elapsed_s":0.2,"function":"e","map":"flows","entries":[{"key":…,"value":…}…]}
 */
#include "cli.h"
#include "control.h"
#include "ship.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct target {
	FILE *out;
	bool failed;
	uint64_t shipped; /* what had been asked when it was shipped last */
};

struct ship {
	bool begun;
	struct target *targets; /* one for each function of the class export */
	size_t n;
};

/* What is in the file stays until everything runs: a run that fails to begin changes no file. */
static FILE *open_kept(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out && fd >= 0)
		close(fd);
	return out;
}

static void begin(struct ship *ship)
{
	for (size_t i = 0; !ship->begun && i < ship->n; i++)
		if (ship->targets[i].out != stdout)
			(void)!ftruncate(fileno(ship->targets[i].out), 0); /* not of a pipe */
	ship->begun = true;
}

int ship_open(struct ffpf *h, struct ship **out)
{
	struct ship *ship = calloc(1, sizeof(*ship));
	struct ffpf_shipment s;

	*out = ship;
	while (ship && !ffpf_shipment_get(h, ship->n, &s)) {
		struct target *targets = realloc(ship->targets, (ship->n + 1) * sizeof(*targets));

		if (!targets)
			break;
		ship->targets = targets;
		targets[ship->n] = (struct target){.out = strcmp(s.file, "-") ? open_kept(s.file) : stdout};
		if (!targets[ship->n].out) {
			complain("%s: %s: %s", s.name, s.file, strerror(errno));
			return EXIT_FAILED;
		}
		ship->n++;
	}
	return ship ? EXIT_DONE : EXIT_FAILED;
}

static json_t *document(struct ffpf *h, size_t map, const struct ffpf_map_info *info, const struct ffpf_shipment *s,
			double elapsed_s)
{
	struct ffpf_map_entries *entries = NULL;
	json_t *out, *list;

	if (ffpf_map_read(h, map, &entries))
		return NULL;
	list = json_array();
	for (size_t i = 0; i < entries->n; i++)
		json_array_append_new(list, control_entry(info, entries, i));
	ffpf_map_entries_free(entries);
	out = json_pack("{s:o, s:I, s:f, s:o, s:o}", "export", json_text(s->name), "asked", (json_int_t)s->asked,
			"elapsed_s", elapsed_s, "function", json_text(s->function), "map", json_text(info->name));
	json_object_set_new(out, "entries", list);
	return out;
}

static bool ship_one(struct ffpf *h, struct target *target, const struct ffpf_shipment *s, double elapsed_s)
{
	struct ffpf_map_info info;
	bool good = true;

	for (size_t i = 0; good && !ffpf_map_get(h, i, &info); i++) {
		json_t *line;

		if (strcmp(info.function, s->function) != 0 || (s->map && strcmp(s->map, info.name) != 0))
			continue;
		line = document(h, i, &info, s, elapsed_s);
		if (!line)
			continue;
		good = json_dumpf(line, target->out, JSON_COMPACT) == 0 && fputc('\n', target->out) != EOF;
		json_decref(line);
	}
	return fflush(target->out) == 0 && good;
}

void ship_serve(struct ship *ship, struct ffpf *h, double elapsed_s)
{
	struct ffpf_shipment s;

	if (ship)
		begin(ship);
	for (size_t i = 0; ship && i < ship->n && !ffpf_shipment_get(h, i, &s); i++) {
		struct target *target = &ship->targets[i];

		if (s.asked == target->shipped || target->failed)
			continue;
		target->shipped = s.asked;
		if (ship_one(h, target, &s, elapsed_s))
			continue;
		target->failed = true;
		complain("%s: %s: %s", s.name, s.file, strerror(errno));
	}
}

bool ship_close(struct ship *ship)
{
	bool good = true;

	for (size_t i = 0; ship && i < ship->n; i++) {
		good &= !ship->targets[i].failed;
		if (ship->targets[i].out && ship->targets[i].out != stdout)
			good &= fclose(ship->targets[i].out) == 0;
	}
	if (ship)
		free(ship->targets);
	free(ship);
	return good;
}

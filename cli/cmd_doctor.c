/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ffpf doctor: collects the findings of doctor_*.c and prints them, as text or as
 *     {"ok":true, "findings":[{"topic","name","level","text","advice"}…]}
 * Exit status 3 when something is missing that live traffic needs.
 */
#include "cli.h"
#include "doctor.h"
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct found {
	enum level level;
	char *topic, *name, *text, *advice;
};

struct doctor {
	struct found *list;
	size_t n, room;
};

static const char *const level_names[] = {"ok", "note", "warning", "missing"};
static const char *const level_styles[] = {"32", "36", "33", "31"};

void finding(struct doctor *doctor, enum level level, const char *topic, const char *name, const char *format, ...)
{
	struct found found = {.level = level, .topic = strdup(topic), .name = strdup(name)};
	va_list args;

	va_start(args, format);
	if (vasprintf(&found.text, format, args) < 0)
		found.text = NULL;
	va_end(args);
	if (doctor->n == doctor->room) {
		size_t room = doctor->room ? doctor->room * 2 : 64;
		struct found *grown = realloc(doctor->list, room * sizeof(*grown));

		if (!grown)
			abort();
		doctor->list = grown;
		doctor->room = room;
	}
	doctor->list[doctor->n++] = found;
}

void advise(struct doctor *doctor, const char *format, ...)
{
	struct found *found = &doctor->list[doctor->n - 1];
	va_list args;

	free(found->advice);
	va_start(args, format);
	if (vasprintf(&found->advice, format, args) < 0)
		found->advice = NULL;
	va_end(args);
}

static void clear(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->n; i++) {
		free(doctor->list[i].topic);
		free(doctor->list[i].name);
		free(doctor->list[i].text);
		free(doctor->list[i].advice);
	}
	free(doctor->list);
}

bool read_small(char *text, size_t size, const char *format, ...)
{
	char path[512];
	va_list args;
	ssize_t got;
	int fd;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, size - 1);
	close(fd);
	if (got < 0)
		return false;
	while (got > 0 && strchr(" \t\n", text[got - 1]))
		got--;
	text[got] = 0;
	return true;
}

long long read_integer(long long fallback, const char *format, ...)
{
	char path[512], text[64], *end;
	long long n;
	va_list args;

	va_start(args, format);
	vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	if (!read_small(text, sizeof(text), "%s", path))
		return fallback;
	n = strtoll(text, &end, 0);
	return end == text || *end ? fallback : n;
}

static void print_text(const struct doctor *doctor, bool colour)
{
	const char *topic = "";

	for (size_t i = 0; i < doctor->n; i++) {
		const struct found *found = &doctor->list[i];
		const char *style = level_styles[found->level];

		if (strcmp(topic, found->topic))
			printf("%s%s%s%s\n", i ? "\n" : "", colour ? "\033[1m" : "", found->topic,
			       colour ? "\033[0m" : "");
		topic = found->topic;
		printf("  %s%s%s%-8s%s %-14s %s\n", colour ? "\033[" : "", colour ? style : "", colour ? "m" : "",
		       level_names[found->level], colour ? "\033[0m" : "", found->name, found->text ? found->text : "");
		if (found->advice)
			printf("  %23s  > %s\n", "", found->advice);
	}
}

static int print_json(const struct doctor *doctor, bool ok)
{
	json_t *list = json_array(), *root;
	int error;

	for (size_t i = 0; i < doctor->n; i++) {
		const struct found *found = &doctor->list[i];

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s*}", "topic", found->topic, "name",
						      found->name, "level", level_names[found->level], "text",
						      found->text ? found->text : "", "advice", found->advice));
	}
	root = json_pack("{s:b, s:o}", "ok", ok, "findings", list);
	error = root ? json_dumpf(root, stdout, JSON_INDENT(2)) : -1;
	putchar('\n');
	json_decref(root);
	return error;
}

static void examine(struct doctor *doctor, const char *name, bool detail)
{
	struct device device = {.name = name, .index = if_nametoindex(name), .detail = detail};

	/* Gone since the list was made. */
	if (!device.index)
		return;
	/* `unshare -n` and some containers leave the /sys of another namespace in view. */
	device.sysfs = read_integer(0, "/sys/class/net/%s/ifindex", name) == device.index;
	if (!device.sysfs && detail)
		finding(doctor, LEVEL_NOTE, name, "sysfs",
			"/sys shows another network namespace: interrupts, RPS and NAPI can't be told");
	device.socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	doctor_device(doctor, &device);
	doctor_queues(doctor, &device);
	if (device.sysfs)
		doctor_irq(doctor, &device);
	if (device.socket >= 0)
		close(device.socket);
}

static void examine_all(struct doctor *doctor)
{
	struct if_nameindex *list = if_nameindex();

	for (struct if_nameindex *at = list; at && at->if_index; at++)
		examine(doctor, at->if_name, false);
	if (list)
		if_freenameindex(list);
}

int cmd_doctor(struct cli *cli)
{
	const char *name = cli->n_words ? cli->words[0] : NULL;
	struct doctor doctor = {0};
	bool ok = true;

	if (name && !if_nametoindex(name)) {
		complain("no device '%s'; ip link lists them", name);
		return EXIT_REQUEST;
	}
	/* What is refused shows as a finding, not as libbpf's log. */
	libbpf_set_print(NULL);
	doctor_kernel(&doctor);
	doctor_probe(&doctor);
	if (name)
		examine(&doctor, name, true);
	else
		examine_all(&doctor);
	for (size_t i = 0; i < doctor.n; i++)
		ok = ok && doctor.list[i].level != LEVEL_MISSING;
	if (cli->json)
		print_json(&doctor, ok);
	else
		print_text(&doctor, colour_wanted(cli, stdout));
	clear(&doctor);
	return ok ? EXIT_DONE : EXIT_MISSING;
}

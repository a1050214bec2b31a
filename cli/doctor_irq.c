/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's interrupts: which they are, on which processors they may fire, and how often they do, from two looks at
 * /proc/interrupts.
 *
 * A PCI device lists its message interrupts in sysfs. A virtio device's belong to its parent; without such a
 * list, the interrupts whose name holds the device's name are taken.
 */
#include "doctor.h"
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_IRQS 256
#define SAMPLE_NS 200000000

struct irqs {
	unsigned number[MAX_IRQS];
	unsigned long long before[MAX_IRQS], after[MAX_IRQS];
	size_t n;
};

static void add(struct irqs *irqs, unsigned number)
{
	for (size_t i = 0; i < irqs->n; i++)
		if (irqs->number[i] == number)
			return;
	if (irqs->n < MAX_IRQS)
		irqs->number[irqs->n++] = number;
}

static void add_listed(struct irqs *irqs, const char *device, const char *folder)
{
	char path[256];
	struct dirent *entry;
	DIR *list;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/%s", device, folder);
	list = opendir(path);
	while (list && (entry = readdir(list)))
		if (isdigit((unsigned char)entry->d_name[0]))
			add(irqs, (unsigned)strtoul(entry->d_name, NULL, 10));
	if (list)
		closedir(list);
}

/* Does line name word, as a word: not as the beginning of a longer one ("eth1" in "eth10")? */
static bool names(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = line; len && (at = strstr(at, word)); at++)
		if (!isalnum((unsigned char)at[len]) && (at == line || !isalnum((unsigned char)at[-1])))
			return true;
	return false;
}

/* One look at /proc/interrupts: sums over processors into counts, and adds interrupts by name where none are known. */
static void look(struct irqs *irqs, unsigned long long *counts, const char *device, const char *bus_name)
{
	FILE *in = fopen("/proc/interrupts", "re");
	bool by_name = irqs->n == 0;
	char *line = NULL, *at, *end;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		unsigned number = (unsigned)strtoul(line, &end, 10);
		unsigned long long sum = 0;

		if (end == line || *end != ':')
			continue;
		if (by_name && (names(line, device) || names(line, bus_name)))
			add(irqs, number);
		for (at = end + 1; *at == ' ' && isdigit((unsigned char)at[strspn(at, " ")]); at = end)
			sum += strtoull(at, &end, 10);
		for (size_t i = 0; i < irqs->n; i++)
			if (irqs->number[i] == number)
				counts[i] = sum;
	}
	free(line);
	if (in)
		fclose(in);
}

static void report(struct doctor *doctor, const struct device *device, const struct irqs *irqs)
{
	char where[128] = "?", first[128] = "";
	double total = 0;
	bool same = true;

	for (size_t i = 0; i < irqs->n; i++) {
		double rate = (double)(irqs->after[i] - irqs->before[i]) * 1e9 / SAMPLE_NS;

		total += rate;
		if (!read_small(where, sizeof(where), "/proc/irq/%u/smp_affinity_list", irqs->number[i]))
			snprintf(where, sizeof(where), "?");
		if (i == 0)
			snprintf(first, sizeof(first), "%s", where);
		same = same && !strcmp(first, where);
		if (device->detail)
			finding(doctor, LEVEL_OK, device->name, "interrupt", "%u on processor %s, %.0f/s",
				irqs->number[i], where, rate);
	}
	/* One processor is a number without comma or dash. */
	if (irqs->n > 2 && same && !first[strspn(first, "0123456789")] && sysconf(_SC_NPROCESSORS_ONLN) > 1) {
		finding(doctor, LEVEL_WARNING, device->name, "interrupts",
			"all %zu on processor %s (%.0f/s): one processor receives everything", irqs->n, first, total);
		advise(doctor, "run irqbalance, or for each: echo CPU > /proc/irq/%u/smp_affinity_list",
		       irqs->number[0]);
	} else if (!device->detail) {
		finding(doctor, LEVEL_OK, device->name, "interrupts", "%zu, %.0f/s", irqs->n, total);
	}
}

void doctor_irq(struct doctor *doctor, struct device *device)
{
	struct timespec sample = {.tv_nsec = SAMPLE_NS};
	char path[256], link[256];
	const char *bus_name;
	struct irqs irqs = {.n = 0};
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", device->name);
	len = readlink(path, link, sizeof(link) - 1);
	/* A device of software only has no interrupts. */
	if (len <= 0)
		return;
	link[len] = 0;
	bus_name = strrchr(link, '/') ? strrchr(link, '/') + 1 : link;
	add_listed(&irqs, device->name, "msi_irqs");
	if (!irqs.n)
		add_listed(&irqs, device->name, "../msi_irqs");
	look(&irqs, irqs.before, device->name, bus_name);
	if (!irqs.n)
		return;
	nanosleep(&sample, NULL);
	look(&irqs, irqs.after, device->name, bus_name);
	report(doctor, device, &irqs);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device's queues and rings, what it dropped so far, how it coalesces interrupts, and who receives: RPS and
 * threaded NAPI.
 */
#include "doctor.h"
#include <dirent.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void channels(struct doctor *doctor, const struct device *device)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};
	unsigned rx, max;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (ethtool_request(device, &channels))
		return;
	rx = channels.combined_count + channels.rx_count;
	max = channels.max_combined ? channels.max_combined : channels.max_rx;
	if (rx < max && (long)rx < cpus) {
		finding(doctor, LEVEL_NOTE, device->name, "queues",
			"%u of %u receive queues for %ld processors: the others do not receive", rx, max, cpus);
		advise(doctor, "ethtool -L %s %s %ld", device->name, channels.max_combined ? "combined" : "rx",
		       cpus < (long)max ? cpus : (long)max);
	} else if (device->detail) {
		finding(doctor, LEVEL_OK, device->name, "queues", "%u of %u receive queues", rx, max);
	}
}

static const char *const loss_words[] = {"drop", "miss", "no_buf", "nobuf", "no_buffer", "no_mem"};

static bool names_loss(const char *name)
{
	for (size_t i = 0; i < sizeof(loss_words) / sizeof(*loss_words); i++)
		if (strcasestr(name, loss_words[i]))
			return true;
	return false;
}

/* Counters of the driver's own: those above zero whose name speaks of loss. */
static void driver_counters(struct doctor *doctor, struct device *device)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ethtool_gstrings *names;
	struct ethtool_stats *values;

	if (ethtool_request(device, &info) || !info.n_stats || info.n_stats > 65536)
		return;
	names = calloc(1, sizeof(*names) + (size_t)info.n_stats * ETH_GSTRING_LEN);
	values = calloc(1, sizeof(*values) + (size_t)info.n_stats * sizeof(values->data[0]));
	if (names && values) {
		*names = (struct ethtool_gstrings){
			.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_STATS, .len = info.n_stats};
		*values = (struct ethtool_stats){.cmd = ETHTOOL_GSTATS, .n_stats = info.n_stats};
		if (ethtool_request(device, names) || ethtool_request(device, values))
			names->len = 0;
		for (unsigned i = 0; i < names->len && i < values->n_stats; i++) {
			char name[ETH_GSTRING_LEN + 1];

			snprintf(name, sizeof(name), "%.*s", ETH_GSTRING_LEN,
				 (const char *)names->data + i * ETH_GSTRING_LEN);
			/* Drops that XDP programs decided on are no loss. */
			if (!values->data[i] || !names_loss(name) || strcasestr(name, "xdp_drop"))
				continue;
			if (device->detail)
				finding(doctor, LEVEL_WARNING, device->name, "driver counter", "%s = %llu", name,
					(unsigned long long)values->data[i]);
		}
	}
	free(names);
	free(values);
}

/* One of the kernel's own counters of a device. */
static void counter(struct doctor *doctor, struct device *device, const char *name, unsigned long n,
		    const char *meaning)
{
	if (n) {
		device->drops += n;
		finding(doctor, LEVEL_WARNING, device->name, "drops", "%s = %lu since the device is there: %s", name, n,
			meaning);
		advise(doctor, "watch whether it grows: ip -s -s link show dev %s", device->name);
	} else if (device->detail) {
		finding(doctor, LEVEL_OK, device->name, "drops", "%s = 0", name);
	}
}

static void drops(struct doctor *doctor, struct device *device)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list))
		return;
	for (struct ifaddrs *at = list; at; at = at->ifa_next) {
		const struct rtnl_link_stats *stats = at->ifa_data;

		if (!at->ifa_addr || at->ifa_addr->sa_family != AF_PACKET || !stats ||
		    strcmp(at->ifa_name, device->name))
			continue;
		/* rx_dropped also counts frames that nobody wanted. */
		counter(doctor, device, "rx_dropped", stats->rx_dropped, "dropped by the kernel's receive path");
		counter(doctor, device, "rx_missed_errors", stats->rx_missed_errors, "no room in the card");
		counter(doctor, device, "rx_fifo_errors", stats->rx_fifo_errors, "overrun of the receive ring");
		break;
	}
	freeifaddrs(list);
	driver_counters(doctor, device);
}

static void rings(struct doctor *doctor, const struct device *device)
{
	struct ethtool_ringparam rings = {.cmd = ETHTOOL_GRINGPARAM};

	if (ethtool_request(device, &rings))
		return;
	if (rings.rx_pending < rings.rx_max_pending && device->drops) {
		finding(doctor, LEVEL_WARNING, device->name, "ring",
			"%u of %u receive descriptors, and there were drops", rings.rx_pending, rings.rx_max_pending);
		advise(doctor, "ethtool -G %s rx %u", device->name, rings.rx_max_pending);
	} else if (device->detail) {
		finding(doctor, LEVEL_OK, device->name, "ring", "%u of %u receive descriptors", rings.rx_pending,
			rings.rx_max_pending);
	}
}

static void coalescing(struct doctor *doctor, const struct device *device)
{
	struct ethtool_coalesce coalesce = {.cmd = ETHTOOL_GCOALESCE};

	if (!device->detail || ethtool_request(device, &coalesce))
		return;
	finding(doctor, LEVEL_OK, device->name, "coalescing", "an interrupt after %u us or %u frames%s",
		coalesce.rx_coalesce_usecs, coalesce.rx_max_coalesced_frames,
		coalesce.use_adaptive_rx_coalesce ? ", adaptive" : "");
}

/* Receive packet steering: the queues' masks that are not all zero. */
static void steering(struct doctor *doctor, const struct device *device)
{
	char path[256], mask[256];
	unsigned steered = 0;
	struct dirent *entry;
	DIR *folder;

	snprintf(path, sizeof(path), "/sys/class/net/%s/queues", device->name);
	folder = opendir(path);
	while (folder && (entry = readdir(folder)))
		if (!strncmp(entry->d_name, "rx-", 3) &&
		    read_small(mask, sizeof(mask), "%s/%s/rps_cpus", path, entry->d_name))
			steered += mask[strspn(mask, "0,")] != 0;
	if (folder)
		closedir(folder);
	if (steered)
		finding(doctor, LEVEL_NOTE, device->name, "RPS",
			"%u receive queue%s steer packets to other processors: after driver-mode XDP, before generic "
			"XDP and TC",
			steered, steered == 1 ? "" : "s");
	else if (device->detail)
		finding(doctor, LEVEL_OK, device->name, "RPS", "off");
}

void doctor_queues(struct doctor *doctor, struct device *device)
{
	channels(doctor, device);
	drops(doctor, device);
	rings(doctor, device);
	coalescing(doctor, device);
	if (!device->sysfs)
		return;
	steering(doctor, device);
	if (device->detail)
		finding(doctor, LEVEL_OK, device->name, "NAPI",
			read_integer(0, "/sys/class/net/%s/threaded", device->name) ? "in threads of its own"
										    : "in softirq");
}

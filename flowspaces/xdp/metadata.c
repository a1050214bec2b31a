/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drivers in whose driver mode packets have no metadata (they call xdp_set_data_meta_invalid, or xdp_prepare_buff with
 * meta_valid = false). The kernel does not tell before a packet is there, when bpf_xdp_adjust_meta fails, so here is
 * who is known; whoever is not and has none shows at run time. Generic mode has metadata, whatever the driver.
 */
#include <flowspaces/bpf/device.h>
#include <flowspaces/xdp/attach.h>

#include <linux/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static const struct {
	const char *driver;
	unsigned since; /* KERNEL_VERSION from which on there is some; 0: none yet */
} without[] = {
	{"tun", KERNEL_VERSION(6, 15, 0)},
	{"ena", 0},
	{"fsl_dpaa2_eth", 0},
	{"gve", 0},
	{"hv_netvsc", 0},
	{"mana", 0},
	{"mvneta", 0},
	{"mvpp2", 0},
	{"netsec", 0},
	{"qede", 0},
	{"sfc", 0},
	{"thunder-nicvf", 0},
	{"vif", 0}, /* xen-netfront */
};

static unsigned running_version(void)
{
	unsigned major = 0, minor = 0;
	struct utsname name;

	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return KERNEL_VERSION(major, minor, 0);
}

bool ffpf_xdp_without_metadata(const char *name, unsigned ifindex, char driver[FFPF_DEVICE_DRIVER_MAX])
{
	const char *also = getenv("FFPF_XDP_NO_METADATA"); /* for tests: this driver, too */

	if (ffpf_device_driver(name, driver) < 0)
		return false;
	if (also && !strcmp(also, driver))
		return true;
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		if (!strcmp(without[i].driver, driver))
			return (!without[i].since || running_version() < without[i].since) &&
			       ffpf_xdp_expected_mode(ifindex) != FFPF_XDP_GENERIC;
	return false;
}

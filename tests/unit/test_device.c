/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device side of the xdp flowspace against real devices, in a network namespace of the test's own:
 *
 *     lo (772)   fdev0 ──veth── fdev1 (mtu 9000)   ftun0 (65534)   ftap0 (1)
 *
 * Without the privilege to make one, or to load a program, it says so and is counted as skipped.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <flowspaces/xdp/attach.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <pcap/dlt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char why[FFPF_WHY_MAX], notice[FFPF_WHY_MAX];

/* An XDP program that returns `action`. */
static int load(const char *name, int action, uint32_t flags)
{
	const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = action},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .prog_flags = flags);

	return bpf_prog_load(BPF_PROG_TYPE_XDP, name, "GPL", program, 2, &options);
}

static int shell(const char *command)
{
	const int status = system(command);

	if (status)
		fprintf(stderr, "failed: %s\n", command);
	return status;
}

static struct ffpf_source_info probe(const char *name)
{
	struct ffpf_source_info info = {0};

	assert_int_equal(ffpf_device_probe(name, &info, why), 0);
	assert_string_equal(why, "");
	assert_int_equal(info.ifindex, if_nametoindex(name));
	return info;
}

static void test_link_types(void **state)
{
	struct ffpf_source_info info = {.ifindex = 77};

	assert_int_equal(probe("fdev0").linktype, DLT_EN10MB);
	assert_int_equal(probe("lo").linktype, DLT_EN10MB);
	assert_int_equal(probe("ftun0").linktype, DLT_RAW);
	assert_int_equal(probe("ftap0").linktype, DLT_EN10MB);
	assert_true(probe("fdev0").snaplen >= 65535);

	assert_int_equal(ffpf_device_probe("fdevx", &info, why), -ENODEV);
	assert_non_null(strstr(why, "'fdevx'"));
	assert_int_equal(ffpf_device_probe("a-name-that-is-longer-than-any-interface", &info, why), -ENODEV);
	assert_int_equal(info.ifindex, 77); /* untouched on failure */
}

static void test_unknown_link_type(void **state)
{
	struct ffpf_source_info info;

	if (system("ip link add fcan0 type vcan 2>/dev/null") && system("ip link add fcan0 type nlmon 2>/dev/null")) {
		print_message("no vcan, no nlmon here: no device of another link type to try\n");
		skip();
	}
	assert_int_equal(ffpf_device_probe("fcan0", &info, why), -EOPNOTSUPP);
	assert_non_null(strstr(why, "link type"));
}

static void test_vlan(void **state)
{
	assert_true(probe("lo").vlan_in_data);
	assert_true(probe("ftap0").vlan_in_data);
	assert_false(probe("ftun0").vlan_in_data);
	assert_false(probe("fdev0").vlan_in_data);

	/* The sending end decides, and both kinds of tag count. */
	assert_int_equal(shell("ethtool -K fdev0 rxvlan off"), 0);
	assert_false(probe("fdev0").vlan_in_data);
	assert_int_equal(shell("ethtool -K fdev1 txvlan off"), 0);
	assert_false(probe("fdev0").vlan_in_data);
	assert_int_equal(shell("ethtool -K fdev1 tx-vlan-stag-hw-insert off"), 0);
	assert_true(probe("fdev0").vlan_in_data);
	assert_false(probe("fdev1").vlan_in_data);
}

static void test_names(void **state)
{
	unsigned found = 0;

	for (size_t i = 0; ffpf_device_name_at(NULL, i); i++)
		found += !strcmp(ffpf_device_name_at(NULL, i), "fdev0") || !strcmp(ffpf_device_name_at(NULL, i), "lo");
	assert_int_equal(found, 2);
}

static void test_promisc(void **state)
{
	const int fd = ffpf_device_promisc(if_nametoindex("fdev0"));

	assert_true(fd >= 0);
	assert_int_equal(system("ip -d link show fdev0 | grep -q 'promiscuity 1'"), 0);
	close(fd);
	assert_int_equal(system("ip -d link show fdev0 | grep -q 'promiscuity 0'"), 0);
	assert_int_equal(ffpf_device_promisc(123456), -ENODEV);
	assert_int_equal(ffpf_device_drops(if_nametoindex("fdev0")), 0);
	assert_int_equal(ffpf_device_drops(0), 0);
}

static void test_driver_mode(void **state)
{
	const int fd = load("dev_pass", XDP_PASS, BPF_F_XDP_HAS_FRAGS);
	struct ffpf_attachment attachment;

	assert_int_equal(ffpf_xdp_attach(fd, "fdev0", if_nametoindex("fdev0"), &attachment, notice, why), 0);
	assert_int_equal(attachment.mode, FFPF_XDP_DRIVER);
	assert_string_equal(notice, "");
	ffpf_xdp_detach(&attachment);
	ffpf_xdp_detach(&attachment); /* twice is once */
	/* The device is free at once. */
	assert_int_equal(ffpf_xdp_attach(fd, "fdev0", if_nametoindex("fdev0"), &attachment, notice, why), 0);
	ffpf_xdp_detach(&attachment);
	close(fd);
}

static void test_generic_mode(void **state)
{
	const int fd = load("dev_pass", XDP_PASS, BPF_F_XDP_HAS_FRAGS);
	struct ffpf_attachment attachment;

	assert_int_equal(ffpf_xdp_attach(fd, "lo", if_nametoindex("lo"), &attachment, notice, why), 0);
	assert_int_equal(attachment.mode, FFPF_XDP_GENERIC);
	print_message("%s\n", notice);
	assert_non_null(strstr(notice, "lo: driver mode refused (Operation not supported"));
	assert_non_null(strstr(notice, "super-packets"));
	ffpf_xdp_detach(&attachment);
	close(fd);
}

/* What explain says must be what attaching does. */
static void test_expected_mode(void **state)
{
	static const char *const devices[] = {"fdev0", "ftap0", "ftun0", "lo"};
	const int fd = load("dev_pass", XDP_PASS, BPF_F_XDP_HAS_FRAGS);
	struct ffpf_attachment attachment;

	if (ffpf_xdp_expected_mode(if_nametoindex("lo")) == -EOPNOTSUPP) {
		print_message("this kernel has no netdev family\n");
		close(fd);
		skip();
	}
	for (unsigned i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		const unsigned ifindex = if_nametoindex(devices[i]);

		assert_int_equal(ffpf_xdp_attach(fd, devices[i], ifindex, &attachment, notice, why), 0);
		print_message("%s: %s mode\n", devices[i], attachment.mode == FFPF_XDP_DRIVER ? "driver" : "generic");
		assert_int_equal(ffpf_xdp_expected_mode(ifindex), attachment.mode);
		ffpf_xdp_detach(&attachment);
	}
	assert_int_equal(ffpf_xdp_expected_mode(123456), -EOPNOTSUPP);
	close(fd);
}

/* A program that does not know fragments meets a large MTU: the driver's own sentence must reach the user. */
static void test_reason(void **state)
{
	const int fd = load("dev_nofrags", XDP_PASS, 0);
	struct ffpf_attachment attachment = {.link_fd = -1};

	assert_int_equal(ffpf_xdp_attach(fd, "fdev0", if_nametoindex("fdev0"), &attachment, notice, why), 0);
	print_message("%s\n", notice);
	assert_non_null(strstr(notice, "MTU"));
	ffpf_xdp_detach(&attachment);
	close(fd);
}

static void attach_refused(int fd)
{
	struct ffpf_attachment attachment = {.link_fd = -7};

	assert_int_equal(ffpf_xdp_attach(fd, "fdev0", if_nametoindex("fdev0"), &attachment, notice, why), -EBUSY);
	assert_int_equal(attachment.link_fd, -7);
	assert_string_equal(notice, "");
	print_message("%s\n", why);
	assert_non_null(strstr(why, "fdev0 already runs an XDP program: 'dev_holder'"));
}

static uint32_t holder_id(void)
{
	uint32_t id = 0;

	assert_int_equal(bpf_xdp_query_id((int)if_nametoindex("fdev0"), 0, &id), 0);
	return id;
}

static void test_occupied(void **state)
{
	const int ifindex = (int)if_nametoindex("fdev0");
	const int holder = load("dev_holder", XDP_PASS, BPF_F_XDP_HAS_FRAGS),
		  mine = load("dev_mine", XDP_DROP, BPF_F_XDP_HAS_FRAGS);
	static const uint32_t modes[] = {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE};
	char expected[64];

	for (unsigned i = 0; i < 2; i++) {
		LIBBPF_OPTS(bpf_link_create_opts, options, .flags = modes[i]);
		const int link = bpf_link_create(holder, ifindex, BPF_XDP, &options);
		uint32_t id = holder_id();

		assert_true(link >= 0);
		attach_refused(mine);
		assert_non_null(strstr(why, "held by a bpf_link, id "));
		snprintf(expected, sizeof(expected), "(id %u, %s mode", id, i ? "generic" : "driver");
		assert_non_null(strstr(why, expected));
		assert_int_equal(holder_id(), id);
		close(link);

		assert_int_equal(bpf_xdp_attach(ifindex, holder, modes[i], NULL), 0);
		attach_refused(mine);
		assert_non_null(strstr(why, "without a bpf_link"));
		assert_non_null(strstr(why, i ? "fdev0 xdpgeneric off" : "fdev0 xdpdrv off"));
		assert_int_equal(bpf_xdp_detach(ifindex, modes[i], NULL), 0);
	}
	close(holder);
	close(mine);
}

static void test_gone(void **state)
{
	const int fd = load("dev_pass", XDP_PASS, BPF_F_XDP_HAS_FRAGS);
	struct ffpf_attachment attachment;

	assert_int_equal(ffpf_xdp_attach(fd, "fdevx", 123456, &attachment, notice, why), -ENODEV);
	assert_non_null(strstr(why, "fdevx: No such device"));
	assert_string_equal(notice, "");
	close(fd);
}

static void test_test_run(void **state)
{
	const int fd = load("dev_drop", XDP_DROP, BPF_F_XDP_HAS_FRAGS);
	static uint8_t packet[9000] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
	uint32_t action = 99, ns = 0;

	assert_int_equal(ffpf_bpf_test_run(fd, packet, 13, 1, &action, NULL), -EINVAL);
	assert_int_equal(action, 99);
	assert_int_equal(ffpf_bpf_test_run(fd, packet, 14, 1, &action, NULL), 0);
	assert_int_equal(action, XDP_DROP);
	assert_int_equal(ffpf_bpf_test_run(fd, packet, sizeof(packet), 1000, &action, &ns), 0);
	assert_int_equal(action, XDP_DROP);
	assert_true(ns < 1000000);
	close(fd);
}

static int setup(void)
{
	int fd;

	if (unshare(CLONE_NEWNET) < 0) {
		printf("skipped: no network namespace of our own: %s\n", strerror(errno));
		return 77;
	}
	fd = load("dev_try", XDP_PASS, 0);
	if (fd < 0) {
		printf("skipped: no XDP program may be loaded: %s\n", strerror(-fd));
		return 77;
	}
	close(fd);
	return shell(
		"ip link set lo up && ip link add fdev0 type veth peer name fdev1 && ip link set fdev0 mtu 9000 && "
		"ip link set fdev1 mtu 9000 && ip link set fdev0 up && ip link set fdev1 up && "
		"ip tuntap add ftun0 mode tun && ip tuntap add ftap0 mode tap");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_link_types),   cmocka_unit_test(test_unknown_link_type),
		cmocka_unit_test(test_vlan),	     cmocka_unit_test(test_names),
		cmocka_unit_test(test_promisc),	     cmocka_unit_test(test_driver_mode),
		cmocka_unit_test(test_generic_mode), cmocka_unit_test(test_expected_mode),
		cmocka_unit_test(test_reason),	     cmocka_unit_test(test_occupied),
		cmocka_unit_test(test_gone),	     cmocka_unit_test(test_test_run),
	};
	const int status = setup();

	return status ? status : cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One packet through a loaded program without a device: BPF_PROG_TEST_RUN, which --replay and the equivalence tests
 * use. The kernel copies the packet in for every call and exposes 3,520 linear bytes, the rest as fragments, as on a
 * device with a large MTU.
 */
#include <flowspaces/bpf/device.h>

#include <bpf/bpf.h>
#include <errno.h>

#define ETHERNET_HEADER 14

int ffpf_bpf_test_run(int prog_fd, const uint8_t *data, uint32_t caplen, uint32_t repeat, uint32_t *action,
		      uint32_t *ns)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .data_in = data, .data_size_in = caplen, .repeat = (int)repeat);
	int err;

	if (caplen < ETHERNET_HEADER)
		return -EINVAL;
	err = bpf_prog_test_run_opts(prog_fd, &options);
	if (err < 0)
		return err;
	*action = options.retval;
	if (ns)
		*ns = options.duration;
	return 0;
}

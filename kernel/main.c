// SPDX-License-Identifier: GPL-2.0
/*
 * ffpf.ko: the flowspace between tc and userspace. This file has what happens when the module comes
 * and goes.
 *
 * The device's file operations name the module as their owner, so it can't be unloaded while a file
 * is open or mapped.
 */
#include <linux/miscdevice.h>

#include "ffpf.h"

static struct miscdevice ffpf_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = FFPF_NAME,
	.fops = &ffpf_file_operations,
	.mode = 0600,
};

#ifdef FFPF_SELFTEST
static bool selftest;
module_param(selftest, bool, 0400);
MODULE_PARM_DESC(selftest, "test the module's parts, and refuse to load when one fails");

static bool selftests_pass(void)
{
	bool pass = true;

	if (!selftest)
		return true;
	pass &= ffpf_selftest_rings();
	pass &= ffpf_selftest_wire();
	pass &= ffpf_selftest_strsearch();
	pass &= ffpf_selftest_digest();
	pass &= ffpf_selftest_anon();
	pass &= ffpf_selftest_defrag();
	return pass;
}
#else
static bool selftests_pass(void)
{
	return true;
}
#endif

static int __init ffpf_init(void)
{
	int err;

	if (!selftests_pass())
		return -ENOTRECOVERABLE;
	err = ffpf_instance_watch();
	if (err)
		return err;
	err = misc_register(&ffpf_device);
	if (err)
		goto unwatch;
	return 0;

unwatch:
	ffpf_instance_unwatch();
	return err;
}

static void __exit ffpf_exit(void)
{
	misc_deregister(&ffpf_device);
	ffpf_instance_unwatch();
}

module_init(ffpf_init);
module_exit(ffpf_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Flowgraph packet processor: eBPF and native functions at the ingress hook, "
		   "read through shared memory");
MODULE_VERSION(FFPF_VERSION);
MODULE_ALIAS("devname:" FFPF_NAME);
/* 6.13: what gives maps and programs by file descriptor is exported for a few only, and namespaces
 * are strings. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
MODULE_IMPORT_NS("BPF_INTERNAL");
#endif

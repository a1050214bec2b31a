// SPDX-License-Identifier: GPL-2.0
/*
 * The character device: open, close, wait, map. What ioctl does is in ioctl.c.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <net/net_namespace.h>

#include "ffpf.h"

/* Programs are loaded by whoever may load programs, and devices are those of the opener's network
 * namespace. */
static bool allowed(const struct net *net)
{
	return ns_capable(net->user_ns, CAP_NET_ADMIN) && bpf_capable();
}

static int ffpf_open(struct inode *inode, struct file *file)
{
	struct ffpf_instance *instance;

	if (!allowed(current->nsproxy->net_ns))
		return -EPERM;
	instance = ffpf_instance_new(current->nsproxy->net_ns);
	if (!instance)
		return -ENOMEM;
	file->private_data = instance;
	return stream_open(inode, file);
}

static int ffpf_release(struct inode *inode, struct file *file)
{
	ffpf_instance_free(file->private_data);
	return 0;
}

static bool ready(const struct ffpf_instance *instance)
{
	return atomic64_read(&instance->rung) || READ_ONCE(instance->gone);
}

static __poll_t ffpf_poll(struct file *file, poll_table *table)
{
	struct ffpf_instance *instance = file->private_data;
	__poll_t mask = 0;

	poll_wait(file, &instance->wait, table);
	if (atomic64_read(&instance->rung))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(instance->gone))
		mask |= EPOLLERR | EPOLLHUP;
	return mask;
}

/* How often a reader was to be woken since the last time. */
static ssize_t ffpf_read(struct file *file, char __user *to, size_t bytes, loff_t *position)
{
	struct ffpf_instance *instance = file->private_data;
	u64 rung;
	int err;

	if (bytes < sizeof(rung))
		return -EINVAL;
	for (;;) {
		rung = atomic64_xchg(&instance->rung, 0);
		if (rung)
			break;
		if (READ_ONCE(instance->gone))
			return 0;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(instance->wait, ready(instance));
		if (err)
			return err;
	}
	return copy_to_user(to, &rung, sizeof(rung)) ? -EFAULT : sizeof(rung);
}

static int ffpf_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct ffpf_instance *instance = file->private_data;
	int err;

	/* mmap_lock is held: nobody may want that while holding `lock`, so ioctl copies before and
	 * after. */
	err = mutex_lock_interruptible(&instance->lock);
	if (err)
		return err;
	err = ffpf_rings_map(instance, vma);
	mutex_unlock(&instance->lock);
	return err;
}

const struct file_operations ffpf_file_operations = {
	.owner = THIS_MODULE,
	.open = ffpf_open,
	.release = ffpf_release,
	.poll = ffpf_poll,
	.read = ffpf_read,
	.mmap = ffpf_mmap,
	.unlocked_ioctl = ffpf_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

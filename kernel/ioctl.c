// SPDX-License-Identifier: GPL-2.0
/*
 * What ioctl asks for. Arguments are copied here before `lock` is taken and after it is let go (a
 * page fault takes the lock of the address space, which mmap holds while it takes ours), and
 * checked as far as one can without knowing more.
 *
 * To add a call: its struct and number in include/ffpf_kmod.h, a function here, a line in
 * ffpf_ioctl, cases in tests/vm/test_kmod.c and in the fuzzer.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "ffpf.h"

/* Each argument begins so. */
struct head {
	u32 size;
	u32 abi;
};

static int copy_in(void *to, const void __user *from, size_t bytes, bool any_abi)
{
	const struct head *head = to;

	if (copy_from_user(to, from, bytes))
		return -EFAULT;
	if (head->size != bytes)
		return -EINVAL;
	return head->abi == FFPF_KMOD_ABI || any_abi ? 0 : -EPROTO;
}

static long copy_out(void __user *to, const void *from, size_t bytes)
{
	return copy_to_user(to, from, bytes) ? -EFAULT : 0;
}

/* Takes the lock, if the instance is in one of these states (1 << enum ffpf_kmod_state). */
static int lock_in(struct ffpf_instance *instance, unsigned int states)
{
	int err = mutex_lock_interruptible(&instance->lock);

	if (err)
		return err;
	if (states & (1u << instance->state))
		return 0;
	mutex_unlock(&instance->lock);
	return -EBADFD;
}

#define IN_CREATED (1u << FFPF_KMOD_CREATED)
#define IN_RUNNING (1u << FFPF_KMOD_RUNNING)

static long get_version(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_version args;
	int err = copy_in(&args, arg, sizeof(args), true);

	if (err)
		return err;
	if (args.reserved)
		return -EINVAL;
	args.abi = FFPF_KMOD_ABI;
	args.n_classes = ffpf_native_classes();
	args.n_cpus = instance->n_cpus;
	args.page = PAGE_SIZE;
	return copy_out(arg, &args, sizeof(args));
}

static long get_class(void __user *arg)
{
	const struct ffpf_native_class *class;
	struct ffpf_kmod_class args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	class = ffpf_native_class(args.index);
	if (!class)
		return -ENOENT;
	args.version = class->version;
	memset(args.name, 0, sizeof(args.name));
	strscpy(args.name, class->name, sizeof(args.name));
	return copy_out(arg, &args, sizeof(args));
}

static long create(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_create args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	if (args.reserved || (args.flags & ~(FFPF_KMOD_TIME | FFPF_KMOD_SLOW_READER)))
		return -EINVAL;
	err = lock_in(instance, 1u << FFPF_KMOD_OPEN);
	if (err)
		return err;
	err = ffpf_rings_create(instance, &args);
	if (!err)
		instance->state = FFPF_KMOD_CREATED;
	mutex_unlock(&instance->lock);
	return err ?: copy_out(arg, &args, sizeof(args));
}

static long add_source(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_source args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	if (args.number > U8_MAX || !args.ifindex || args.ifindex > INT_MAX)
		return -EINVAL;
	return ffpf_source_add(instance, args.number, args.ifindex);
}

static long set_program(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_program args;
	struct ffpf_source *source;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	if (args.stage >= FFPF_KMOD_STAGES || args.piece >= FFPF_KMOD_PIECES)
		return -EINVAL;
	err = lock_in(instance, IN_CREATED | IN_RUNNING);
	if (err)
		return err;
	source = ffpf_source_find(instance, args.source);
	if (!source)
		err = -ENOENT;
	else if (instance->state == FFPF_KMOD_RUNNING)
		err = ffpf_program_next(source, args.stage, args.piece, args.fd);
	else
		err = ffpf_program_set(source, args.stage, args.piece, args.fd);
	mutex_unlock(&instance->lock);
	return err;
}

static long exchange(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_exchange args;
	struct ffpf_source *source;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	if (args.reserved)
		return -EINVAL;
	err = lock_in(instance, IN_RUNNING);
	if (err)
		return err;
	source = ffpf_source_find(instance, args.source);
	err = source ? ffpf_pieces_exchange(source) : -ENOENT;
	mutex_unlock(&instance->lock);
	return err;
}

static bool native_can_be(const struct ffpf_kmod_native *args)
{
	return !args->reserved && !args->first_cell && !args->n_cells &&
	       args->number < FFPF_KMOD_PIECES - 1 && args->stage < FFPF_KMOD_STAGES &&
	       args->makes < FFPF_KMOD_STAGES && args->params_bytes <= FFPF_KMOD_PARAMS &&
	       strnlen(args->name, sizeof(args->name)) < sizeof(args->name);
}

static long add_native(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_native args;
	struct ffpf_source *source;
	struct ffpf_stage *stage;
	void *params;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	if (!native_can_be(&args))
		return -EINVAL;
	if (args.params != (unsigned long)args.params || (args.params && !args.params_bytes))
		return -EINVAL;
	params = args.params_bytes
			 ? memdup_user((void __user *)(unsigned long)args.params, args.params_bytes)
			 : NULL;
	if (IS_ERR(params))
		return PTR_ERR(params);
	err = lock_in(instance, IN_CREATED);
	if (err)
		goto free;
	source = ffpf_source_find(instance, args.source);
	stage = source ? ffpf_source_stage(source, args.stage) : NULL;
	if (stage)
		err = ffpf_native_add(source, stage, &args, params);
	else
		err = source ? -ENOMEM : -ENOENT;
	mutex_unlock(&instance->lock);
	if (!err)
		err = copy_out(arg, &args, sizeof(args));
free:
	kfree_sensitive(params); /* there may be a key in it */
	return err;
}

static long set_cells(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_cells args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	if (args.reserved)
		return -EINVAL;
	err = lock_in(instance, IN_CREATED);
	if (err)
		return err;
	err = ffpf_cells_set(instance, &args);
	mutex_unlock(&instance->lock);
	return err;
}

static int hang_bell(struct ffpf_instance *instance, u32 cpu, int fd)
{
	struct eventfd_ctx *bell;

	if (cpu >= instance->n_cpus || !instance->memory_bytes)
		return -EINVAL;
	if (instance->rings[cpu].bell)
		return -EEXIST;
	bell = eventfd_ctx_fdget(fd);
	if (IS_ERR(bell))
		return PTR_ERR(bell);
	instance->rings[cpu].bell = bell;
	return 0;
}

static long set_bell(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_bell args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	err = lock_in(instance, IN_CREATED);
	if (err)
		return err;
	err = hang_bell(instance, args.cpu, args.fd);
	mutex_unlock(&instance->lock);
	return err;
}

static long start(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_plain args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	err = lock_in(instance, IN_CREATED);
	if (err)
		return err;
	err = ffpf_instance_start(instance);
	mutex_unlock(&instance->lock);
	return err;
}

static long stop(struct ffpf_instance *instance, void __user *arg)
{
	struct ffpf_kmod_plain args;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	err = lock_in(instance, IN_RUNNING);
	if (err)
		return err;
	ffpf_instance_stop(instance);
	mutex_unlock(&instance->lock);
	return 0;
}

static void add_up(const struct ffpf_source *source, struct ffpf_kmod_status *args)
{
	int cpu;

	args->flags = source->dev ? 0 : FFPF_KMOD_GONE;
	for_each_possible_cpu(cpu) {
		const struct ffpf_source_stats *stats = per_cpu_ptr(source->stats, cpu);

		args->packets += READ_ONCE(stats->packets);
		args->bytes += READ_ONCE(stats->bytes);
		args->dropped += READ_ONCE(stats->dropped);
		args->nested += READ_ONCE(stats->nested);
		args->malformed += READ_ONCE(stats->malformed);
	}
}

static long get_status(struct ffpf_instance *instance, void __user *arg)
{
	const struct ffpf_source *source;
	struct ffpf_kmod_status args;
	u32 number;
	int err = copy_in(&args, arg, sizeof(args), false);

	if (err)
		return err;
	number = args.source;
	err = mutex_lock_interruptible(&instance->lock);
	if (err)
		return err;
	memset(&args, 0, sizeof(args));
	args.size = sizeof(args);
	args.abi = FFPF_KMOD_ABI;
	args.source = number;
	args.state = instance->state;
	args.mbuf_stride = instance->mbuf_stride;
	args.mbuf_bytes = instance->mbuf_bytes;
	source = ffpf_source_find(instance, number);
	if (source)
		add_up(source, &args);
	mutex_unlock(&instance->lock);
	return source ? copy_out(arg, &args, sizeof(args)) : -ENOENT;
}

long ffpf_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct ffpf_instance *instance = file->private_data;
	void __user *user = (void __user *)arg;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	switch (cmd) {
	case FFPF_KMOD_IOC_VERSION:
		return get_version(instance, user);
	case FFPF_KMOD_IOC_CLASS:
		return get_class(user);
	case FFPF_KMOD_IOC_CREATE:
		return create(instance, user);
	case FFPF_KMOD_IOC_SOURCE:
		return add_source(instance, user);
	case FFPF_KMOD_IOC_PROGRAM:
		return set_program(instance, user);
	case FFPF_KMOD_IOC_NATIVE:
		return add_native(instance, user);
	case FFPF_KMOD_IOC_CELLS:
		return set_cells(instance, user);
	case FFPF_KMOD_IOC_BELL:
		return set_bell(instance, user);
	case FFPF_KMOD_IOC_START:
		return start(instance, user);
	case FFPF_KMOD_IOC_STOP:
		return stop(instance, user);
	case FFPF_KMOD_IOC_STATUS:
		return get_status(instance, user);
	case FFPF_KMOD_IOC_EXCHANGE:
		return exchange(instance, user);
	}
	return -ENOTTY;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The life of an instance, and of devices under it: the module looks out for devices that leave,
 * and takes its hooks and references off them at once, whatever the program that asked for them
 * does.
 *
 * Locks, in this order: rtnl (held by whoever tells of devices), instances_lock, an instance's
 * lock.
 */
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "ffpf.h"

static LIST_HEAD(instances);
static DEFINE_MUTEX(instances_lock);

struct ffpf_instance *ffpf_instance_new(struct net *net)
{
	struct ffpf_instance *instance = kzalloc(sizeof(*instance), GFP_KERNEL_ACCOUNT);

	if (!instance)
		return NULL;
	mutex_init(&instance->lock);
	init_waitqueue_head(&instance->wait);
	instance->net = get_net(net);
	instance->n_cpus = nr_cpu_ids;
	mutex_lock(&instances_lock);
	list_add(&instance->list, &instances);
	mutex_unlock(&instances_lock);
	return instance;
}

static void unhook(struct ffpf_source *source)
{
	if (source->hooked)
		nf_unregister_net_hook(source->instance->net, &source->hook);
	source->hooked = false;
}

void ffpf_instance_stop(struct ffpf_instance *instance)
{
	u32 i;

	for (i = 0; i < instance->n_sources; i++)
		unhook(instance->sources[i]);
	/* Who was in a hook has left it. */
	synchronize_net();
	instance->state = FFPF_KMOD_STOPPED;
}

static int hook(struct ffpf_source *source)
{
	int err;

	source->hook.hook = ffpf_hook;
	source->hook.priv = source;
	source->hook.dev = source->dev;
	source->hook.pf = NFPROTO_NETDEV;
	source->hook.hooknum = NF_NETDEV_INGRESS;
	/* Before others that may drop, change or take the packet. */
	source->hook.priority = INT_MIN;
	err = nf_register_net_hook(source->instance->net, &source->hook);
	source->hooked = !err;
	return err;
}

int ffpf_instance_start(struct ffpf_instance *instance)
{
	u32 i;
	int err;

	if (!instance->n_sources || (instance->n_inflows && !instance->cells.map))
		return -EINVAL;
	for (i = 0; i < instance->n_sources; i++) {
		err = ffpf_source_check(instance->sources[i]);
		if (err)
			return err;
	}
	if (!instance->mbuf) {
		err = ffpf_mbuf_create(instance);
		if (err)
			return err;
	}
	for (i = 0; i < instance->n_sources; i++) {
		err = hook(instance->sources[i]);
		if (err)
			goto stop;
	}
	instance->state = FFPF_KMOD_RUNNING;
	return 0;

stop:
	/* Rings may have records by now: that is no reason not to try again. */
	ffpf_instance_stop(instance);
	instance->state = FFPF_KMOD_CREATED;
	return err;
}

void ffpf_instance_free(struct ffpf_instance *instance)
{
	u32 i;

	mutex_lock(&instances_lock);
	list_del(&instance->list);
	mutex_unlock(&instances_lock);
	/* Nobody else knows it now. A hook that a leaving device lost may still be at work in it.
	 */
	ffpf_instance_stop(instance);
	for (i = 0; i < instance->n_sources; i++)
		ffpf_source_free(instance->sources[i]);
	if (instance->cells.map)
		bpf_map_put(instance->cells.map);
	ffpf_rings_free(instance);
	put_net(instance->net);
	kfree(instance);
}

/* ---- devices that leave ---- */

static void leave(struct ffpf_instance *instance, const struct net_device *dev)
{
	u32 i;

	mutex_lock(&instance->lock);
	for (i = 0; i < instance->n_sources; i++) {
		struct ffpf_source *source = instance->sources[i];

		if (source->dev != dev)
			continue;
		unhook(source);
		netdev_put(source->dev, &source->tracker);
		source->dev = NULL;
		WRITE_ONCE(instance->gone, true);
		wake_up_interruptible_poll(&instance->wait, EPOLLERR | EPOLLHUP);
	}
	mutex_unlock(&instance->lock);
}

static int on_device(struct notifier_block *block, unsigned long event, void *info)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(info);
	struct ffpf_instance *instance;

	if (event != NETDEV_UNREGISTER)
		return NOTIFY_DONE;
	mutex_lock(&instances_lock);
	list_for_each_entry(instance, &instances, list)
		leave(instance, dev);
	mutex_unlock(&instances_lock);
	return NOTIFY_DONE;
}

static struct notifier_block device_watch = {
	.notifier_call = on_device,
};

int ffpf_instance_watch(void)
{
	return register_netdevice_notifier(&device_watch);
}

void ffpf_instance_unwatch(void)
{
	unregister_netdevice_notifier(&device_watch);
}

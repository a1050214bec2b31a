// SPDX-License-Identifier: GPL-2.0
/*
 * Sources: devices whose received packets an instance looks at.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "ffpf.h"

struct ffpf_source *ffpf_source_find(struct ffpf_instance *instance, u32 number)
{
	u32 i;

	for (i = 0; i < instance->n_sources; i++)
		if (instance->sources[i]->number == number)
			return instance->sources[i];
	return NULL;
}

static struct ffpf_source *source_new(struct ffpf_instance *instance, u32 number)
{
	struct ffpf_source *source = kzalloc(sizeof(*source), GFP_KERNEL_ACCOUNT);

	if (!source)
		return NULL;
	source->stats = alloc_percpu_gfp(struct ffpf_source_stats, GFP_KERNEL_ACCOUNT);
	if (!source->stats) {
		kfree(source);
		return NULL;
	}
	source->instance = instance;
	source->number = number;
	return source;
}

void ffpf_source_free(struct ffpf_source *source)
{
	u32 i;

	for (i = 0; i < source->n_pieces; i++)
		if (source->pieces[i])
			bpf_prog_put(source->pieces[i]);
	for (i = 0; i < source->n_natives; i++)
		if (source->natives[i])
			ffpf_native_free(source->natives[i]);
	netdev_put(source->dev, &source->tracker);
	free_percpu(source->stats);
	kfree(source);
}

/* The caller holds rtnl, too. */
static int add(struct ffpf_instance *instance, u32 number, int ifindex)
{
	struct ffpf_source *source;

	if (instance->state != FFPF_KMOD_CREATED)
		return -EBADFD;
	if (ffpf_source_find(instance, number))
		return -EEXIST;
	if (instance->n_sources == FFPF_KMOD_SOURCES)
		return -ENOSPC;
	source = source_new(instance, number);
	if (!source)
		return -ENOMEM;
	source->dev = __dev_get_by_index(instance->net, ifindex);
	if (!source->dev) {
		ffpf_source_free(source);
		return -ENODEV;
	}
	netdev_hold(source->dev, &source->tracker, GFP_KERNEL);
	source->link = source->dev->type;
	instance->sources[instance->n_sources++] = source;
	return 0;
}

int ffpf_source_add(struct ffpf_instance *instance, u32 number, int ifindex)
{
	int err;

	/* A device that is there while we hold this leaves later, and we will be told. */
	rtnl_lock();
	err = mutex_lock_interruptible(&instance->lock);
	if (!err) {
		err = add(instance, number, ifindex);
		mutex_unlock(&instance->lock);
	}
	rtnl_unlock();
	return err;
}

int ffpf_source_check(const struct ffpf_source *source)
{
	u32 i;

	if (!source->dev)
		return -ENODEV;
	if (!source->n_pieces || source->n_natives != source->n_pieces - 1)
		return -EINVAL;
	for (i = 0; i < source->n_pieces; i++)
		if (!source->pieces[i])
			return -EINVAL;
	for (i = 0; i < source->n_natives; i++)
		if (!source->natives[i])
			return -EINVAL;
	return 0;
}

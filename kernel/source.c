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
	RCU_INIT_POINTER(source->pieces, kzalloc(sizeof(struct ffpf_pieces), GFP_KERNEL_ACCOUNT));
	if (!source->stats || !ffpf_pieces_of(source)) {
		ffpf_pieces_free(ffpf_pieces_of(source));
		free_percpu(source->stats);
		kfree(source);
		return NULL;
	}
	source->instance = instance;
	source->number = number;
	return source;
}

struct ffpf_stage *ffpf_source_stage(struct ffpf_source *source, u32 number)
{
	if (!source->stages[number])
		source->stages[number] = kzalloc(sizeof(struct ffpf_stage), GFP_KERNEL_ACCOUNT);
	return source->stages[number];
}

static void stage_free(struct ffpf_stage *stage)
{
	u32 i;

	if (!stage)
		return;
	for (i = 0; i < stage->n_natives; i++)
		if (stage->natives[i])
			ffpf_native_free(stage->natives[i]);
	kfree(stage);
}

void ffpf_source_free(struct ffpf_source *source)
{
	u32 i;

	for (i = 0; i < FFPF_KMOD_STAGES; i++)
		stage_free(source->stages[i]);
	ffpf_pieces_free(ffpf_pieces_of(source));
	ffpf_pieces_free(source->next);
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

static bool stage_complete(const struct ffpf_stage *stage, struct bpf_prog *const *pieces)
{
	u32 i;

	if (!stage->n_pieces || stage->n_natives != stage->n_pieces - 1)
		return false;
	for (i = 0; i < stage->n_pieces; i++)
		if (!pieces[i])
			return false;
	for (i = 0; i < stage->n_natives; i++)
		if (!stage->natives[i])
			return false;
	return true;
}

/* How many natives of stages below `number` make packets for it; one of others counts as too many.
 */
static u32 makers(const struct ffpf_source *source, u32 number)
{
	u32 n = 0, s, i;

	for (s = 0; s < FFPF_KMOD_STAGES; s++)
		for (i = 0; source->stages[s] && i < source->stages[s]->n_natives; i++)
			if (source->stages[s]->natives[i]->makes == number)
				n += s < number ? 1 : 2;
	return n;
}

int ffpf_source_check(struct ffpf_source *source)
{
	const struct ffpf_pieces *pieces = ffpf_pieces_of(source);
	u32 i;

	if (!source->dev)
		return -ENODEV;
	if (!source->stages[0])
		return -EINVAL;
	for (i = 0; i < FFPF_KMOD_STAGES; i++)
		if (source->stages[i] && !stage_complete(source->stages[i], pieces->of[i]))
			return -EINVAL;
	for (i = 1; i < FFPF_KMOD_STAGES; i++)
		if (makers(source, i) != (source->stages[i] ? 1 : 0))
			return -EINVAL;
	return 0;
}

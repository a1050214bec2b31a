// SPDX-License-Identifier: GPL-2.0
/*
 * What userspace gives by file descriptor: eBPF programs, and the map in which they leave what
 * crosses.
 */
#include <linux/slab.h>

#include "ffpf.h"

static struct bpf_prog *get(int fd)
{
	/* Not one that was offloaded to a device. */
	return bpf_prog_get_type_dev(fd, BPF_PROG_TYPE_SCHED_CLS, false);
}

/* Whoever changes them holds lock. */
struct ffpf_pieces *ffpf_pieces_of(struct ffpf_source *source)
{
	return rcu_dereference_protected(source->pieces, true);
}

int ffpf_program_set(struct ffpf_source *source, u32 stage, u32 piece, int fd)
{
	struct ffpf_pieces *pieces = ffpf_pieces_of(source);
	struct ffpf_stage *of = ffpf_source_stage(source, stage);
	struct bpf_prog *program;

	if (!of)
		return -ENOMEM;
	if (pieces->of[stage][piece])
		return -EEXIST;
	program = get(fd);
	if (IS_ERR(program))
		return PTR_ERR(program);
	pieces->of[stage][piece] = program;
	of->n_pieces = max(of->n_pieces, piece + 1);
	return 0;
}

int ffpf_program_next(struct ffpf_source *source, u32 stage, u32 piece, int fd)
{
	struct bpf_prog *program;

	if (!ffpf_pieces_of(source)->of[stage][piece])
		return -EINVAL;
	if (!source->next)
		source->next = kzalloc(sizeof(*source->next), GFP_KERNEL_ACCOUNT);
	if (!source->next)
		return -ENOMEM;
	program = get(fd);
	if (IS_ERR(program))
		return PTR_ERR(program);
	if (source->next->of[stage][piece])
		bpf_prog_put(source->next->of[stage][piece]);
	source->next->of[stage][piece] = program;
	return 0;
}

int ffpf_pieces_exchange(struct ffpf_source *source)
{
	struct ffpf_pieces *old = ffpf_pieces_of(source), *next = source->next;
	u32 s, i;

	for (s = 0; s < FFPF_KMOD_STAGES; s++)
		for (i = 0; i < FFPF_KMOD_PIECES; i++)
			if (old->of[s][i] && (!next || !next->of[s][i]))
				return -EINVAL;
	rcu_assign_pointer(source->pieces, next);
	source->next = NULL;
	/* Who was in the old ones has left them. */
	synchronize_net();
	ffpf_pieces_free(old);
	return 0;
}

void ffpf_pieces_free(struct ffpf_pieces *pieces)
{
	u32 s, i;

	for (s = 0; pieces && s < FFPF_KMOD_STAGES; s++)
		for (i = 0; i < FFPF_KMOD_PIECES; i++)
			if (pieces->of[s][i])
				bpf_prog_put(pieces->of[s][i]);
	kfree(pieces);
}

/* Do all CPUs' words and lists lie in the value? */
static bool cells_fit(const struct ffpf_instance *instance, const struct ffpf_kmod_cells *args,
		      u32 value_size)
{
	u64 end = (u64)args->count + sizeof(u32),
	    parts = (u64)args->stride * (instance->n_cpus - 1);

	if ((args->base | args->stride | args->count | args->list) % sizeof(u32))
		return false;
	if (instance->n_inflows > 1)
		end = max(end, args->list + (u64)instance->n_inflows * 2 * sizeof(u32));
	else if (args->list)
		return false;
	if (instance->n_cpus > 1 && end > args->stride)
		return false;
	return args->base + parts + end <= value_size;
}

static int cells_take(struct ffpf_instance *instance, const struct ffpf_kmod_cells *args,
		      struct bpf_map *map)
{
	u64 address;
	int err;

	/* We write a word. Nobody may rely on it to be constant, a pointer, a lock or a timer (the
	 * last three are told by BTF).
	 */
	if (map->map_type != BPF_MAP_TYPE_ARRAY || map->max_entries != 1 || map->btf)
		return -EINVAL;
	if (map->map_flags & BPF_F_RDONLY_PROG)
		return -EPERM;
	if (!cells_fit(instance, args, map->value_size))
		return -ERANGE;
	if (!map->ops->map_direct_value_addr)
		return -EOPNOTSUPP;
	err = map->ops->map_direct_value_addr(map, &address, 0);
	if (err)
		return err;
	instance->cells.memory = (u8 *)(unsigned long)address + args->base;
	instance->cells.stride = args->stride;
	instance->cells.count = args->count;
	instance->cells.list = args->list;
	instance->cells.map = map;
	return 0;
}

int ffpf_cells_set(struct ffpf_instance *instance, const struct ffpf_kmod_cells *args)
{
	struct bpf_map *map;
	int err;

	if (!instance->n_inflows)
		return -EINVAL;
	if (instance->cells.map)
		return -EEXIST;
	map = bpf_map_get(args->fd);
	if (IS_ERR(map))
		return PTR_ERR(map);
	err = cells_take(instance, args, map);
	if (err)
		bpf_map_put(map);
	return err;
}

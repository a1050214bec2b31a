/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of a map: its size and places, checked for overflow; its pages, all of them there from the beginning; and
 * the stacks of free items. A stack's word carries a count of changes beside the topmost item, so that the compare-and-
 * swap of somebody who was away while the same item was taken and came back fails.
 */
#include <lib/buf/map-provider.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST (UINT64_C(1) << 32) /* as the kernel's maps */

static uint64_t physical_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : UINT64_MAX;
}

/* Gives `n` times `size` bytes a place at the area's end, on a cache line. False if that is more than a map may have.
 * No product overflows: numbers are below 2^33 and sizes below 2^31. */
static bool place(uint64_t *bytes, uint64_t n, uint64_t size, uint64_t *at)
{
	*at = *bytes;
	if (n && size > MOST / n)
		return false;
	*bytes += (n * size + 63) & ~UINT64_C(63);
	return *bytes <= MOST;
}

static int lay_out(struct ffpf_map *map, struct map_area *a)
{
	uint64_t values = 0;

	a->bytes = (sizeof(*a) + 63) & ~UINT64_C(63);
	if (!place(&a->bytes, a->n_buckets, sizeof(struct map_bucket), &a->buckets) ||
	    !place(&a->bytes, a->n_items, a->item_size, &a->items) ||
	    !place(&a->bytes, a->n_slots, a->slot_size, &a->slots))
		return -E2BIG;
	if (!a->value_stride) { /* values stand in entries (hash), or in slots (LPM), at the offset that shape gave */
		a->values += a->n_slots ? a->slots : a->items;
		a->value_stride = a->n_slots ? a->slot_size : a->item_size;
		return 0;
	}
	uint64_t n = a->n_items ? a->n_items : a->max_entries;
	if (!place(&values, n, a->value_stride, &a->values))
		return -E2BIG;
	a->cpu_stride = values;
	return place(&a->bytes, map->per_cpu ? map->n_cpus : 1, values, &a->values) ? 0 : -E2BIG;
}

static int allocate(struct ffpf_map *map, uint64_t bytes)
{
	void *memory = MAP_FAILED;
	int fd = memfd_create("ffpf map", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	/* fallocate fails where touching a page would kill the process. */
	if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0 && fallocate(fd, 0, 0, (off_t)bytes) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0)
		memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (memory == MAP_FAILED) {
		if (fd >= 0)
			close(fd);
		return -ENOMEM;
	}
	map->fd = fd;
	map->area = memory;
	return 0;
}

int ffpf_map_area_new(struct ffpf_map *map, struct map_area *shape, const char **why)
{
	int err = lay_out(map, shape);

	if (err || shape->bytes > physical_memory() / 2) {
		*why = err ? "it would need more than 4 GiB" : "it would need more than half of this machine's memory";
		return -E2BIG;
	}
	err = allocate(map, shape->bytes);
	if (err) {
		*why = "out of memory";
		return err;
	}
	struct map_area *a = map->area;
	*a = *shape;
	map->buckets = (struct map_bucket *)((uint8_t *)a + a->buckets);
	map->bucket_mask = (uint32_t)a->n_buckets - 1;
	map->items = (uint8_t *)a + a->items;
	map->n_items = (uint32_t)a->n_items;
	map->item_size = a->item_size;
	map->slots = (uint8_t *)a + a->slots;
	map->slot_size = a->slot_size;
	map->values = (uint8_t *)a + a->values;
	map->value_stride = a->value_stride;
	map->cpu_stride = a->cpu_stride;
	return 0;
}

void ffpf_map_area_free(struct ffpf_map *map)
{
	if (!map->area)
		return;
	munmap(map->area, map->area->bytes);
	close(map->fd);
	map->area = NULL;
}

/* ---- stacks */

uint32_t ffpf_map_pop(struct map_stack *stack, const void *items, size_t item_size)
{
	uint64_t old = __atomic_load_n(&stack->top, __ATOMIC_ACQUIRE), new;

	do {
		uint32_t i = (uint32_t)old;

		if (i == MAP_NONE)
			return MAP_NONE;
		/* Perhaps somebody else's by now: then the swap fails. */
		uint32_t below = map_load((const uint32_t *)((const uint8_t *)items + (size_t)i * item_size));
		new = ((old >> 32) + 1) << 32 | below;
	} while (!__atomic_compare_exchange_n(&stack->top, &old, new, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
	return (uint32_t)old;
}

void ffpf_map_push(struct map_stack *stack, void *items, size_t item_size, uint32_t i)
{
	uint32_t *link = (uint32_t *)((uint8_t *)items + (size_t)i * item_size);
	uint64_t old = __atomic_load_n(&stack->top, __ATOMIC_ACQUIRE), new;

	do {
		map_store(link, (uint32_t)old);
		new = ((old >> 32) + 1) << 32 | i;
	} while (!__atomic_compare_exchange_n(&stack->top, &old, new, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

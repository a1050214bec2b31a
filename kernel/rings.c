// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that readers map: rings, readers' pages, cells of natives. lib/buf/layout.h draws the
 * rings.
 *
 *   of each CPU   | PBuf: header, records, slack | IBuf 0 | IBuf 1 | …    each begins on a page
 *   readers       | page of CPU 0 | page of CPU 1 | …
 *   MBuf          | cells of CPU 0 | cells of CPU 1 | …                   `mbuf_stride` apart
 *
 * All of it is charged to whoever asks for it, and at most half of the machine's memory (memory.c:
 * and what is to spare).
 */
#include <linux/eventfd.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "ffpf.h"

/* ---- geometry: as ffpf_ring_bytes and ffpf_ring_init of lib/buf ---- */

static u64 slack_of(u32 largest)
{
	return ALIGN((u64)sizeof(struct ffpf_record) + largest, FFPF_RECORD_ALIGN);
}

static u64 ring_takes(u64 size, u32 largest)
{
	return PAGE_ALIGN(FFPF_RING_DATA + size + slack_of(largest));
}

static void ring_init(void *memory, enum ffpf_ring_kind kind, u32 cpu, u64 size, u32 largest)
{
	struct ffpf_ring_header *header = memory;

	header->magic = FFPF_RING_MAGIC;
	header->version = FFPF_RING_VERSION;
	header->byte_order = FFPF_RING_BYTE_ORDER;
	header->kind = kind;
	header->cpu = cpu;
	header->data = FFPF_RING_DATA;
	header->size = size;
	header->slack = slack_of(largest);
}

/* ---- making ---- */

static bool can_be(const struct ffpf_kmod_create *args)
{
	if (args->rings_offset || args->rings_stride || args->rings_bytes || args->ibuf_offset ||
	    args->ibuf_stride || args->readers_offset || args->mbuf_offset)
		return false;
	if (!args->n_inflows)
		return !args->ring_bytes && !args->ibuf_bytes && !args->snaplen && !args->flags;
	return args->n_inflows <= FFPF_KMOD_INFLOWS && args->snaplen <= FFPF_KMOD_LARGEST &&
	       is_power_of_2(args->ring_bytes) && args->ring_bytes >= FFPF_KMOD_RING_MIN &&
	       args->ring_bytes <= FFPF_KMOD_RING_MAX && is_power_of_2(args->ibuf_bytes) &&
	       args->ibuf_bytes >= FFPF_RECORD_ALIGN && args->ibuf_bytes <= FFPF_KMOD_RING_MAX &&
	       slack_of(args->snaplen) <= args->ring_bytes;
}

static int ring_create(struct ffpf_instance *instance, u32 cpu)
{
	struct ffpf_ring *ring = &instance->rings[cpu];
	u32 i;

	ring->memory = ffpf_memory_new(instance->memory_bytes);
	if (!ring->memory)
		return -ENOMEM;
	ring->pbuf = ring->memory;
	ring->page = instance->readers + (size_t)cpu * PAGE_SIZE;
	ring_init(ring->pbuf, FFPF_RING_PBUF, cpu, instance->ring_bytes, instance->snaplen);
	for (i = 0; i < instance->n_inflows; i++)
		ring_init(ffpf_ibuf(instance, ring, i), FFPF_RING_IBUF, cpu, instance->ibuf_bytes,
			  0);
	return 0;
}

static int memory_create(struct ffpf_instance *instance)
{
	u32 cpu;
	int err;

	instance->readers = ffpf_memory_new((u64)instance->n_cpus * PAGE_SIZE);
	if (!instance->readers)
		return -ENOMEM;
	for (cpu = 0; cpu < instance->n_cpus; cpu++) {
		err = ring_create(instance, cpu);
		if (err)
			return err;
		/* Much of it may take seconds. */
		if (fatal_signal_pending(current))
			return -EINTR;
	}
	return 0;
}

int ffpf_rings_create(struct ffpf_instance *instance, struct ffpf_kmod_create *args)
{
	u64 half = (u64)totalram_pages() / 2 * PAGE_SIZE;
	int err;

	if (!can_be(args))
		return -EINVAL;
	instance->rings = kvcalloc(instance->n_cpus, sizeof(*instance->rings), GFP_KERNEL_ACCOUNT);
	if (!instance->rings)
		return -ENOMEM;
	instance->flags = args->flags;
	instance->n_inflows = args->n_inflows;
	instance->snaplen = args->snaplen;
	if (args->n_inflows) {
		instance->ring_bytes = args->ring_bytes;
		instance->ibuf_bytes = args->ibuf_bytes;
		instance->ibuf_offset = ring_takes(args->ring_bytes, args->snaplen);
		instance->ibuf_stride = ring_takes(args->ibuf_bytes, 0);
		instance->memory_bytes =
			instance->ibuf_offset + args->n_inflows * instance->ibuf_stride;
		err = instance->memory_bytes > half / instance->n_cpus ? -E2BIG
								       : memory_create(instance);
		if (err) {
			ffpf_rings_free(instance);
			return err;
		}
	}
	args->rings_offset = 0;
	args->rings_stride = instance->memory_bytes;
	args->rings_bytes = instance->memory_bytes;
	args->ibuf_offset = instance->ibuf_offset;
	args->ibuf_stride = instance->ibuf_stride;
	args->readers_offset = instance->n_cpus * instance->memory_bytes;
	args->mbuf_offset = args->readers_offset + (u64)instance->n_cpus * PAGE_SIZE;
	return 0;
}

int ffpf_mbuf_create(struct ffpf_instance *instance)
{
	u32 stride = ALIGN(instance->n_cells * (u32)sizeof(u64), FFPF_RECORD_ALIGN);

	if (!instance->n_cells)
		return 0;
	instance->mbuf = ffpf_memory_new(PAGE_ALIGN((u64)instance->n_cpus * stride));
	if (!instance->mbuf)
		return -ENOMEM;
	instance->mbuf_stride = stride;
	instance->mbuf_bytes = PAGE_ALIGN((u64)instance->n_cpus * stride);
	return 0;
}

/* Leaves the instance as before ffpf_rings_create. Pages that are mapped live on until they are
 * not. */
void ffpf_rings_free(struct ffpf_instance *instance)
{
	u32 cpu;

	for (cpu = 0; instance->rings && cpu < instance->n_cpus; cpu++) {
		if (instance->rings[cpu].bell)
			eventfd_ctx_put(instance->rings[cpu].bell);
		vfree(instance->rings[cpu].memory);
	}
	kvfree(instance->rings);
	vfree(instance->readers);
	vfree(instance->mbuf);
	instance->rings = NULL;
	instance->readers = NULL;
	instance->mbuf = NULL;
	instance->memory_bytes = 0;
	instance->mbuf_bytes = 0;
}

/* ---- mapping ---- */

/* The area that [*offset, *offset + bytes) of the file lies in; *offset becomes the offset in it.
 */
static void *area_of(struct ffpf_instance *instance, u64 *offset, u64 bytes, bool *writable)
{
	u64 rings = instance->n_cpus * instance->memory_bytes,
	    readers = (u64)instance->n_cpus * PAGE_SIZE, size;
	void *area;

	*writable = false;
	if (*offset < rings) {
		u64 cpu = div64_u64(*offset, instance->memory_bytes);

		area = instance->rings[cpu].memory;
		*offset -= cpu * instance->memory_bytes;
		size = instance->memory_bytes;
	} else if (*offset - rings < readers) {
		area = instance->readers;
		*offset -= rings;
		size = readers;
		*writable = true;
	} else {
		area = instance->mbuf;
		*offset -= rings + readers;
		size = instance->mbuf_bytes;
	}
	return area && *offset < size && bytes <= size - *offset ? area : NULL;
}

int ffpf_rings_map(struct ffpf_instance *instance, struct vm_area_struct *vma)
{
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT, bytes = vma->vm_end - vma->vm_start, at;
	bool writable;
	u8 *area;
	int err;

	if (instance->state == FFPF_KMOD_OPEN)
		return -EBADFD;
	if (vma->vm_pgoff > U64_MAX >> PAGE_SHIFT)
		return -ENXIO;
	area = area_of(instance, &offset, bytes, &writable);
	if (!area)
		return -ENXIO;
	if (!(vma->vm_flags & VM_SHARED) || (vma->vm_flags & VM_EXEC))
		return -EINVAL;
	if (!writable && (vma->vm_flags & VM_WRITE))
		return -EPERM;
	ffpf_vm_flags(vma, VM_DONTEXPAND | VM_DONTDUMP,
		      writable ? VM_MAYEXEC : VM_MAYWRITE | VM_MAYEXEC);
	for (at = 0; at < bytes; at += PAGE_SIZE) {
		err = vm_insert_page(vma, vma->vm_start + at, vmalloc_to_page(area + offset + at));
		if (err)
			return err;
	}
	return 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose size a caller chose: rings, tables. Whoever asks for more than the machine has to
 * spare is told so; nobody else is killed for it.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "ffpf.h"

/* An eighth of the machine's memory stays for others. */
static bool to_spare(u64 bytes)
{
	long pages = si_mem_available() - (long)(totalram_pages() / 8);

	return pages > 0 && bytes <= (u64)pages << PAGE_SHIFT;
}

void *ffpf_memory_new(u64 bytes)
{
	if (!to_spare(bytes))
		return NULL;
	return __vmalloc(bytes,
			 GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
}

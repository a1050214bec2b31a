/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arena: a list of blocks, each handed out front to back. A request that
 * does not fit opens a new block; a big one gets a block of its own size, so
 * that little is wasted. Blocks come zeroed and go all at once.
 */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lang/arena.h"

#define BLOCK_SIZE ((size_t)64 << 10)
#define ALIGNMENT alignof(max_align_t)

struct block {
	struct block *next;
	size_t used, size; /* bytes of data */
	alignas(max_align_t) unsigned char data[];
};

struct deferred {
	struct deferred *next;
	void (*call)(void *arg);
	void *arg;
};

struct slot {
	struct slot *next;
	const void *key;
	void *value;
};

struct ffpf_arena {
	struct block *blocks;	   /* the first one is being filled */
	struct deferred *deferred; /* the last first */
	struct slot *slots;	   /* a handful */
};

static void *must(void *memory)
{
	if (!memory) {
		fputs("ffpf: out of memory\n", stderr);
		abort();
	}
	return memory;
}

static struct block *block_new(size_t size)
{
	struct block *block = must(size > SIZE_MAX - sizeof(*block) ? NULL : calloc(1, sizeof(*block) + size));

	block->size = size;
	return block;
}

struct ffpf_arena *ffpf_arena_new(void)
{
	return must(calloc(1, sizeof(struct ffpf_arena)));
}

void ffpf_arena_free(struct ffpf_arena *arena)
{
	if (!arena)
		return;
	for (const struct deferred *d = arena->deferred; d; d = d->next)
		d->call(d->arg);
	for (struct block *block = arena->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

void ffpf_arena_defer(struct ffpf_arena *arena, void (*call)(void *arg), void *arg)
{
	struct deferred *d = ffpf_arena_alloc(arena, sizeof(*d));

	*d = (struct deferred){arena->deferred, call, arg};
	arena->deferred = d;
}

void *ffpf_arena_alloc(struct ffpf_arena *arena, size_t size)
{
	struct block *block = arena->blocks;

	if (size > SIZE_MAX - ALIGNMENT)
		must(NULL);
	size = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (block && size <= block->size - block->used) {
		void *memory = block->data + block->used;

		block->used += size;
		return memory;
	}
	if (size >= BLOCK_SIZE / 4 && block) { /* its own block, behind the one being filled */
		struct block *own = block_new(size);

		own->used = size;
		own->next = block->next;
		block->next = own;
		return own->data;
	}
	block = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
	block->used = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block->data;
}

char *ffpf_arena_strndup(struct ffpf_arena *arena, const char *text, size_t len)
{
	if (len == SIZE_MAX)
		must(NULL);
	char *copy = ffpf_arena_alloc(arena, len + 1);

	if (len)
		memcpy(copy, text, len);
	return copy;
}

char *ffpf_arena_strdup(struct ffpf_arena *arena, const char *text)
{
	return ffpf_arena_strndup(arena, text, strlen(text));
}

char *ffpf_arena_vprintf(struct ffpf_arena *arena, const char *format, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	int len = vsnprintf(NULL, 0, format, ap);
	if (len < 0)
		must(NULL);
	char *text = ffpf_arena_alloc(arena, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

char *ffpf_arena_printf(struct ffpf_arena *arena, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *text = ffpf_arena_vprintf(arena, format, ap);
	va_end(ap);
	return text;
}

void *ffpf_arena_grow(struct ffpf_arena *arena, void *array, size_t count, size_t *capacity, size_t item)
{
	if (count < *capacity)
		return array;
	size_t wanted = count < 4 ? 4 : count * 2;

	if (count > SIZE_MAX / 2 / (item ? item : 1))
		must(NULL);
	void *copy = ffpf_arena_alloc(arena, wanted * item);
	if (count)
		memcpy(copy, array, count * item);
	*capacity = wanted;
	return copy;
}

void **ffpf_arena_slot(struct ffpf_arena *arena, const void *key)
{
	struct slot *slot = arena->slots;

	while (slot && slot->key != key)
		slot = slot->next;
	if (!slot) {
		slot = ffpf_arena_alloc(arena, sizeof(*slot));
		*slot = (struct slot){.next = arena->slots, .key = key};
		arena->slots = slot;
	}
	return &slot->value;
}

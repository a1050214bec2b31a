/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One arena per compilation: AST, graph, IR and diagnostics are allocated from
 * it and freed together. Nothing on the data path uses it.
 *
 * Allocation never returns NULL: running out of memory while compiling ends in
 * abort(), because no part of a compilation can go on without its nodes.
 */
#ifndef FFPF_LANG_ARENA_H
#define FFPF_LANG_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct ffpf_arena;

struct ffpf_arena *ffpf_arena_new(void);
void ffpf_arena_free(struct ffpf_arena *arena); /* NULL-safe */

/* call(arg) when the arena is freed, the last one first, while its memory is still there: for what compiling has to
 * hold besides memory. */
void ffpf_arena_defer(struct ffpf_arena *arena, void (*call)(void *arg), void *arg);

/* The arena that lives as long as a queue of diagnostics does: messages and hints may come from it. */
struct ffpf_diags;
struct ffpf_arena *ffpf_diags_arena(struct ffpf_diags *diags);

/* Zeroed memory, aligned for any type; freed with the arena. size is bytes. */
void *ffpf_arena_alloc(struct ffpf_arena *arena, size_t size);

/* A copy of len bytes with a NUL behind them. */
char *ffpf_arena_strndup(struct ffpf_arena *arena, const char *text, size_t len);
char *ffpf_arena_strdup(struct ffpf_arena *arena, const char *text);
char *ffpf_arena_printf(struct ffpf_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *ffpf_arena_vprintf(struct ffpf_arena *arena, const char *format, va_list ap);

/*
 * A pointer that belongs to one user of the arena, who is known by the address `key`; NULL until he sets it. For what
 * is kept once per compilation. Valid as long as the arena.
 */
void **ffpf_arena_slot(struct ffpf_arena *arena, const void *key);

/*
 * Grows an array that lives in the arena: returns array itself while count < *capacity,
 * else a copy with room for at least one more item (capacity doubles). item is the item's size in bytes.
 */
void *ffpf_arena_grow(struct ffpf_arena *arena, void *array, size_t count, size_t *capacity, size_t item);

#endif

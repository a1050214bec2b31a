/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of function classes: the built-in ones in the order of
 * classes/list.def, then those that were added. Names are found by binary search
 * in an index that is rebuilt when the table changes.
 */
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* More classes than this make no sense; it keeps the table free of allocation. */
#define MAX_CLASSES 1024

static const struct ffpf_class *table[MAX_CLASSES + 1];
static const struct ffpf_class *by_name[MAX_CLASSES];
static size_t n_classes;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_rwlock_t lock =
	PTHREAD_RWLOCK_INITIALIZER; /* handles of several threads look names up while one loads classes */

static int compare_names(const void *x, const void *y)
{
	const struct ffpf_class *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

static void rebuild_index(void)
{
	memcpy(by_name, table, n_classes * sizeof(by_name[0]));
	qsort(by_name, n_classes, sizeof(by_name[0]), compare_names);
}

/* Set while the table is first filled: classes that are written in others' terms look those up. */
static _Thread_local bool filling;

static void add(const struct ffpf_class *class)
{
	size_t i = 0;

	while (i < n_classes && strcmp(table[i]->name, class->name) != 0)
		i++;
	if (i == MAX_CLASSES)
		return;
	table[i] = class;
	n_classes += i == n_classes;
	rebuild_index();
}

static void load_builtin(void)
{
	const struct ffpf_class *class;

	for (; n_classes < MAX_CLASSES && ffpf_builtin_classes[n_classes]; n_classes++)
		table[n_classes] = ffpf_builtin_classes[n_classes];
	rebuild_index();
	filling = true;
	for (size_t i = 0; (class = ffpf_class_language.builtin(i)); i++)
		add(class);
	filling = false;
}

static void fill(void)
{
	if (!filling)
		pthread_once(&once, load_builtin);
}

const struct ffpf_class *ffpf_class_at(size_t i)
{
	const struct ffpf_class *class;

	fill();
	pthread_rwlock_rdlock(&lock);
	class = i < n_classes ? table[i] : NULL;
	pthread_rwlock_unlock(&lock);
	return class;
}

static int compare_to_name(const void *key, const void *item)
{
	const struct ffpf_class *const *class = item;

	return strcmp(key, (*class)->name);
}

const struct ffpf_class *ffpf_class_find(const char *name)
{
	fill();
	pthread_rwlock_rdlock(&lock);
	const struct ffpf_class *const *found = bsearch(name, by_name, n_classes, sizeof(by_name[0]), compare_to_name);
	const struct ffpf_class *class = found ? *found : NULL;
	pthread_rwlock_unlock(&lock);
	return class;
}

int ffpf_class_register(const struct ffpf_class *class, const char **why)
{
	fill();
	const char *fault = ffpf_class_fault(class);
	size_t i = 0;

	pthread_rwlock_wrlock(&lock);
	if (!fault && n_classes == MAX_CLASSES)
		fault = "there are too many classes";
	while (!fault && i < n_classes && strcmp(table[i]->name, class->name) != 0)
		i++;
	if (!fault) {
		table[i] = class;
		n_classes += i == n_classes;
		rebuild_index();
	}
	pthread_rwlock_unlock(&lock);
	if (fault && why)
		*why = fault;
	return fault ? -EINVAL : 0;
}

void *ffpf_instance_alloc(const struct ffpf_instance *instance, size_t size)
{
	return ffpf_arena_alloc(instance->arena, size);
}

const struct ffpf_value *ffpf_instance_value(const struct ffpf_instance *instance, const char *param)
{
	static const struct ffpf_value none;

	for (size_t i = 0; i < instance->class->n_params; i++)
		if (strcmp(instance->class->params[i].name, param) == 0)
			return &instance->values[i];
	return &none;
}

const struct ffpf_schema *ffpf_instance_schema(const struct ffpf_instance *instance)
{
	const struct ffpf_class *class = instance->class;

	return class->schema ? class->schema(instance) : &class->keeps;
}

unsigned ffpf_instance_flags(const struct ffpf_instance *instance)
{
	const struct ffpf_class *class = instance->class;
	unsigned more = class->instance_flags ? class->instance_flags(instance) : 0;

	return class->flags | (more & (FFPF_CLASS_PASSES | FFPF_CLASS_VERDICT));
}

size_t ffpf_class_main_param(const struct ffpf_class *class)
{
	for (size_t i = 0; i < class->n_params; i++)
		if (class->params[i].flags & FFPF_PARAM_MAIN)
			return i;
	return class->n_params;
}

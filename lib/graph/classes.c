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

/* A class of the table. Those that come as texts are compiled when somebody asks for them. */
struct entry {
	const char *name;
	const struct ffpf_class *class; /* NULL: text number `text` of the language, not compiled yet */
	size_t text;
	bool compiling; /* it is being compiled: it can't be part of itself */
};

static struct entry table[MAX_CLASSES];
static struct entry *by_name[MAX_CLASSES];
static size_t n_classes;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_rwlock_t lock =
	PTHREAD_RWLOCK_INITIALIZER; /* handles of several threads look names up while one loads classes */
/* Held while a text is compiled, which looks up the classes that it calls: taken again by the same thread. */
static pthread_mutex_t compiling = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

static int compare_names(const void *x, const void *y)
{
	const struct entry *const *a = x, *const *b = y;

	return strcmp((*a)->name, (*b)->name);
}

static void rebuild_index(void)
{
	for (size_t i = 0; i < n_classes; i++)
		by_name[i] = &table[i];
	qsort(by_name, n_classes, sizeof(by_name[0]), compare_names);
}

/* One of the same name makes way. */
static void put(const struct entry *entry)
{
	size_t i = 0;

	while (i < n_classes && strcmp(table[i].name, entry->name) != 0)
		i++;
	if (i == MAX_CLASSES)
		return;
	table[i] = *entry;
	n_classes += i == n_classes;
}

static void load_builtin(void)
{
	const char *name;

	for (size_t i = 0; ffpf_builtin_classes[i]; i++)
		put(&(struct entry){.name = ffpf_builtin_classes[i]->name, .class = ffpf_builtin_classes[i]});
	for (size_t i = 0; (name = ffpf_class_language.builtin(i)); i++)
		put(&(struct entry){.name = name, .text = i});
	rebuild_index();
}

/* The class of an entry; NULL: there is none, or it is being compiled by this thread. */
static const struct ffpf_class *class_of(struct entry *entry)
{
	const struct ffpf_class *class;

	if (!entry)
		return NULL;
	pthread_mutex_lock(&compiling);
	if (!entry->class && !entry->compiling) {
		entry->compiling = true;
		class = ffpf_class_language.compile(entry->text);
		entry->compiling = false;
		pthread_rwlock_wrlock(&lock);
		entry->class = class;
		pthread_rwlock_unlock(&lock);
	}
	class = entry->class;
	pthread_mutex_unlock(&compiling);
	return class;
}

const struct ffpf_class *ffpf_class_at(size_t i)
{
	const struct ffpf_class *class;

	pthread_once(&once, load_builtin);
	pthread_rwlock_rdlock(&lock);
	struct entry *entry = i < n_classes ? &table[i] : NULL;
	class = entry ? entry->class : NULL;
	pthread_rwlock_unlock(&lock);
	return class ? class : class_of(entry);
}

static int compare_to_name(const void *key, const void *item)
{
	const struct entry *const *entry = item;

	return strcmp(key, (*entry)->name);
}

const struct ffpf_class *ffpf_class_find(const char *name)
{
	pthread_once(&once, load_builtin);
	pthread_rwlock_rdlock(&lock);
	struct entry *const *found = bsearch(name, by_name, n_classes, sizeof(by_name[0]), compare_to_name);
	struct entry *entry = found ? *found : NULL;
	const struct ffpf_class *class = entry ? entry->class : NULL;
	pthread_rwlock_unlock(&lock);
	return class ? class : class_of(entry);
}

int ffpf_class_register(const struct ffpf_class *class, const char **why)
{
	pthread_once(&once, load_builtin);
	const char *fault = ffpf_class_fault(class);
	size_t i = 0;

	pthread_rwlock_wrlock(&lock);
	while (!fault && i < n_classes && strcmp(table[i].name, class->name) != 0)
		i++;
	if (!fault && i == MAX_CLASSES)
		fault = "there are too many classes";
	if (!fault) {
		put(&(struct entry){.name = class->name, .class = class});
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

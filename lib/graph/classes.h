/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of function classes, as the library itself sees it: the built-in
 * ones come from classes/list.def, others are added at run time by class paths
 * and by tests. Lookups and the order of the table are in ffpf/class.h.
 */
#ifndef FFPF_GRAPH_CLASSES_H
#define FFPF_GRAPH_CLASSES_H

#include <ffpf/class.h>

/* Defined in classes/list.c, NULL at the end. */
extern const struct ffpf_class *const ffpf_builtin_classes[];

/* A language that classes are written in: fpl/language.c. */
struct ffpf_class_language {
	const char *suffix; /* of its files */
	/* The names of the classes that come with the library as texts, in order; NULL behind the last. */
	const char *(*builtin)(size_t i);
	/* One of them, as a class that lives until the process ends. Called once for each; may look others up. */
	const struct ffpf_class *(*compile)(size_t i);
	/* A file becomes a class that lives until the process ends; NULL: reported. */
	const struct ffpf_class *(*load)(const char *path, struct ffpf_diags *diags);
};
extern const struct ffpf_class_language ffpf_class_language;

/*
 * Adds a class for the rest of the process; it takes the place of one with the same name, which is how tests stand in
 * for devices and files. The class must stay valid. 0, or -EINVAL with a sentence in *why when it can't be used; see
 * ffpf_class_fault. A graph that another thread is compiling may get either class.
 */
int ffpf_class_register(const struct ffpf_class *class, const char **why);

/*
 * What makes a class unusable (no name, a parameter table that is NULL, nothing that could run …): a sentence in memory
 * that is valid until the next call in this thread; NULL when nothing does.
 */
const char *ffpf_class_fault(const struct ffpf_class *class);

/* Loads every shared object and every text of a folder. 0, or -errno with a message in diags (span 0). */
int ffpf_class_load_path(const char *dir, struct ffpf_diags *diags);

/* Number of the parameter which the first positional argument sets, or n_params when there is none. */
size_t ffpf_class_main_param(const struct ffpf_class *class);

#endif

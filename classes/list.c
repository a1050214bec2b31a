/* SPDX-License-Identifier: BSD-2-Clause */
/* The built-in function classes: classes/list.def as externs and as the array that lib/graph/classes.c reads. */
#include <lib/graph/classes.h>

#define FFPF_CLASS(name) extern const struct ffpf_class ffpf_class_##name;
#include <classes/list.def>
#undef FFPF_CLASS

enum {
#define FFPF_CLASS(name) CLASS_##name,
#include <classes/list.def>
#undef FFPF_CLASS
	N_CLASSES
};

const struct ffpf_class *const ffpf_builtin_classes[] = {
#define FFPF_CLASS(name) [CLASS_##name] = &ffpf_class_##name,
#include <classes/list.def>
#undef FFPF_CLASS
	[N_CLASSES] = NULL,
};

_Static_assert(sizeof(ffpf_builtin_classes) / sizeof(ffpf_builtin_classes[0]) == N_CLASSES + 1,
	       "every class once, and the end");

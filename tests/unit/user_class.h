/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instance of a native class for unit tests: parameters with their defaults, overridden one by one, without the
 * language and the graph around it. Defaults are read only as far as the classes of the user flowspace need:
 * choices, booleans and plain numbers.
 */
#ifndef FFPF_TESTS_USER_CLASS_H
#define FFPF_TESTS_USER_CLASS_H

#include "lib/lang/arena.h"

#include <ffpf/class.h>
#include <stdlib.h>
#include <string.h>

struct user_class {
	struct ffpf_instance instance;
	struct ffpf_value values[16];
	struct ffpf_source_info input, sources[2];
	size_t n_sources; /* in sources; 0: the class is told of none */
	void *object;
	const char *why;
};

static inline struct ffpf_value *user_class_value(struct user_class *run, const char *param)
{
	for (size_t i = 0; i < run->instance.class->n_params; i++)
		if (!strcmp(run->instance.class->params[i].name, param))
			return &run->values[i];
	abort();
}

static inline void user_class_set(struct user_class *run, const char *param, const char *text)
{
	struct ffpf_value *value = user_class_value(run, param);
	const struct ffpf_param *entry = &run->instance.class->params[value - run->values];

	value->set = true;
	value->s = text;
	value->i = strtoll(text, NULL, 10);
	if (entry->type == FFPF_TYPE_BOOL)
		value->i = !strcmp(text, "yes");
	if (entry->type == FFPF_TYPE_CHOICE)
		for (value->i = 0; strcmp(entry->choices[value->i], text);)
			value->i++;
}

static inline void user_class_init(struct user_class *run, const struct ffpf_class *class)
{
	memset(run, 0, sizeof(*run));
	run->instance.class = class;
	run->instance.values = run->values;
	run->instance.diags = ffpf_diags_new();
	run->instance.arena = ffpf_diags_arena(run->instance.diags);
	for (size_t i = 0; i < class->n_params; i++)
		if (class->params[i].def)
			user_class_set(run, class->params[i].name, class->params[i].def);
}

/* linktype -1: the class is not told. */
static inline int user_class_open(struct user_class *run, int linktype)
{
	run->input = (struct ffpf_source_info){.linktype = (uint16_t)linktype, .snaplen = 65535};
	run->instance.input = linktype < 0 ? NULL : &run->input;
	run->instance.sources = run->sources;
	run->instance.n_sources = run->n_sources;
	return run->instance.class->native->open(&run->instance, 0, &run->object, &run->why);
}

static inline void user_class_packet(struct user_class *run, const void *data, uint32_t caplen, uint32_t len,
				     uint64_t time_ns, uint16_t linktype)
{
	const struct ffpf_packet packet = {
		.data = data, .caplen = caplen, .len = len, .time_ns = time_ns, .linktype = linktype};

	if (run->instance.class->native->process(run->object, &packet, 3) != 3)
		abort();
}

static inline int user_class_error(struct user_class *run)
{
	return run->instance.class->native->error(run->object, &run->why);
}

static inline uint64_t user_class_lost(struct user_class *run)
{
	return run->instance.class->native->lost(run->object);
}

static inline uint64_t user_class_cell(struct user_class *run, size_t i)
{
	uint64_t cells[16] = {0};

	run->instance.class->native->state(run->object, cells);
	return cells[i];
}

/* Closes the object; the instance may be opened again. */
static inline void user_class_close(struct user_class *run)
{
	run->instance.class->native->close(run->object);
	run->object = NULL;
}

static inline void user_class_exit(struct user_class *run)
{
	ffpf_diags_free(run->instance.diags);
}

#endif

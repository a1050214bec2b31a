// SPDX-License-Identifier: GPL-2.0
/*
 * Classes of native functions. To add one: a file in natives/, a line in `classes`, its name in
 * Kbuild, its parameters in a header of lib/native, a selftest, a case in tests/vm/.
 */
#include "ffpf.h"

static const struct ffpf_native_class *const classes[] = {
	&ffpf_strsearch,
	&ffpf_digest,
	&ffpf_anon_class,
	&ffpf_defrag_class,
};

/* Cells of all natives of an instance, on one CPU */
#define CELLS_MOST 65536

u32 ffpf_native_classes(void)
{
	return ARRAY_SIZE(classes);
}

const struct ffpf_native_class *ffpf_native_class(u32 index)
{
	return index < ARRAY_SIZE(classes) ? classes[index] : NULL;
}

static const struct ffpf_native_class *class_named(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (!strcmp(classes[i]->name, name))
			return classes[i];
	return NULL;
}

void ffpf_native_free(struct ffpf_native *native)
{
	native->class->free(native);
}

int ffpf_native_add(struct ffpf_source *source, struct ffpf_stage *stage,
		    struct ffpf_kmod_native *args, const void *params)
{
	const struct ffpf_native_class *class = class_named(args->name);
	struct ffpf_instance *instance = source->instance;
	struct ffpf_native *native;

	if (!class)
		return -EOPNOTSUPP;
	if (args->makes && !class->makes)
		return -EINVAL;
	if (stage->natives[args->number])
		return -EEXIST;
	native = class->create(params, args->params_bytes);
	if (IS_ERR(native))
		return PTR_ERR(native);
	if (native->n_cells > CELLS_MOST - instance->n_cells) {
		class->free(native);
		return -ENOSPC;
	}
	native->class = class;
	native->makes = args->makes;
	native->first_cell = instance->n_cells;
	instance->n_cells += native->n_cells;
	stage->natives[args->number] = native;
	stage->n_natives = max(stage->n_natives, args->number + 1);
	args->first_cell = native->first_cell;
	args->n_cells = native->n_cells;
	return 0;
}

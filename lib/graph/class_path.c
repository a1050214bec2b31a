/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classes that users bring: every shared object of a folder is loaded and its
 * table `ffpf_classes` is read. An object with a faulty class adds none of its
 * classes. Objects stay loaded until the process ends: their classes are used by pointer.
 */
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A table without its NULL at the end is read no further than this. */
#define MAX_PER_OBJECT 256

static const struct ffpf_span nowhere;

static int refuse(struct ffpf_diags *diags, const char *path, const char *why)
{
	ffpf_diag_error(diags, FFPF_D_FILE_FORMAT, nowhere, "%s: %s", path, why);
	return -EINVAL;
}

/* Is every class of the table usable, and its name free? */
static int check_table(const struct ffpf_class *const *classes, const char *path, struct ffpf_diags *diags)
{
	size_t n = 0;

	for (; n < MAX_PER_OBJECT && classes[n]; n++) {
		const char *why = ffpf_class_fault(classes[n]);

		if (why)
			return refuse(diags, path, why);
		bool taken = ffpf_class_find(classes[n]->name) != NULL;
		for (size_t other = 0; other < n; other++)
			taken |= strcmp(classes[other]->name, classes[n]->name) == 0;
		if (taken)
			return refuse(diags, path,
				      ffpf_arena_printf(ffpf_diags_arena(diags), "there is already a class '%s'", classes[n]->name));
	}
	if (n == MAX_PER_OBJECT)
		return refuse(diags, path, "its table ffpf_classes has no end");
	return n ? 0 : refuse(diags, path, "its table ffpf_classes is empty");
}

static int load_object(const char *path, struct ffpf_diags *diags)
{
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!object)
		return refuse(diags, path, dlerror());
	const struct ffpf_class *const *classes = dlsym(object, "ffpf_classes");
	int err = classes ? check_table(classes, path, diags) : refuse(diags, path, "it exports no table 'ffpf_classes'");

	for (size_t i = 0; !err && classes[i]; i++) {
		const char *why = NULL;

		if (ffpf_class_register(classes[i], &why) < 0)
			err = refuse(diags, path, why);
	}
	/* Once a class is in the table the object must stay. */
	if (err && (!classes || !classes[0] || ffpf_class_find(classes[0]->name ? classes[0]->name : "") != classes[0]))
		dlclose(object);
	return err;
}

static int is_object(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0 && entry->d_name[0] != '.';
}

int ffpf_class_load_path(const char *dir, struct ffpf_diags *diags)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_object, alphasort);
	int result = 0;

	if (n < 0) {
		result = -errno;
		ffpf_diag_error(diags, FFPF_D_FILE_OPEN, nowhere, "the class path '%s' can't be read: %s", dir, strerror(-result));
		return result;
	}
	for (int i = 0; i < n; i++) {
		int err = load_object(ffpf_arena_printf(ffpf_diags_arena(diags), "%s/%s", dir, entries[i]->d_name), diags);

		if (err && !result)
			result = err;
		free(entries[i]);
	}
	free(entries);
	return result;
}

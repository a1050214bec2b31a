/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classes that users bring: every shared object of a folder is loaded and its
 * table `ffpf_classes` is read. An object with a faulty class adds none of its
 * classes; one that was loaded before, for another handle, adds nothing and is no mistake. Objects stay loaded until
 * the process ends: their classes are used by pointer.
 */
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A table without its NULL at the end is read no further than this. */
#define MAX_PER_OBJECT 256

static const struct ffpf_span nowhere;
/* Between looking whether a name is free and taking it. */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static int refuse(struct ffpf_diags *diags, const char *path, const char *why)
{
	ffpf_diag_error(diags, FFPF_D_FILE_FORMAT, nowhere, "%s: %s", path, why);
	return -EINVAL;
}

/*
 * The dynamic linker believes what an object says of itself, and ends the process with a signal when the file is
 * shorter than that, or hangs on a pipe: what can be seen from outside is looked at first. Returns what is wrong, or
 * NULL.
 */
static const char *file_fault(int fd)
{
	ElfW(Ehdr) header;
	ElfW(Phdr) segment;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG))
		return "it is no shared object";
	if (header.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) || header.e_type != ET_DYN)
		return "it is no shared object for this kind of machine";
	if (header.e_phentsize != sizeof(segment))
		return "its header is damaged";
	for (unsigned i = 0; i < header.e_phnum; i++) {
		if (pread(fd, &segment, sizeof(segment), (off_t)(header.e_phoff + i * sizeof(segment))) !=
		    sizeof(segment))
			return "it is cut off";
		if (segment.p_filesz && (segment.p_offset > (uint64_t)st.st_size ||
					 segment.p_filesz > (uint64_t)st.st_size - segment.p_offset))
			return "it is cut off";
	}
	return NULL;
}

/* Is every class of the table usable, and its name free? *known: all of them are in the table already. */
static int check_table(const struct ffpf_class *const *classes, const char *path, struct ffpf_diags *diags, bool *known)
{
	size_t n = 0, n_known = 0;

	for (; n < MAX_PER_OBJECT && classes[n]; n++) {
		const char *why = ffpf_class_fault(classes[n]);

		if (why)
			return refuse(diags, path, why);
		const struct ffpf_class *found = ffpf_class_find(classes[n]->name);
		bool taken = found && found != classes[n];

		n_known += found == classes[n];
		for (size_t other = 0; other < n; other++)
			taken |= strcmp(classes[other]->name, classes[n]->name) == 0;
		if (taken)
			return refuse(diags, path,
				      ffpf_arena_printf(ffpf_diags_arena(diags), "there is already a class '%s'",
							classes[n]->name));
	}
	if (n == MAX_PER_OBJECT)
		return refuse(diags, path, "its table ffpf_classes has no end");
	*known = n_known == n;
	return n ? 0 : refuse(diags, path, "its table ffpf_classes is empty");
}

/* An object whose classes are in the table stays loaded. */
static int add_classes(void *object, const char *path, struct ffpf_diags *diags)
{
	const struct ffpf_class *const *classes = dlsym(object, "ffpf_classes");
	bool known = false;
	int err = classes ? check_table(classes, path, diags, &known)
			  : refuse(diags, path, "it exports no table 'ffpf_classes'");
	size_t n = 0;

	for (; !err && !known && classes[n]; n++) {
		const char *why = NULL;

		if (ffpf_class_register(classes[n], &why) < 0) {
			err = refuse(diags, path, why);
			break;
		}
	}
	if (!n)
		dlclose(object);
	return err;
}

static int load_object(const char *path, struct ffpf_diags *diags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *why = fd < 0 ? strerror(errno) : file_fault(fd);
	void *object;

	if (fd >= 0)
		close(fd);
	if (why)
		return refuse(diags, path, why);
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!object) {
		why = dlerror();
		/* The message begins with the path, and so does ours. */
		if (!strncmp(why, path, strlen(path)) && !strncmp(why + strlen(path), ": ", 2))
			why += strlen(path) + 2;
		return refuse(diags, path, why);
	}
	return add_classes(object, path, diags);
}

static bool ends(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0;
}

static int is_class_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
	       (ends(entry->d_name, ".so") || ends(entry->d_name, ffpf_class_language.suffix));
}

/* A text that was loaded before, for another handle, is the same class again. */
static int load_text(const char *path, struct ffpf_diags *diags)
{
	const struct ffpf_class *class = ffpf_class_language.load(path, diags), *found;
	const char *why = NULL;

	if (!class)
		return -EINVAL;
	found = ffpf_class_find(class->name);
	if (found && found->check != class->check)
		return refuse(diags, path,
			      ffpf_arena_printf(ffpf_diags_arena(diags), "there is already a class '%s'", class->name));
	return ffpf_class_register(class, &why) < 0 ? refuse(diags, path, why) : 0;
}

int ffpf_class_load_path(const char *dir, struct ffpf_diags *diags)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_class_file, alphasort);
	int result = 0;

	if (n < 0) {
		result = -errno;
		ffpf_diag_error(diags, FFPF_D_FILE_OPEN, nowhere, "the class path '%s' can't be read: %s", dir,
				strerror(-result));
		return result;
	}
	pthread_mutex_lock(&loading);
	for (int i = 0; i < n; i++) {
		const char *path = ffpf_arena_printf(ffpf_diags_arena(diags), "%s/%s", dir, entries[i]->d_name);
		int err = ends(path, ".so") ? load_object(path, diags) : load_text(path, diags);

		if (err && !result)
			result = err;
		free(entries[i]);
	}
	pthread_mutex_unlock(&loading);
	free(entries);
	return result;
}

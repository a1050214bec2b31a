/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading an object: which of its functions are programs, and of what kind; see object.h.
 */
#include <flowspaces/ebpf/object_file.h>
#include <lib/lang/arena.h>

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROGRAMS_MAX 256

/* The name of a section says what its programs are; NAME/… and NAME.… too. */
static const struct {
	const char *name;
	enum ffpf_object_context context;
} sections[] = {
	{"xdp", FFPF_OBJECT_XDP},    {"ffpf", FFPF_OBJECT_XDP},	      {"tc", FFPF_OBJECT_SKB},
	{"tcx", FFPF_OBJECT_SKB},    {"classifier", FFPF_OBJECT_SKB}, {"action", FFPF_OBJECT_SKB},
	{"socket", FFPF_OBJECT_SKB}, {"filter", FFPF_OBJECT_SKB},
};

int ffpf_object_fail(struct ffpf_object_file *file, const char *format, ...)
{
	va_list ap;
	char *text;

	va_start(ap, format);
	text = ffpf_arena_vprintf(file->arena, format, ap);
	va_end(ap);
	/* Names come from the file, and go to terminals. */
	for (char *p = text; *p; p++)
		if (!isprint((unsigned char)*p))
			*p = '?';
	file->why = text;
	return -EINVAL;
}

const char *ffpf_object_clean(struct ffpf_arena *arena, const char *name)
{
	char *copy = ffpf_arena_strndup(arena, name, strnlen(name, FFPF_MAP_NAME - 1));

	for (char *p = copy; *p; p++)
		if (!isascii((unsigned char)*p) || (!isalnum((unsigned char)*p) && *p != '_' && *p != '.'))
			*p = '_';
	return copy;
}

static bool known_section(const char *name, enum ffpf_object_context *context)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		size_t len = strlen(sections[i].name);

		if (strncmp(name, sections[i].name, len) != 0 || isalpha((unsigned char)name[len]))
			continue;
		*context = sections[i].context;
		return true;
	}
	return false;
}

static int no_program(struct ffpf_object_file *file)
{
	for (size_t i = 0; i < file->n_functions; i++) {
		const struct elf_function *f = &file->functions[i];
		const char *section = file->sections[f->section].name;

		if (!f->local)
			return ffpf_object_fail(
				file,
				"it has no program: '%.64s' is in section '%.64s', say SEC(\"xdp\") (or tc, "
				"tcx/ingress, classifier, action, socket, filter, ffpf) before it",
				f->name, section);
	}
	return ffpf_object_fail(file,
				"it has no program: no function has a SEC(\"xdp\") (or tc, tcx/ingress, classifier, "
				"action, socket, filter, ffpf) before it");
}

static int find_programs(struct ffpf_object_file *file)
{
	size_t capacity = 0, capacity_entries = 0;

	for (size_t i = 0; i < file->n_functions; i++) {
		const struct elf_function *f = &file->functions[i];
		struct ffpf_object_program p = {.name = ffpf_object_clean(file->arena, f->name),
						.section = file->sections[f->section].name};
		char *section;

		if (f->local || !known_section(p.section, &p.context))
			continue;
		if (file->n_programs == PROGRAMS_MAX)
			return ffpf_object_fail(file, "it has more than %d programs", PROGRAMS_MAX);
		section = ffpf_arena_strndup(file->arena, p.section, strnlen(p.section, FFPF_MAP_NAME));
		for (char *c = section; *c; c++)
			if (!isprint((unsigned char)*c))
				*c = '?';
		p.section = section;
		file->programs = ffpf_arena_grow(file->arena, file->programs, file->n_programs, &capacity, sizeof(p));
		file->entries = ffpf_arena_grow(file->arena, file->entries, file->n_programs, &capacity_entries,
						sizeof(*file->entries));
		file->programs[file->n_programs] = p;
		file->entries[file->n_programs++] = i;
	}
	return file->n_programs ? 0 : no_program(file);
}

static const char *license(const struct ffpf_object_file *file)
{
	const struct elf_section *s = ffpf_object_section(file, "license");
	const char *text = s ? ffpf_object_text((const char *)s->data, s->size, 0) : NULL;

	return text ? text : "";
}

static int load(struct ffpf_object_file *file)
{
	const struct elf_section *btf;
	int err = ffpf_object_elf(file);

	if (err)
		return err;
	btf = ffpf_object_section(file, ".BTF");
	if (btf)
		err = ffpf_object_btf(file, btf);
	if (btf)
		file->btf_ext = ffpf_object_section(file, ".BTF.ext");
	if (!err)
		err = ffpf_object_find_functions(file);
	if (!err)
		err = find_programs(file);
	if (!err)
		err = ffpf_object_maps(file);
	return err;
}

int ffpf_object_load(struct ffpf_arena *arena, const void *bytes, size_t size, struct ffpf_object **out,
		     const char **why)
{
	struct ffpf_object_file *file = ffpf_arena_alloc(arena, sizeof(*file));
	struct ffpf_object *object;
	uint8_t *copy;

	file->arena = arena;
	file->size = size;
	if (size > FFPF_OBJECT_BYTES_MAX) {
		ffpf_object_fail(file, "%zu bytes are more than an object may have (%u)", size, FFPF_OBJECT_BYTES_MAX);
		*why = file->why;
		return -EINVAL;
	}
	copy = ffpf_arena_alloc(arena, size + 1);
	memcpy(copy, bytes, size);
	file->bytes = copy;
	if (load(file)) {
		*why = file->why;
		return -EINVAL;
	}
	object = ffpf_arena_alloc(arena, sizeof(*object));
	*object = (struct ffpf_object){.license = license(file),
				       .programs = file->programs,
				       .n_programs = file->n_programs,
				       .maps = file->maps,
				       .n_maps = file->n_maps,
				       .file = file};
	*out = object;
	return 0;
}

/* All of a file, which is closed; *size. */
static int read_bytes(int fd, uint8_t **out, size_t *size)
{
	struct stat st;
	ssize_t n;
	uint8_t *bytes;
	size_t at = 0;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode))
		return -ENODEV;
	if (st.st_size > FFPF_OBJECT_BYTES_MAX)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return -ENOMEM;
	while (at < (size_t)st.st_size && (n = read(fd, bytes + at, (size_t)st.st_size - at)) > 0)
		at += (size_t)n;
	*out = bytes;
	*size = at;
	return 0;
}

int ffpf_object_read(struct ffpf_arena *arena, const char *path, struct ffpf_object **out, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;
	uint8_t *bytes = NULL;
	size_t size = 0;

	err = fd < 0 ? -errno : read_bytes(fd, &bytes, &size);
	if (fd >= 0)
		close(fd);
	if (err) {
		*why = err == -ENODEV ? "not a regular file" : ffpf_arena_strdup(arena, strerror(-err));
		return err;
	}
	err = ffpf_object_load(arena, bytes, size, out, why);
	free(bytes);
	return err;
}

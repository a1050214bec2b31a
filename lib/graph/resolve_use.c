/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `use "file"`: the statements of another text, at this place. A file is read
 * once, however many texts use it; a file that is being read when it is used
 * again is a cycle. Names are relative to the folder of the text they stand in.
 */
#include <lib/graph/resolve.h>
#include <lib/lang/arena.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct used_file {
	const char *path; /* canonical */
	bool open;	  /* its statements are being resolved */
};

static bool file_has_path(const void *item, const void *key)
{
	const struct used_file *file = item;

	return strcmp(file->path, key) == 0;
}

/* The whole of a regular file into the arena. 0, or -errno; -EFBIG when it is longer than any text may be. */
static int read_all(struct ffpf_arena *arena, const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	int err = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	else if (st.st_size > FFPF_TEXT_MAX)
		err = -EFBIG;
	if (!err) {
		size_t size = (size_t)st.st_size;
		ssize_t n = 1;

		*text = ffpf_arena_alloc(arena, size + 1);
		for (*len = 0; *len < size && n > 0; *len += n > 0 ? (size_t)n : 0)
			n = read(fd, *text + *len, size - *len);
		if (n < 0)
			err = -errno;
	}
	close(fd);
	return err;
}

static void refuse(struct ffpf_resolver *r, const struct ffpf_ast_stmt *stmt, const char *path, int err)
{
	ffpf_diag_error(r->diags, FFPF_D_USE_UNREADABLE, stmt->name_span, "'%s' can't be read: %s", path,
			err == -EINVAL ? "not a regular file" : strerror(-err));
	r->broken = true;
}

static void resolve_file(struct ffpf_resolver *r, const struct ffpf_ast_stmt *stmt, const char *path,
			 struct used_file *file)
{
	struct ffpf_parse_options options = {.variables = r->options->variables,
					     .n_variables = r->options->n_variables};
	const char *slash = strrchr(path, '/');
	const char *dir = slash ? ffpf_arena_strndup(r->arena, path, (size_t)(slash - path) + (slash == path)) : NULL;
	char *text = NULL;
	size_t len = 0;
	int err = read_all(r->arena, path, &text, &len);

	if (err < 0) {
		refuse(r, stmt, path, err);
		return;
	}
	size_t errors = ffpf_diags_errors(r->diags);
	uint32_t source = ffpf_diags_add_source(r->diags, path, text, len);
	const struct ffpf_ast *ast = ffpf_parse(r->arena, r->diags, source, &options);
	r->syntax |= ffpf_diags_errors(r->diags) > errors;
	r->broken |= r->syntax;
	file->open = true;
	ffpf_resolve_statements(r, ast, dir, true);
	file->open = false;
}

void ffpf_resolve_use(struct ffpf_resolver *r, const struct ffpf_ast_stmt *stmt, const char *dir)
{
	const char *path = stmt->name;
	char canonical[PATH_MAX];

	if (dir && path[0] != '/')
		path = ffpf_arena_printf(r->arena, "%s/%s", dir, path);
	if (!realpath(path, canonical)) {
		refuse(r, stmt, path, -errno);
		return;
	}
	uint64_t hash = ffpf_hash_string(canonical);
	struct used_file *file = ffpf_table_find(&r->files, hash, file_has_path, canonical);
	if (file) {
		if (file->open) {
			ffpf_diag_error(r->diags, FFPF_D_USE_CYCLE, stmt->name_span,
					"'%s' uses itself, directly or through other files", path);
			r->broken = true;
		}
		return;
	}
	file = ffpf_arena_alloc(r->arena, sizeof(*file));
	file->path = ffpf_arena_strdup(r->arena, canonical);
	ffpf_table_add(&r->files, hash, file);
	resolve_file(r, stmt, path, file);
}

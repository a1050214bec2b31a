/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where programs come from: the class FPL (a text in the graph, or a file), files of class paths, and the classes of
 * fpl/classes, whose texts are part of the library.
 */
#include <fpl/program.h>
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the parameter stands that is wrong with a class; else the beginning. */
static struct fpl_place param_of(struct ffpf_arena *arena, const struct fpl_program *p, const char *fault)
{
	for (size_t i = 0; i < p->n_symbols; i++)
		if (p->symbols[i]->kind == FPL_Y_PARAM &&
		    strstr(fault, ffpf_arena_printf(arena, "'%s'", p->symbols[i]->name)))
			return p->symbols[i]->place;
	return (struct fpl_place){0, 0};
}

/* A text becomes a class; NULL where it is wrong. as: the name that it has to have, NULL: FPL. */
static const struct ffpf_class *compile(struct ffpf_arena *arena, struct fpl_source *source, const char *as,
					const struct ffpf_param *fixed, size_t n_fixed)
{
	const struct fpl_place beginning = {0, 0};
	const struct ffpf_class *class;
	struct fpl_program *p;
	const char *fault;
	struct fpl_stmt *body;

	source->arena = arena;
	body = fpl_parse(arena, source);
	if (source->errors)
		return NULL;
	p = fpl_check_program(arena, source, body, fixed, n_fixed);
	if (source->errors)
		return NULL;
	if (!as) {
		p->name = NULL;
	} else if (!p->name || strcmp(p->name, as) != 0) {
		fpl_hint(source,
			 fpl_error(source, FFPF_D_CLASS_PROGRAM, beginning,
				   p->name ? "the class of this file is called '%s'"
					   : "the text does not say which class it is",
				   p->name),
			 "a file NAME.fpl is the class NAME: class %s \"…\";", as);
		return NULL;
	}
	class = fpl_class_make(p);
	fault = ffpf_class_fault(class);
	if (fault) {
		fpl_error(source, FFPF_D_CLASS_PROGRAM, param_of(arena, p, fault), "%s", fault);
		return NULL;
	}
	return class;
}

/* Longer files are no programs: what is too long for a text is said of the text. */
#define FILE_MOST ((2u << 20) - 2)

/* ---- files ----------------------------------------------------------------------------------- */

static const struct ffpf_class *compile_file(struct ffpf_arena *arena, struct ffpf_diags *diags, const char *path,
					     struct ffpf_span span, const char *as, const struct ffpf_param *fixed,
					     size_t n_fixed)
{
	struct fpl_source *source = ffpf_arena_alloc(arena, sizeof(*source));
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t len = 0;
	int err = file ? fpl_read_all(file, FILE_MOST, &text, &len) : -errno;

	if (file)
		fclose(file);
	if (err) {
		ffpf_diag_error(diags, FFPF_D_FILE_OPEN, span, "%s: %s", path, strerror(-err));
		return NULL;
	}
	*source = (struct fpl_source){.name = ffpf_arena_strdup(arena, path),
				      .text = ffpf_arena_strndup(arena, text, len),
				      .len = len,
				      .diags = diags};
	free(text);
	source->number = ffpf_diags_add_source(diags, path, source->text, len);
	return compile(arena, source, as, fixed, n_fixed);
}

/* ---- the class FPL --------------------------------------------------------------------------- */

enum { PARAM_PROGRAM, PARAM_FILE };

static const struct ffpf_param params[] = {
	[PARAM_PROGRAM] = {.name = "program",
			   .type = FFPF_TYPE_STRING,
			   .flags = FFPF_PARAM_MAIN,
			   .doc = "the program's text: {…}"},
	[PARAM_FILE] = {.name = "file", .type = FFPF_TYPE_FILE, .doc = "where the program is instead"},
};
#define N_PARAMS (sizeof(params) / sizeof(params[0]))

static const struct ffpf_class *specialise(struct ffpf_instance *instance)
{
	const struct ffpf_value *program = &instance->values[PARAM_PROGRAM], *file = &instance->values[PARAM_FILE];
	struct ffpf_arena *arena = instance->arena;
	struct fpl_source *source;

	if (program->given == file->given) {
		ffpf_diag_error(instance->diags, FFPF_D_PARAM_MISSING, instance->span,
				program->given ? "a program is either a text or a file"
					       : "'FPL' needs a program, {…}, or file=…");
		return NULL;
	}
	if (file->given)
		return compile_file(arena, instance->diags, file->s, file->span, NULL, params, N_PARAMS);
	source = ffpf_arena_alloc(arena, sizeof(*source));
	*source = (struct fpl_source){
		.text = program->s, .len = strlen(program->s), .diags = instance->diags, .value = program->ast};
	return compile(arena, source, NULL, params, N_PARAMS);
}

/* Never asked: every function is of the class that specialise made. It says that there are packet programs. */
static int build(const struct ffpf_instance *instance, struct ffpf_builder *b)
{
	return -EINVAL;
}

const struct ffpf_class ffpf_class_FPL = {
	.abi = FFPF_CLASS_ABI,
	.name = "FPL",
	.help = "a program of your own, in the packet language",
	.manual =
		"Runs a program of FPL, the packet language, for each packet: docs/FPL.md teaches it.\n"
		"\n"
		"    (FPL, { if (udp.dport == 53) { n++; return 1 } })\n"
		"\n"
		"The program stands in braces, or in a file. What it returns is the packet's class: 0, and the packet\n"
		"leaves the flow. A program without 'return' passes every packet on. Parameters that the program\n"
		"declares are given like any others: (FPL, file=\"scan.fpl\", limit=200).",
	.example = "[pcap $FILE] > (FPL, { if (udp.dport == 53) { n++; return 1 } })",
	.role = FFPF_FUNCTION,
	.params = params,
	.n_params = N_PARAMS,
	.build = build,
	.specialise = specialise,
};

/* ---- classes that are files ------------------------------------------------------------------ */

/* What is loaded once stays until the process ends. */
static struct ffpf_arena *forever(void)
{
	static struct ffpf_arena *arena;

	if (!arena)
		arena = ffpf_arena_new();
	return arena;
}

static const struct ffpf_class *load(const char *path, struct ffpf_diags *diags)
{
	const struct ffpf_span nowhere = {0, 0, 0};
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct ffpf_arena *arena = forever();

	return compile_file(arena, diags, path, nowhere, ffpf_arena_strndup(arena, base, strcspn(base, ".")), NULL, 0);
}

extern const struct fpl_text {
	const char *name, *text;
} fpl_texts[]; /* generated from fpl/classes/NAME.fpl */

static const char *builtin(size_t i)
{
	return fpl_texts[i].name;
}

static const struct ffpf_class *compile_builtin(size_t i)
{
	struct ffpf_arena *arena = forever();
	struct fpl_source *source;
	const struct ffpf_class *class;

	source = ffpf_arena_alloc(arena, sizeof(*source));
	*source = (struct fpl_source){.name = ffpf_arena_printf(arena, "fpl/classes/%s.fpl", fpl_texts[i].name),
				      .text = fpl_texts[i].text,
				      .len = strlen(fpl_texts[i].text)};
	class = compile(arena, source, fpl_texts[i].name, NULL, 0);
	if (!class) {
		fprintf(stderr, "ffpf: %s: %s\n", source->name, source->first_error);
		abort();
	}
	return class;
}

const struct ffpf_class_language ffpf_class_language = {
	.suffix = ".fpl", .builtin = builtin, .compile = compile_builtin, .load = load};

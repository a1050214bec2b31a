/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types one written value by the parameter that takes it. The lexer only knows
 * words and strings; whether `64k` is a size, a count or the name of a file is
 * said here. Every refusal is located inside the token where that helps, and
 * says what would have been right.
 */
#include <lib/graph/values.h>
#include <lib/lang/arena.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

/* Texts longer than this are cut in messages. */
#define SHOWN 40

static struct ffpf_span span_of(const struct ffpf_value_scan *scan, size_t start, size_t end)
{
	return start == end ? scan->written->span : ffpf_ast_value_span(scan->written, start, end);
}

int ffpf_value_refuse(const struct ffpf_value_scan *scan, size_t start, size_t end, const char *hint,
		      const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	const char *message = ffpf_arena_vprintf(scan->arena, format, ap);
	va_end(ap);
	struct ffpf_diag *diag =
		ffpf_diag_error(scan->diags, FFPF_D_VALUE_TYPE, span_of(scan, start, end), "%s", message);
	if (hint)
		ffpf_diag_hint(scan->diags, diag, "%s", hint);
	return -EINVAL;
}

int ffpf_value_out_of_range(const struct ffpf_value_scan *scan, size_t start, size_t end)
{
	const struct ffpf_param *param = scan->param;
	char lo[32], hi[32];

	ffpf_value_format(param->type, param->min, lo, sizeof(lo));
	ffpf_value_format(param->type, param->max, hi, sizeof(hi));
	ffpf_diag_error(scan->diags, FFPF_D_VALUE_RANGE, span_of(scan, start, end), "'%s' takes %s to %s", param->name,
			lo, hi);
	return -EINVAL;
}

static const char *choice_at(const void *arg, size_t i)
{
	return ((const char *const *)arg)[i];
}

/* "log2, linear or none" */
static const char *list_choices(struct ffpf_arena *arena, const char *const *choices)
{
	const char *list = choices[0] ? choices[0] : "nothing";

	for (size_t i = 1; choices[0] && choices[i]; i++)
		list = ffpf_arena_printf(arena, "%s%s%s", list, choices[i + 1] ? ", " : " or ", choices[i]);
	return list;
}

static int parse_choice(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	const char *const *choices = scan->param->choices;
	const char *text = scan->written->text;

	for (size_t i = 0; choices[i]; i++) {
		if (strcmp(choices[i], text) == 0) {
			out->i = (int64_t)i;
			out->s = choices[i];
			return 0;
		}
	}
	struct ffpf_diag *diag =
		ffpf_diag_error(scan->diags, FFPF_D_VALUE_CHOICE, scan->written->span, "'%s' is %s, not '%.*s'",
				scan->param->name, list_choices(scan->arena, choices), SHOWN, text);
	const char *nearest = ffpf_diag_nearest(text, choice_at, choices);
	if (nearest)
		ffpf_diag_hint(scan->diags, diag, "did you mean '%s'?", nearest);
	return -EINVAL;
}

static int parse_bool(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(words[i], scan->written->text) == 0) {
			out->i = i & 1;
			return 0;
		}
	}
	return ffpf_value_refuse(scan, 0, 0, NULL, "'%s' is yes or no, not '%.*s'", scan->param->name, SHOWN,
				 scan->written->text);
}

/* What the kernel's dev_valid_name() accepts. */
static int parse_device(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	const char *text = scan->written->text;
	size_t len = scan->written->len;
	size_t bad = strcspn(text, "/: \t\r\n\v\f");

	if (!len)
		return ffpf_value_refuse(scan, 0, 0, NULL, "the name of a network interface is empty");
	if (len >= IFNAMSIZ)
		return ffpf_value_refuse(scan, 0, 0, NULL, "the name of a network interface has at most %d characters",
					 IFNAMSIZ - 1);
	if (bad < len)
		return ffpf_value_refuse(scan, bad, bad + 1, NULL, "the name of a network interface has no '%c' in it",
					 text[bad]);
	if (strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return ffpf_value_refuse(scan, 0, 0, NULL, "'%s' is no name of a network interface", text);
	out->s = text;
	return 0;
}

static int parse_file(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	if (!scan->written->len)
		return ffpf_value_refuse(scan, 0, 0, NULL, "the file name is empty");
	out->s = scan->written->text;
	return 0;
}

static int parse_typed(const struct ffpf_value_scan *scan, struct ffpf_value *out)
{
	switch (scan->param->type) {
	case FFPF_TYPE_STRING:
	case FFPF_TYPE_FILTER:
		out->s = scan->written->text;
		return 0;
	case FFPF_TYPE_COUNT:
	case FFPF_TYPE_SIZE:
	case FFPF_TYPE_RATE:
	case FFPF_TYPE_TIME:
		return ffpf_value_number(scan, out);
	case FFPF_TYPE_BOOL:
		return parse_bool(scan, out);
	case FFPF_TYPE_FLOAT:
		return ffpf_value_float(scan, out);
	case FFPF_TYPE_CHOICE:
		return parse_choice(scan, out);
	case FFPF_TYPE_DEVICE:
		return parse_device(scan, out);
	case FFPF_TYPE_FILE:
		return parse_file(scan, out);
	case FFPF_TYPE_MAC:
		return ffpf_value_mac(scan, out);
	case FFPF_TYPE_IPV4:
	case FFPF_TYPE_IPV6:
		return ffpf_value_ip(scan, out);
	case FFPF_TYPE_RANGE:
		return ffpf_value_range(scan, out);
	}
	return ffpf_value_refuse(scan, 0, 0, NULL, "'%s' has a type that this version does not know",
				 scan->param->name);
}

int ffpf_value_parse(struct ffpf_arena *arena, struct ffpf_diags *diags, const struct ffpf_param *param,
		     const struct ffpf_ast_value *written, struct ffpf_value *out)
{
	struct ffpf_value_scan scan = {.arena = arena, .diags = diags, .param = param, .written = written};
	struct ffpf_value value = {.set = true, .given = true, .span = written->span, .ast = written};
	int err = parse_typed(&scan, &value);

	if (err < 0)
		return err;
	*out = value;
	return 0;
}

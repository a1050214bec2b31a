/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where in an expression libpcap's complaint lies. Its messages quote a word or say
 * "syntax error", with no place.
 *
 * A quoted word is sought in the expression. For a syntax error the first token is found up to
 * which nothing can follow that makes an expression: the beginning up to each token is completed in many
 * ways and compiled; if all fail, the mistake is at or before that token, so bisection finds it.
 */
#include <lib/translate/internal.h>
#include <lib/lang/arena.h>

#include <ctype.h>
#include <string.h>
#include <time.h>

#define TOKENS_MAX 512
#define OPEN_MAX 16
#define BUDGET_NS 200000000 /* an expression with names to be resolved may take long to compile */

struct tokens {
	struct {
		size_t start, end;
	} token[TOKENS_MAX];
	size_t n;
};

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || strchr("_.\\", c);
}

static bool split(const char *expr, struct tokens *t)
{
	size_t i = 0;

	t->n = 0;
	for (;;) {
		size_t start;

		i += strspn(expr + i, " \t\r\n");
		if (!expr[i])
			return true;
		if (t->n == TOKENS_MAX)
			return false;
		start = i;
		if (in_word(expr[i]))
			while (expr[i] &&
			       (in_word(expr[i]) || (strchr(":-/", expr[i]) && expr[i + 1] && in_word(expr[i + 1]))))
				i++;
		else
			i += strchr("&|=<>!", expr[i]) && expr[i + 1] && strchr("&|=<>", expr[i + 1]) ? 2 : 1;
		t->token[t->n].start = start;
		t->token[t->n++].end = i;
	}
}

static bool find_quoted(const char *expr, const char *why, size_t *start, size_t *end)
{
	const char *from = strchr(why, '\''), *to = from ? strchr(from + 1, '\'') : NULL;
	size_t n = to ? (size_t)(to - from - 1) : 0;

	for (const char *at = expr; n && *at; at++) {
		if (strncmp(at, from + 1, n) || (at > expr && in_word(at[-1]) && in_word(*at)) ||
		    (in_word(at[n - 1]) && at[n] && in_word(at[n])))
			continue;
		*start = (size_t)(at - expr);
		*end = *start + n;
		return true;
	}
	return false;
}

/* What closes the brackets that are open at the end of a text, innermost first. False: too many, or wrongly closed. */
static bool closers(const char *text, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '(' || text[i] == '[') {
			if (n == OPEN_MAX)
				return false;
			memmove(out + 1, out, n++);
			out[0] = text[i] == '(' ? ')' : ']';
		} else if ((text[i] == ')' || text[i] == ']') && n) {
			memmove(out, out + 1, --n);
		}
	}
	out[n] = '\0';
	return true;
}

static bool parses(const char *text, int linktype)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct ffpf_cbpf *insns;
	const char *why = "";
	size_t n;
	bool ok = !ffpf_cbpf_compile(arena, text, linktype, 0, &insns, &n, &why) || !strstr(why, "syntax error");

	ffpf_arena_free(arena);
	return ok;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Can anything follow these bytes? Says yes when in doubt, sets *late when time is up. */
static bool viable(struct ffpf_arena *arena, const char *expr, size_t len, int linktype, int64_t until, bool *late)
{
	static const char *const inner[] = {"",	      " tcp", " 80",	" 1.2.3.4",	      " host 1.2.3.4",
					    " 1 = 1", " = 1", " 0x1:1", " 00:11:22:33:44:55", " mgt",
					    " beacon"};
	static const char *const tails[] = {"", " = 1", " = 1 and tcp"};
	char close[OPEN_MAX + 1];

	if (!closers(expr, len, close))
		return true;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++)
		for (size_t k = 0; k <= strlen(close); k++)
			for (size_t t = 0; t < sizeof(tails) / sizeof(tails[0]); t++) {
				if (now() > until) {
					*late = true;
					return true;
				}
				if (parses(ffpf_arena_printf(arena, "%.*s%s%.*s%s%s", (int)len, expr, inner[i], (int)k,
							     close, tails[t], close + k),
					   linktype))
					return true;
			}
	return false;
}

static bool find_syntax_error(const char *expr, int linktype, size_t *start, size_t *end)
{
	struct ffpf_arena *arena = ffpf_arena_new();
	struct tokens *t = ffpf_arena_alloc(arena, sizeof(*t));
	int64_t until = now() + BUDGET_NS;
	bool late = !split(expr, t) || !t->n;
	size_t good = 0,
	       bad = t->n; /* the first `good` tokens are viable; the first `bad` are not, or are all there are */

	while (!late && good + 1 < bad) {
		size_t middle = (good + bad) / 2;

		if (viable(arena, expr, t->token[middle - 1].end, linktype, until, &late))
			good = middle;
		else
			bad = middle;
	}
	if (!late) {
		*start = t->token[bad - 1].start;
		*end = t->token[bad - 1].end;
	}
	ffpf_arena_free(arena);
	return !late;
}

bool ffpf_cbpf_locate(const char *expr, int linktype, const char *why, size_t *start, size_t *end)
{
	if (strlen(expr) > FFPF_CBPF_TEXT_MAX)
		return false;
	if (strstr(why, "syntax error"))
		return find_syntax_error(expr, linktype, start, end);
	return find_quoted(expr, why, start, end);
}

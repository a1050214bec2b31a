/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of flowgraph texts. Its actions only build nodes (build.c); what
 * the names mean is decided later, in graph/. Brackets arrive balanced, and
 * newlines as SEP only where they separate statements: see scan.c.
 *
 * Error recovery: a function whose brackets hold nonsense is left out, and so
 * is anything else up to the next '>', '|', closing bracket or separator.
 */
%require "3.5"
%define api.pure full
%define api.prefix {ffpf_flow_}
%define api.location.type {struct ffpf_span}
%define parse.error custom
%define parse.lac full
%locations
%param {struct ffpf_scan *scan}

%code requires {
#include "lib/lang/build.h"
#include "lib/lang/scan.h"
}

%code {
/* Nesting is limited by scan.c, so this is never reached; the stack grows on the heap. */
#define YYMAXDEPTH 100000
#define YYLLOC_DEFAULT(current, rhs, n) ((current) = ffpf_build_span((rhs), (n)))

int ffpf_flow_lex(FFPF_FLOW_STYPE *value, FFPF_FLOW_LTYPE *location, struct ffpf_scan *scan);
static void ffpf_flow_error(FFPF_FLOW_LTYPE *location, struct ffpf_scan *scan, const char *message);
}

%union {
	struct ffpf_ast_value value;
	struct ffpf_ast_arg arg;
	struct ffpf_ast_label label;
	struct ffpf_ast_node *node; /* NULL: not understood */
	struct ffpf_build_list *list;
	struct ffpf_build_args *args;
}

%token <value> NAME "a name"
%token <value> WORD "a word"
%token <value> STRING "a string"
%token <value> RAW "a {raw} text"
%token <value> USE "'use'"
%token <value> ELSE "'else'"
%token LPAREN "'('" RPAREN "')'" LBRACKET "'['" RBRACKET "']'"
%token GT "'>'" BAR "'|'" EQUALS "'='" COLON "':'" COMMA "','" AT "'@'"
%token SEP "the end of the line"
%token END 0 "the end of the text"
%token NEWLINE SEMICOLON DROPPED /* between lexer.l and scan.c only */

%type <value> value definable pin
%type <arg> arg
%type <args> args words
%type <label> label
%type <node> graph chain term
%type <list> chains terms arms

%%
file	: stmts
	| stmts stmt
	;

stmts	: %empty
	| stmts SEP
	| stmts stmt SEP
	;

stmt	: definable EQUALS graph	{ ffpf_build_define(scan, &$1, $3, @$); }
	| graph				{ ffpf_build_graph(scan, $1); }
	| USE STRING			{ ffpf_build_use(scan, &$2, @$); }
	;

definable : NAME | USE | ELSE ;

graph	: chains		{ $$ = ffpf_build_join(scan, FFPF_AST_PARALLEL, $1); }
	;

chains	: chain			{ $$ = ffpf_build_append(scan, NULL, NULL, $1); }
	| chains BAR chain	{ $$ = ffpf_build_append(scan, $1, NULL, $3); }
	;

chain	: terms			{ $$ = ffpf_build_join(scan, FFPF_AST_CHAIN, $1); }
	;

terms	: term			{ $$ = ffpf_build_append(scan, NULL, NULL, $1); }
	| terms GT term		{ $$ = ffpf_build_append(scan, $1, NULL, $3); }
	;

term	: LPAREN NAME args RPAREN pin		{ $$ = ffpf_build_function(scan, &$2, $3, &$5, @$); }
	| LBRACKET NAME words RBRACKET pin	{ $$ = ffpf_build_function(scan, &$2, $3, &$5, @$); }
	| LBRACKET graph RBRACKET		{ $$ = $2; }
	| LBRACKET arms RBRACKET		{ $$ = ffpf_build_route(scan, $2, @$); }
	| NAME					{ $$ = ffpf_build_name(scan, &$1); }
	| LPAREN error RPAREN			{ $$ = NULL; yyerrok; }
	| error	{
		$$ = NULL;
		if (ffpf_scan_progress(scan))
			yyerrok;
		if (scan->skipping)
			yyclearin;
	}
	;

pin	: %empty		{ $$ = (struct ffpf_ast_value){ 0 }; }
	| AT NAME		{ $$ = $2; }
	;

args	: %empty		{ $$ = NULL; }
	| args COMMA arg	{ $$ = ffpf_build_arg(scan, $1, &$3); }
	;

words	: arg			{ $$ = ffpf_build_arg(scan, NULL, &$1); }
	| words arg		{ $$ = ffpf_build_arg(scan, $1, &$2); }
	;

arg	: value			{ $$ = (struct ffpf_ast_arg){ .value = $1, .span = @$ }; }
	| NAME EQUALS value	{ $$ = (struct ffpf_ast_arg){ $1.text, $1.span, $3, @$ }; }
	;

value	: NAME | WORD | STRING | RAW ;

arms	: label COLON chain		{ $$ = ffpf_build_append(scan, NULL, &$1, $3); }
	| arms BAR label COLON chain	{ $$ = ffpf_build_append(scan, $1, &$3, $5); }
	;

label	: WORD			{ $$ = ffpf_build_label(scan, &$1); }
	| NAME			{ $$ = ffpf_build_label(scan, &$1); }
	| ELSE			{ $$ = (struct ffpf_ast_label){ .is_else = true, .span = @$ }; }
	;
%%

static int yyreport_syntax_error(const yypcontext_t *context, struct ffpf_scan *scan)
{
	yysymbol_kind_t kinds[YYNTOKENS];
	const char *names[YYNTOKENS];
	int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);

	for (int i = 0; i < n; i++)
		names[i] = yysymbol_name(kinds[i]);
	ffpf_syntax_report(scan, scan->previous, *yypcontext_location(context), names, n < 0 ? 0 : (size_t)n);
	return 0;
}

/* Only for what the parser itself has no memory for. */
static void ffpf_flow_error(FFPF_FLOW_LTYPE *location, struct ffpf_scan *scan, const char *message)
{
	ffpf_scan_error(scan, FFPF_D_NESTING_DEEP, *location, "%s", message);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grammar of FPL. Actions only build nodes (build*.c); what names mean is found out by check*.c.
 *
 * No statement begins with two names, so a declaration does: its kind and its name. That way kinds are no reserved
 * words. A statement without its ';' is taken where a '}' or the end follows (`last`).
 */
%require "3.5"
%define api.pure full
%define api.prefix {fpl_tokens_}
%define api.location.type {struct fpl_place}
%define parse.error custom
%define parse.lac full
%locations
%param {struct fpl_scan *scan}

%code requires {
#include <fpl/scan.h>
}

%code {
#define YYMAXDEPTH 20000
#define YYLLOC_DEFAULT(current, rhs, n) ((current) = fpl_build_place((rhs), (n)))

int fpl_tokens_lex(FPL_TOKENS_STYPE *value, FPL_TOKENS_LTYPE *location, struct fpl_scan *scan);
static void fpl_tokens_error(FPL_TOKENS_LTYPE *location, struct fpl_scan *scan, const char *message);

}

%union {
	const char *name;
	enum fpl_operator op;
	struct fpl_expr *expr;
	struct fpl_stmt *stmt;
	struct fpl_case *arm;
	struct fpl_list *list;
	struct fpl_parts *parts;
	struct fpl_words *words;
	struct fpl_shape shape;
}

%token <name> NAME "a name"
%token <name> STRING "a text"
%token <expr> NUMBER "a number"
%token <expr> ADDRESS "an address"
%token <op> ASSIGN_OP "'+='"
%token LET "'let'" IF "'if'" ELSE "'else'" SWITCH "'switch'" CASE "'case'" DEFAULT "'default'" FOR "'for'" IN "'in'"
%token RETURN "'return'" EMIT "'emit'" DELETE "'delete'" BREAK "'break'" CONTINUE "'continue'"
%token TRUE "'true'" FALSE "'false'"
%token LPAREN "'('" RPAREN "')'" LBRACKET "'['" RBRACKET "']'" LBRACE "'{'" RBRACE "'}'"
%token SEMICOLON "';'" COMMA "','" COLON "':'" DOTS "'..'" DOT "'.'" QUESTION "'?'" OTHERWISE "'??'"
%token BOTH "'&&'" EITHER "'||'" NOT "'!'" EQ "'=='" NE "'!='" LT "'<'" LE "'<='" GT "'>'" GE "'>='"
%token PLUS "'+'" MINUS "'-'" STAR "'*'" SLASH "'/'" PERCENT "'%'" AND "'&'" OR "'|'" XOR "'^'" TILDE "'~'"
%token LSH "'<<'" RSH "'>>'" INCREMENT "'++'" DECREMENT "'--'" ASSIGN "'='"
%token END 0 "the end of the text"

%precedence THEN
%precedence ELSE
%right QUESTION
%left OTHERWISE
%left EITHER
%left BOTH
%nonassoc EQ NE LT LE GT GE IN
%left OR
%left XOR
%left AND
%left LSH RSH
%left PLUS MINUS
%left STAR SLASH PERCENT
%precedence NOT TILDE NEGATION

%type <expr> expr postfix primary item
%type <expr> type range initial
%type <stmt> stmt last simple block declaration body arm_body
%type <arm> arm
%type <list> stmts args items arms type_names
%type <parts> parts columns keys
%type <words> words
%type <shape> shape

%%
program	: body			{ scan->program = $1; }
	;

body	: stmts			{ $$ = fpl_build_block(scan, $1, @$); }
	| stmts last		{ $$ = fpl_build_block(scan, fpl_build_list(scan, $1, $2), @$); }
	;

stmts	: %empty		{ $$ = NULL; }
	| stmts stmt		{ $$ = fpl_build_list(scan, $1, $2); }
	| stmts SEMICOLON
	| stmts error SEMICOLON	{ $$ = $1; yyerrok; }
	;

stmt	: simple SEMICOLON
	| declaration SEMICOLON
	| block
	| IF LPAREN expr RPAREN stmt %prec THEN		{ $$ = fpl_build_if(scan, $3, $5, NULL, @$); }
	| IF LPAREN expr RPAREN stmt ELSE stmt		{ $$ = fpl_build_if(scan, $3, $5, $7, @$); }
	| FOR LPAREN NAME IN range RPAREN stmt		{ $$ = fpl_build_for(scan, $3, @3, $5, $7, @$); }
	| SWITCH LPAREN expr RPAREN LBRACE arms RBRACE	{ $$ = fpl_build_switch(scan, $3, $6, @$); }
	;

/* What needs no ';' before a '}'. */
last	: simple
	| declaration
	| IF LPAREN expr RPAREN last			{ $$ = fpl_build_if(scan, $3, $5, NULL, @$); }
	| IF LPAREN expr RPAREN stmt ELSE last		{ $$ = fpl_build_if(scan, $3, $5, $7, @$); }
	| FOR LPAREN NAME IN range RPAREN last		{ $$ = fpl_build_for(scan, $3, @3, $5, $7, @$); }
	;

block	: LBRACE body RBRACE	{ $$ = $2; $$->place = @$; }
	| LBRACE stmts error RBRACE	{ $$ = fpl_build_block(scan, $2, @$); yyerrok; }
	;

simple	: LET NAME ASSIGN expr			{ $$ = fpl_build_let(scan, $2, @2, NULL, $4, @$); }
	| LET NAME COLON type ASSIGN expr	{ $$ = fpl_build_let(scan, $2, @2, $4, $6, @$); }
	| postfix ASSIGN expr			{ $$ = fpl_build_assign(scan, FPL_OP_NONE, $1, $3, @$); }
	| postfix ASSIGN_OP expr		{ $$ = fpl_build_assign(scan, $2, $1, $3, @$); }
	| postfix INCREMENT			{ $$ = fpl_build_count(scan, FPL_OP_ADD, $1, @$); }
	| postfix DECREMENT			{ $$ = fpl_build_count(scan, FPL_OP_SUB, $1, @$); }
	| INCREMENT postfix			{ $$ = fpl_build_count(scan, FPL_OP_ADD, $2, @$); }
	| DECREMENT postfix			{ $$ = fpl_build_count(scan, FPL_OP_SUB, $2, @$); }
	| postfix				{ $$ = fpl_build_stmt(scan, FPL_S_CALL, @$); $$->a = $1; }
	| RETURN				{ $$ = fpl_build_stmt(scan, FPL_S_RETURN, @$); }
	| RETURN expr				{ $$ = fpl_build_stmt(scan, FPL_S_RETURN, @$); $$->a = $2; }
	| EMIT NAME LBRACE parts RBRACE		{ $$ = fpl_build_emit(scan, $2, @2, $4, @$); }
	| EMIT NAME LBRACE RBRACE		{ $$ = fpl_build_emit(scan, $2, @2, NULL, @$); }
	| EMIT NAME				{ $$ = fpl_build_emit(scan, $2, @2, NULL, @$); }
	| DELETE postfix			{ $$ = fpl_build_stmt(scan, FPL_S_DELETE, @$); $$->a = $2; }
	| BREAK					{ $$ = fpl_build_stmt(scan, FPL_S_BREAK, @$); }
	| CONTINUE				{ $$ = fpl_build_stmt(scan, FPL_S_CONTINUE, @$); }
	;

arms	: %empty		{ $$ = NULL; }
	| arms arm		{ $$ = fpl_build_list(scan, $1, $2); }
	;

arm	: CASE items COLON arm_body	{ $$ = fpl_build_case(scan, $2, $4, @$); }
	| DEFAULT COLON arm_body	{ $$ = fpl_build_case(scan, NULL, $3, @$); }
	;

arm_body : body ;

/* ---- expressions ---- */

expr	: postfix
	| MINUS expr %prec NEGATION	{ $$ = fpl_build_unary(scan, FPL_OP_NEGATE, $2, @$); }
	| TILDE expr			{ $$ = fpl_build_unary(scan, FPL_OP_INVERT, $2, @$); }
	| NOT expr			{ $$ = fpl_build_unary(scan, FPL_OP_NOT, $2, @$); }
	| expr PLUS expr		{ $$ = fpl_build_binary(scan, FPL_OP_ADD, $1, $3, @$); }
	| expr MINUS expr		{ $$ = fpl_build_binary(scan, FPL_OP_SUB, $1, $3, @$); }
	| expr STAR expr		{ $$ = fpl_build_binary(scan, FPL_OP_MUL, $1, $3, @$); }
	| expr SLASH expr		{ $$ = fpl_build_binary(scan, FPL_OP_DIV, $1, $3, @$); }
	| expr PERCENT expr		{ $$ = fpl_build_binary(scan, FPL_OP_MOD, $1, $3, @$); }
	| expr AND expr			{ $$ = fpl_build_binary(scan, FPL_OP_AND, $1, $3, @$); }
	| expr OR expr			{ $$ = fpl_build_binary(scan, FPL_OP_OR, $1, $3, @$); }
	| expr XOR expr			{ $$ = fpl_build_binary(scan, FPL_OP_XOR, $1, $3, @$); }
	| expr LSH expr			{ $$ = fpl_build_binary(scan, FPL_OP_LSH, $1, $3, @$); }
	| expr RSH expr			{ $$ = fpl_build_binary(scan, FPL_OP_RSH, $1, $3, @$); }
	| expr EQ expr			{ $$ = fpl_build_binary(scan, FPL_OP_EQ, $1, $3, @$); }
	| expr NE expr			{ $$ = fpl_build_binary(scan, FPL_OP_NE, $1, $3, @$); }
	| expr LT expr			{ $$ = fpl_build_binary(scan, FPL_OP_LT, $1, $3, @$); }
	| expr LE expr			{ $$ = fpl_build_binary(scan, FPL_OP_LE, $1, $3, @$); }
	| expr GT expr			{ $$ = fpl_build_binary(scan, FPL_OP_GT, $1, $3, @$); }
	| expr GE expr			{ $$ = fpl_build_binary(scan, FPL_OP_GE, $1, $3, @$); }
	| expr BOTH expr		{ $$ = fpl_build_binary(scan, FPL_OP_BOTH, $1, $3, @$); }
	| expr EITHER expr		{ $$ = fpl_build_binary(scan, FPL_OP_EITHER, $1, $3, @$); }
	| expr OTHERWISE expr		{ $$ = fpl_build_binary(scan, FPL_OP_ELSE, $1, $3, @$); }
	| expr QUESTION expr COLON expr %prec QUESTION	{ $$ = fpl_build_choice(scan, $1, $3, $5, @$); }
	| expr IN postfix		{ $$ = fpl_build_in(scan, $1, $3, @$); }
	| expr IN postfix DOTS postfix	{
		$$ = fpl_build_in(scan, $1, fpl_build_range(scan, $3, $5, (struct fpl_place){@3.start, @5.end}), @$);
	}
	| expr IN LBRACE items RBRACE	{
		$$ = fpl_build_in(scan, $1,
			fpl_build_with(scan, FPL_E_SET, NULL, $4, (struct fpl_place){@3.start, @5.end}), @$);
	}
	;

postfix	: primary
	| postfix DOT NAME			{ $$ = fpl_build_member(scan, $1, $3, @$); }
	| postfix DOT DELETE			{ $$ = fpl_build_member(scan, $1, "delete", @$); }
	| postfix LBRACKET args RBRACKET	{ $$ = fpl_build_with(scan, FPL_E_INDEX, $1, $3, @$); }
	| postfix LBRACKET expr COLON expr RBRACKET	{ $$ = fpl_build_slice(scan, $1, $3, $5, @$); }
	| postfix LPAREN RPAREN			{ $$ = fpl_build_with(scan, FPL_E_CALL, $1, NULL, @$); }
	| postfix LPAREN args RPAREN		{ $$ = fpl_build_with(scan, FPL_E_CALL, $1, $3, @$); }
	;

primary	: NAME			{ $$ = fpl_build_name(scan, $1, @$); }
	| NUMBER
	| ADDRESS
	| TRUE			{ $$ = fpl_build_bool(scan, true, @$); }
	| FALSE			{ $$ = fpl_build_bool(scan, false, @$); }
	| STRING		{ $$ = fpl_build_expr(scan, FPL_E_TEXT, @$); $$->text = $1; }
	| LPAREN expr RPAREN	{ $$ = $2; }
	| LPAREN error RPAREN	{ $$ = fpl_build_expr(scan, FPL_E_WRONG, @$); yyerrok; }
	;

args	: expr			{ $$ = fpl_build_list(scan, NULL, $1); }
	| args COMMA expr	{ $$ = fpl_build_list(scan, $1, $3); }
	;

items	: item			{ $$ = fpl_build_list(scan, NULL, $1); }
	| items COMMA item	{ $$ = fpl_build_list(scan, $1, $3); }
	;

item	: expr
	| range
	;

range	: postfix DOTS postfix	{ $$ = fpl_build_range(scan, $1, $3, @$); }
	;

parts	: NAME COLON expr		{ $$ = fpl_build_part(scan, NULL, $1, @1, $3); }
	| NAME				{ $$ = fpl_build_part(scan, NULL, $1, @1, fpl_build_name(scan, $1, @1)); }
	| parts COMMA NAME COLON expr	{ $$ = fpl_build_part(scan, $1, $3, @3, $5); }
	| parts COMMA NAME		{ $$ = fpl_build_part(scan, $1, $3, @3, fpl_build_name(scan, $3, @3)); }
	| parts COMMA
	;

/* ---- declarations ---- */

declaration
	: NAME NAME shape words			{ $$ = fpl_build_declaration(scan, $1, @1, $2, @2, &$3, NULL, $4, @$); }
	| NAME NAME shape ASSIGN initial words	{ $$ = fpl_build_declaration(scan, $1, @1, $2, @2, &$3, $5, $6, @$); }
	| NAME STRING				{
		$$ = fpl_build_declaration(scan, $1, @1, NULL, @1, NULL, NULL,
			fpl_build_word(scan, NULL, FPL_W_TEXT, $2, NULL, @2), @$);
	}
	;

shape	: %empty			{ $$ = (struct fpl_shape){NULL, NULL, NULL}; }
	| LBRACKET keys RBRACKET	{ $$ = (struct fpl_shape){$2, NULL, NULL}; }
	| COLON type			{ $$ = (struct fpl_shape){NULL, NULL, $2}; }
	| LBRACKET keys RBRACKET COLON type	{ $$ = (struct fpl_shape){$2, NULL, $5}; }
	| LBRACKET keys RBRACKET COLON LBRACE columns RBRACE	{ $$ = (struct fpl_shape){$2, $6, NULL}; }
	| LBRACE columns RBRACE		{ $$ = (struct fpl_shape){NULL, $2, NULL}; }
	;

keys	: expr				{ $$ = fpl_build_part(scan, NULL, NULL, @1, $1); }
	| NAME COLON type		{ $$ = fpl_build_part(scan, NULL, $1, @1, $3); }
	| keys COMMA expr		{ $$ = fpl_build_part(scan, $1, NULL, @3, $3); }
	| keys COMMA NAME COLON type	{ $$ = fpl_build_part(scan, $1, $3, @3, $5); }
	;

columns	: NAME COLON type		{ $$ = fpl_build_part(scan, NULL, $1, @1, $3); }
	| columns COMMA NAME COLON type	{ $$ = fpl_build_part(scan, $1, $3, @3, $5); }
	| columns COMMA
	;

type	: NAME				{ $$ = fpl_build_name(scan, $1, @$); }
	| LPAREN type_names RPAREN	{ $$ = fpl_build_with(scan, FPL_E_SET, NULL, $2, @$); }
	;

type_names
	: NAME				{ $$ = fpl_build_list(scan, NULL, fpl_build_name(scan, $1, @1)); }
	| type_names OR NAME		{ $$ = fpl_build_list(scan, $1, fpl_build_name(scan, $3, @3)); }
	;

initial	: NAME			{ $$ = fpl_build_name(scan, $1, @$); }
	| NUMBER
	| ADDRESS
	| TRUE			{ $$ = fpl_build_bool(scan, true, @$); }
	| FALSE			{ $$ = fpl_build_bool(scan, false, @$); }
	| STRING		{ $$ = fpl_build_expr(scan, FPL_E_TEXT, @$); $$->text = $1; }
	| LPAREN expr RPAREN	{ $$ = $2; }
	| NUMBER DOTS NUMBER	{ $$ = fpl_build_range(scan, $1, $3, @$); }
	;

words	: %empty			{ $$ = NULL; }
	| words NAME			{ $$ = fpl_build_word(scan, $1, FPL_W_NAME, $2, NULL, @2); }
	| words IN			{ $$ = fpl_build_word(scan, $1, FPL_W_NAME, "in", NULL, @2); }
	| words STRING			{ $$ = fpl_build_word(scan, $1, FPL_W_TEXT, $2, NULL, @2); }
	| words NUMBER			{ $$ = fpl_build_word(scan, $1, FPL_W_NUMBER, NULL, $2, @2); }
	| words NUMBER DOTS NUMBER	{
		$$ = fpl_build_word(scan, $1, FPL_W_RANGE, NULL,
			fpl_build_range(scan, $2, $4, (struct fpl_place){@2.start, @4.end}),
			(struct fpl_place){@2.start, @4.end});
	}
	| words LPAREN expr RPAREN	{ $$ = fpl_build_word(scan, $1, FPL_W_EXPR, NULL, $3, @3); }
	;
%%


static int yyreport_syntax_error(const yypcontext_t *context, struct fpl_scan *scan)
{
	yysymbol_kind_t kinds[FPL_EXPECTED_MAX], found = yypcontext_token(context);
	const char *expected[FPL_EXPECTED_MAX];
	int n = yypcontext_expected_tokens(context, kinds, FPL_EXPECTED_MAX);

	for (int i = 0; i < n; i++)
		expected[i] = yysymbol_name(kinds[i]);
	fpl_syntax_error(scan, *yypcontext_location(context), found == YYSYMBOL_YYEMPTY ? "" : yysymbol_name(found),
			 expected, n > 0 ? (size_t)n : 0);
	return 0;
}

/* Only for what the parser itself has no memory for. */
static void fpl_tokens_error(FPL_TOKENS_LTYPE *location, struct fpl_scan *scan, const char *message)
{
	fpl_scan_error(scan, FFPF_D_NESTING_DEEP, *location, "this is nested too deep (%s)", message);
}

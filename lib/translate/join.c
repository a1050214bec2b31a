#include <lib/translate/join.h>
#include <lib/lang/arena.h>

void filter_join(struct ffpf_builder *b, struct filter_node *n, const struct cbpf_exits *exits)
{
	struct cbpf_exits e = *exits;
	bool or = (n->kind == FILTER_OR);

	if (n->negated) {
		e.yes = exits->no;
		e.no = exits->yes;
	}
	if (n->kind == FILTER_TERM) {
		cbpf_emit(b, n->insns, n->n_insns, &e);
		return;
	}
	for (size_t i = 0; i + 1 < n->n; i++) {
		ffpf_block next = ffpf_ir_block(b);
		struct cbpf_exits c = e;

		if (or)
			c.no = next;
		else
			c.yes = next;
		filter_join(b, n->children[i], &c);
		ffpf_ir_seal(b, next);
		ffpf_ir_switch_to(b, next);
	}
	filter_join(b, n->children[n->n - 1], &e);
}

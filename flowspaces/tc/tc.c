/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tc flowspace: where the network stack hands packets to the queueing layer, on their way in and on their way out.
 * One fused program for each device and direction. Packets are the stack's by now: they have a mark, a priority and a
 * tunnel key, and a VLAN tag that the card took out of the bytes is seen at its place again.
 */
#include <flowspaces/tc/tc.h>
#include <lib/lang/arena.h>

#include <stdlib.h>

/* GRO merges no packets with different metadata, and no two that come up from xdp have the same. */
static const char *sees_in(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	static const char *const merge[] = {"rx-gro", "rx-lro", "rx-gro-hw", NULL};

	if (ffpf_device_any_feature(source->instance.values[0].s, merge) == 0)
		return "received packets";
	return ffpf_chain_below(graph, source->sources[0], &ffpf_flowspace_tc)
		       ? "received packets, those not from xdp as super-packets after GRO"
		       : "received packets, super-packets after GRO";
}

static const char *sees_out(const char *name)
{
	static const char *const cut[] = {"tx-generic-segmentation",	  "tx-tcp-segmentation", "tx-tcp6-segmentation",
					  "tx-tcp-mangleid-segmentation", "tx-udp-segmentation", NULL};

	return ffpf_device_any_feature(name, cut) == 0 ? "sent packets"
						       : "sent packets, super-packets before they are cut (GSO)";
}

static const char *sees(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	const char *name;
	unsigned dirs;

	if (!ffpf_bpf_is_device(source))
		return "replayed packets of a savefile";
	name = source->instance.values[0].s;
	dirs = ffpf_bpf_directions(source);
	if (dirs == 1u << FFPF_DIR_IN)
		return ffpf_arena_printf(graph->arena, "%s, VLAN tags at their place", sees_in(graph, source));
	if (dirs == 1u << FFPF_DIR_OUT)
		return ffpf_arena_printf(graph->arena, "%s, VLAN tags at their place", sees_out(name));
	return ffpf_arena_printf(graph->arena, "%s; %s; VLAN tags at their place", sees_in(graph, source),
				 sees_out(name));
}

static int attach(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, char notice[FFPF_WHY_MAX],
		  char why[FFPF_WHY_MAX])
{
	const struct ffpf_graph *graph = s->run->graph;
	int err = ffpf_tc_attach(x->fds[0], graph->sources[x->source]->instance.values[0].s,
				 graph->source_info[x->source].ifindex, x->dir, getenv("FFPF_TC_CLSACT") != NULL,
				 &x->attachment, notice, why);

	s->run->undoes |= !err && x->attachment.mode == FFPF_TC_CLSACT;
	return err;
}

static int exchange(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, const struct ffpf_bpf_source *fresh)
{
	return ffpf_tc_exchange(&x->attachment, fresh->fds[0]);
}

static bool gone(const struct ffpf_bpf_source *x)
{
	return ffpf_tc_gone(&x->attachment);
}

static void detach(struct ffpf_bpf_source *x)
{
	ffpf_tc_detach(&x->attachment);
}

static const struct ffpf_bpf_ops ops = {
	.flowspace = &ffpf_flowspace_tc,
	FFPF_BPF_SKB_PROGRAMS,
	.attach = attach,
	.exchange = exchange,
	.gone = gone,
	.detach = detach,
};

const struct ffpf_flowspace ffpf_flowspace_tc = {
	.name = "tc",
	.help = "eBPF in the network stack, where packets come in and where they leave",
	.parent = "kmod",
	.tags = true,
	.refers = true,
	.sees = sees,
	FFPF_BPF_LEVEL(ops),
	FFPF_BPF_LEVEL_ATTACHES,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tc flowspace: where the network stack hands packets to the queueing layer, on their way in and on their way out.
 * One fused program for each device and direction. Packets are the stack's by now: they have a mark, a priority and a
 * tunnel key, and a VLAN tag that the card took out of the bytes is seen at its place again.
 */
#include <flowspaces/tc/tc.h>
#include <lib/lang/arena.h>

#include <stdlib.h>

static const char *sees_in(const char *name)
{
	static const char *const merge[] = {"rx-gro", "rx-lro", "rx-gro-hw", NULL};

	return ffpf_device_any_feature(name, merge) == 0 ? "received packets"
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
		return ffpf_arena_printf(graph->arena, "%s, VLAN tags at their place", sees_in(name));
	if (dirs == 1u << FFPF_DIR_OUT)
		return ffpf_arena_printf(graph->arena, "%s, VLAN tags at their place", sees_out(name));
	return ffpf_arena_printf(graph->arena, "%s; %s; VLAN tags at their place", sees_in(name), sees_out(name));
}

static void probe_device(struct ffpf_run *run, const struct ffpf_function *source, unsigned ifindex)
{
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

const struct ffpf_bpf_ops ffpf_tc_ops = {
	.flowspace = &ffpf_flowspace_tc,
	.title = "tc",
	.type = BPF_PROG_TYPE_SCHED_CLS,
	.fast = FFPF_EBPF_TC,
	.slow = FFPF_EBPF_TC_SLOW,
	.context = "__sk_buff",
	.context_bytes = sizeof(struct __sk_buff),
	.users = FFPF_OBJECT_SKB,
	.users_refusal = "programs of the sections tc and classifier run here, and it is of another",
	.probe = probe_device,
	.attach = attach,
	.exchange = exchange,
	.gone = gone,
	.detach = detach,
};

/* ---- the flowspace's operations ------------------------------------------------------------------ */

static bool offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph, const struct ffpf_function *f,
		   const char **reason)
{
	return ffpf_bpf_offers(&ffpf_tc_ops, graph, f, reason);
}

static int instantiate(struct ffpf_run *run, void **state)
{
	return ffpf_bpf_instantiate(&ffpf_tc_ops, run, state);
}

static int probe(struct ffpf_run *run)
{
	return ffpf_bpf_probe(&ffpf_tc_ops, run);
}

static int list(const struct ffpf_graph *graph, const struct ffpf_layout *layout, const struct ffpf_options *options,
		bool bytecode, FILE *out)
{
	return ffpf_ebpf_list(graph, layout, &ffpf_flowspace_tc, FFPF_EBPF_TC, bytecode, out);
}

const struct ffpf_flowspace ffpf_flowspace_tc = {
	.name = "tc",
	.help = "eBPF in the network stack, where packets come in and where they leave",
	.parent = "kmod",
	.on_path = true,
	.tags = true,
	.offers = offers,
	.sees = sees,
	.instantiate = instantiate,
	.probe = probe,
	.activate = ffpf_bpf_activate,
	.deactivate = ffpf_bpf_deactivate,
	.watch = ffpf_bpf_watch,
	.close = ffpf_bpf_close,
	.missed = ffpf_bpf_missed,
	.replay = ffpf_bpf_replay,
	.map = ffpf_bpf_map,
	.replace = ffpf_bpf_replace,
	.tap_open = ffpf_bpf_tap_open,
	.tap_read = ffpf_bpf_tap_read,
	.tap_lost = ffpf_bpf_tap_lost,
	.tap_close = ffpf_bpf_tap_close,
	.list = list,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The xdp flowspace: the lowest level, where packets of a device are seen
 * first. One fused program for each device, attached through a bpf_link that dies with this process.
 */
#include <flowspaces/xdp/xdp.h>
#include <lib/lang/arena.h>

#include <bpf/bpf.h>
#include <errno.h>

/* ---- what is offered, what is seen --------------------------------------------------------------- */

static const char *refuses(const struct ffpf_graph *graph, const struct ffpf_function *f)
{
	if (ffpf_bpf_is_device(f) && ffpf_bpf_directions(f) != 1u << FFPF_DIR_IN)
		return "XDP sees received packets only";
	/* Packets of a savefile have none at any level. */
	if (!graph->replay && ffpf_flowspace_needs(graph, f) & FFPF_NEED_MARK)
		return "a packet has no mark, priority or tunnel key yet at this level";
	if (!graph->replay && ffpf_flowspace_needs(graph, f) & FFPF_NEED_RETAG)
		return "VLAN tags of what goes on on the network are changed at tc";
	return ffpf_flowspace_hidden_vlan(graph, f, false);
}

static const char *sees(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	if (!ffpf_bpf_is_device(source))
		return "replayed packets of a savefile";
	switch (ffpf_xdp_expected_mode(graph->source_info[source->sources[0]].ifindex)) {
	case FFPF_XDP_DRIVER:
		return "wire frames (driver mode)";
	case FFPF_XDP_GENERIC:
		return "super-packets after GRO (generic mode)";
	}
	return "wire frames (super-packets in generic mode after GRO)";
}

/* ---- devices ------------------------------------------------------------------------------------- */

/* Who stores whole packets should know what is not in them. */
static void notice_tags(struct ffpf_run *run, const char *name, unsigned source)
{
	const struct ffpf_level *level = ffpf_layout_level(run->layout, &ffpf_flowspace_xdp);

	const struct ffpf_hop *up = ffpf_layout_hop_from(run->layout, &ffpf_flowspace_xdp, source);

	/* Where packets go on to another level of the kernel it is mostly that one which stores them. */
	if (level && level->snaplen == FFPF_ALL_BYTES && !run->graph->source_info[source].vlan_in_data &&
	    (!up || up->kept))
		ffpf_run_notice(run,
				"%s keeps VLAN tags outside of the packets' bytes: what comes up to be stored has none",
				name);
}

/* What will become of attaching, as far as the device and its driver tell. */
static void probe_device(struct ffpf_run *run, const struct ffpf_function *source, unsigned ifindex)
{
	const char *name = source->instance.values[0].s;
	char why[FFPF_WHY_MAX];

	if (ffpf_xdp_occupied(name, ifindex, why))
		ffpf_run_notice(run, "it would not run: %s", why);
	else if (ffpf_xdp_expected_mode(ifindex) == FFPF_XDP_GENERIC)
		ffpf_run_notice(run, "%s: the driver has no XDP: generic mode, which sees super-packets after GRO",
				name);
	notice_tags(run, name, source->sources[0]);
}

static int attach(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, char notice[FFPF_WHY_MAX],
		  char why[FFPF_WHY_MAX])
{
	const struct ffpf_source_info *info = &s->run->graph->source_info[x->source];
	const char *name = s->run->graph->sources[x->source]->instance.values[0].s;
	int err = ffpf_xdp_attach(x->fds[0], name, info->ifindex, &x->attachment, notice, why);

	if (!err)
		notice_tags(s->run, name, x->source);
	return err;
}

static const char *no_metadata(const struct ffpf_graph *graph, unsigned source)
{
	const char *name = graph->sources[source]->instance.values[0].s;
	char driver[FFPF_DEVICE_DRIVER_MAX];

	if (!ffpf_xdp_without_metadata(name, graph->source_info[source].ifindex, driver))
		return NULL;
	return ffpf_arena_printf(
		graph->arena, "the driver of '%s' (%s) leaves no room for a packet's metadata, in which results go up",
		name, driver);
}

static int exchange(struct ffpf_bpf_state *s, struct ffpf_bpf_source *x, const struct ffpf_bpf_source *fresh)
{
	return bpf_link_update(x->attachment.link_fd, fresh->fds[0], NULL) < 0 ? -errno : 0;
}

/* A link whose device is gone says so by an interface number of 0. */
static bool gone(const struct ffpf_bpf_source *x)
{
	struct bpf_link_info info = {0};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(x->attachment.link_fd, &info, &size) == 0 && !info.xdp.ifindex;
}

static void detach(struct ffpf_bpf_source *x)
{
	ffpf_xdp_detach(&x->attachment);
}

const struct ffpf_bpf_ops ffpf_xdp_ops = {
	.flowspace = &ffpf_flowspace_xdp,
	.title = "XDP",
	.type = BPF_PROG_TYPE_XDP,
	.attach_type = BPF_XDP,
	.program_flags = BPF_F_XDP_HAS_FRAGS,
	.fast = FFPF_EBPF_XDP,
	.slow = FFPF_EBPF_XDP_SLOW,
	.context = "xdp_md",
	.context_bytes = sizeof(struct xdp_md),
	.users = FFPF_OBJECT_XDP,
	.users_refusal = "programs of the sections xdp and ffpf run here, and it is of another",
	.refuses = refuses,
	.no_metadata = no_metadata,
	.probe = probe_device,
	.attach = attach,
	.exchange = exchange,
	.gone = gone,
	.detach = detach,
};

const struct ffpf_flowspace ffpf_flowspace_xdp = {
	.name = "xdp",
	.help = "eBPF in or right behind the driver, before the network stack sees a packet",
	.parent = "tc",
	.keeps = true,
	.sees = sees,
	FFPF_BPF_LEVEL(ffpf_xdp_ops),
	FFPF_BPF_LEVEL_ATTACHES,
};

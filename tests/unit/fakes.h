/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stand-ins for sources, sinks and flowspaces, so that graphs can be resolved and placed without devices, files and
 * kernels. They take the place of built-in classes of the same name.
 *
 *     user       everything but verdicts on live packets
 *      | \
 *     kmod other   kmod: not `regex`         other: only what is pinned there
 *      |
 *     tc         not `search`
 *      |
 *     xdp        not `search`, not `vlan`; no outgoing packets
 */
#ifndef TESTS_FAKES_H
#define TESTS_FAKES_H

#include <lib/flowspace.h>
#include <lib/graph/classes.h>
#include <lib/lang/arena.h>
#include <errno.h>
#include <string.h>

static inline int fake_build(const struct ffpf_instance *instance, struct ffpf_builder *builder)
{
	return 0;
}

static inline int fake_probe(struct ffpf_instance *instance, struct ffpf_source_info *info)
{
	const char *name = instance->values[0].s;

	if (strcmp(name, "nodev") == 0) {
		ffpf_diag_error(instance->diags, FFPF_D_DEVICE_UNKNOWN, instance->values[0].span,
				"no network interface '%s'", name);
		return -ENODEV;
	}
	if (strcmp(name, "missing.pcap") == 0) {
		ffpf_diag_error(instance->diags, FFPF_D_FILE_OPEN, instance->values[0].span,
				"'%s': No such file or directory", name);
		return -ENOENT;
	}
	*info = (struct ffpf_source_info){.linktype = 1, .snaplen = 65535};
	if (strcmp(instance->class->name, "port") == 0)
		info->take = instance->values[1].i;
	if (instance->values[0].s && strcmp(instance->class->name, "pcap") != 0)
		info->ifindex = (uint32_t)(strlen(name) * 256 + (unsigned char)name[strlen(name) - 1]);
	return 0;
}

static inline uint32_t fake_demand_34(const struct ffpf_instance *instance)
{
	return 34;
}

static inline uint32_t fake_demand_all(const struct ffpf_instance *instance)
{
	return FFPF_ALL_BYTES;
}

static inline int fake_check(struct ffpf_instance *instance)
{
	if (strcmp(instance->values[0].s, "bad filter") != 0)
		return 0;
	ffpf_diag_error(instance->diags, FFPF_D_FILTER, ffpf_ast_value_span(instance->values[0].ast, 4, 10),
			"syntax error");
	return -EINVAL;
}

static inline const char *fake_together(const struct ffpf_instance *instance)
{
	return instance->values[0].s;
}

static const char *const fake_dirs[] = {"in", "out", "both", NULL};
static const char *const fake_modes[] = {"fast", "exact", "slow", NULL};

static const struct ffpf_param fake_dev_params[] = {
	{.name = "interface",
	 .type = FFPF_TYPE_DEVICE,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "network interface"},
	{.name = "dir", .type = FFPF_TYPE_CHOICE, .def = "in", .choices = fake_dirs, .doc = "direction"},
};
static const struct ffpf_param fake_port_params[] = {
	{.name = "device",
	 .type = FFPF_TYPE_DEVICE,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "network interface"},
	{.name = "take", .type = FFPF_TYPE_BOOL, .def = "no", .doc = "keep from the stack what reaches the end"},
};
static const struct ffpf_param fake_file_params[] = {
	{.name = "file", .type = FFPF_TYPE_FILE, .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED, .doc = "savefile"},
	{.name = "snaplen",
	 .type = FFPF_TYPE_SIZE,
	 .def = "256k",
	 .min = 1,
	 .max = 262144,
	 .doc = "bytes kept of a packet"},
};
static const struct ffpf_param fake_filter_params[] = {
	{.name = "filter",
	 .type = FFPF_TYPE_FILTER,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "pcap expression"},
};
static const struct ffpf_param fake_search_params[] = {
	{.name = "text",
	 .type = FFPF_TYPE_STRING,
	 .flags = FFPF_PARAM_MAIN | FFPF_PARAM_REQUIRED,
	 .doc = "what to look for"},
	{.name = "mode", .type = FFPF_TYPE_CHOICE, .def = "fast", .choices = fake_modes, .doc = "how"},
	{.name = "depth", .type = FFPF_TYPE_SIZE, .def = "64k", .min = 1, .max = 65536, .doc = "how far"},
	{.name = "from", .type = FFPF_TYPE_IPV4, .doc = "only from here"},
	{.name = "every", .type = FFPF_TYPE_TIME, .def = "10ms", .doc = "how often"},
};

static const struct ffpf_class fake_classes[] = {
	{.abi = FFPF_CLASS_ABI,
	 .name = "dev",
	 .role = FFPF_SOURCE,
	 .params = fake_dev_params,
	 .n_params = 2,
	 .probe = fake_probe},
	{.abi = FFPF_CLASS_ABI,
	 .name = "port",
	 .role = FFPF_SOURCE,
	 .flags = FFPF_CLASS_EXCLUSIVE,
	 .params = fake_port_params,
	 .n_params = 2,
	 .probe = fake_probe},
	{.abi = FFPF_CLASS_ABI,
	 .name = "pcap",
	 .role = FFPF_SOURCE,
	 .params = fake_file_params,
	 .n_params = 1,
	 .probe = fake_probe,
	 .flowspace = "user"},
	{.abi = FFPF_CLASS_ABI,
	 .name = "BPF",
	 .role = FFPF_FUNCTION,
	 .params = fake_filter_params,
	 .n_params = 1,
	 .check = fake_check,
	 .demand = fake_demand_34,
	 .build = fake_build},
	{.abi = FFPF_CLASS_ABI,
	 .name = "search",
	 .role = FFPF_FUNCTION,
	 .params = fake_search_params,
	 .n_params = 5,
	 .demand = fake_demand_all,
	 .build = fake_build},
	{.abi = FFPF_CLASS_ABI,
	 .name = "regex",
	 .role = FFPF_FUNCTION,
	 .params = fake_search_params,
	 .n_params = 1,
	 .demand = fake_demand_all,
	 .build = fake_build},
	{.abi = FFPF_CLASS_ABI, .name = "vlan", .role = FFPF_FUNCTION, .needs = FFPF_NEED_VLAN, .build = fake_build},
	{.abi = FFPF_CLASS_ABI,
	 .name = "out",
	 .role = FFPF_SINK,
	 .flags = FFPF_CLASS_STDOUT,
	 .params = fake_file_params,
	 .n_params = 2,
	 .needs = FFPF_NEED_TIME,
	 .demand = fake_demand_all,
	 .build = fake_build,
	 .flowspace = "user"},
	{.abi = FFPF_CLASS_ABI,
	 .name = "print",
	 .role = FFPF_SINK,
	 .flags = FFPF_CLASS_STDOUT,
	 .demand = fake_demand_all,
	 .build = fake_build,
	 .flowspace = "user"},
	{.abi = FFPF_CLASS_ABI,
	 .name = "keep",
	 .role = FFPF_FUNCTION,
	 .params = fake_search_params,
	 .n_params = 1,
	 .build = fake_build,
	 .together = fake_together},
	{.abi = FFPF_CLASS_ABI, .name = "mirror", .role = FFPF_FUNCTION, .build = fake_build, .flowspace = "other"},
};

static inline void fake_classes_register(void)
{
	for (size_t i = 0; i < sizeof(fake_classes) / sizeof(fake_classes[0]); i++)
		ffpf_class_register(&fake_classes[i], NULL);
}

/* Does a live packet come to the function? */
static inline bool fake_live(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	for (size_t i = 0; i < function->n_sources; i++)
		if (strcmp(graph->sources[function->sources[i]]->instance.class->name, "dev") == 0)
			return true;
	return false;
}

static inline bool fake_outgoing(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	for (size_t i = 0; i < function->n_sources; i++) {
		const struct ffpf_function *source = graph->sources[function->sources[i]];

		if (strcmp(source->instance.class->name, "dev") == 0 && source->instance.values[1].i != 0)
			return true;
	}
	return false;
}

/* private: classes that the level lacks, in a string with spaces around each */
static inline bool fake_offers(const struct ffpf_flowspace *self, const struct ffpf_graph *graph,
			       const struct ffpf_function *function, const char **reason)
{
	const char *name = function->instance.class->name;
	bool verdict = function->instance.class->flags & FFPF_CLASS_VERDICT;
	char word[80];

	snprintf(word, sizeof(word), " %s ", name);
	*reason = NULL;
	if (strstr(self->private, word))
		*reason = ffpf_arena_printf(graph->arena, "it has no '%s'", name);
	else if (strcmp(self->name, "other") == 0 && !function->pin && !function->instance.class->flowspace)
		*reason = "it takes only what is pinned to it";
	else if (strcmp(self->name, "xdp") == 0 && fake_outgoing(graph, function))
		*reason = "it sees no outgoing packets";
	else if (strcmp(self->name, "user") == 0 && verdict && fake_live(graph, function))
		*reason = "packets are copies here: a verdict would come too late";
	return !*reason;
}

static inline const char *fake_sees_frames(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	return "wire frames";
}

static inline const char *fake_sees_packets(const struct ffpf_graph *graph, const struct ffpf_function *source)
{
	return "super-packets";
}

static const struct ffpf_flowspace fake_user = {.name = "user", .offers = fake_offers, .private = ""};
static const struct ffpf_flowspace fake_kmod = {
	.name = "kmod", .parent = "user", .offers = fake_offers, .on_path = true, .private = " regex drop "};
static const struct ffpf_flowspace fake_tc = {.name = "tc",
					      .parent = "kmod",
					      .offers = fake_offers,
					      .on_path = true,
					      .sees = fake_sees_packets,
					      .private = " regex search "};
static const struct ffpf_flowspace fake_xdp = {.name = "xdp",
					       .parent = "tc",
					       .offers = fake_offers,
					       .on_path = true,
					       .sees = fake_sees_frames,
					       .private = " regex search vlan "};
static const struct ffpf_flowspace fake_other = {
	.name = "other", .parent = "user", .offers = fake_offers, .private = ""};

static const struct ffpf_flowspace *const fake_flowspaces[] = {&fake_user, &fake_kmod, &fake_tc, &fake_xdp,
							       &fake_other};
#define N_FAKE_FLOWSPACES (sizeof(fake_flowspaces) / sizeof(fake_flowspaces[0]))

#endif

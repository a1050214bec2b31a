/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tables of a function class in words: what its types, ranges, properties and levels are called. Shared by
 * cmd_classes.c (list, manual, JSON) and classes_markdown.c.
 */
#include "cli.h"
#include <inttypes.h>
#include <string.h>

static const char *const types[] = {
	[FFPF_TYPE_STRING] = "string", [FFPF_TYPE_COUNT] = "count",   [FFPF_TYPE_SIZE] = "size",
	[FFPF_TYPE_RATE] = "rate",     [FFPF_TYPE_TIME] = "time",     [FFPF_TYPE_BOOL] = "bool",
	[FFPF_TYPE_FLOAT] = "float",   [FFPF_TYPE_CHOICE] = "choice", [FFPF_TYPE_DEVICE] = "device",
	[FFPF_TYPE_FILE] = "file",     [FFPF_TYPE_FILTER] = "filter", [FFPF_TYPE_MAC] = "mac",
	[FFPF_TYPE_IPV4] = "ipv4",     [FFPF_TYPE_IPV6] = "ipv6",     [FFPF_TYPE_RANGE] = "range",
};
const char *const class_roles[] = {[FFPF_SOURCE] = "source", [FFPF_FUNCTION] = "function", [FFPF_SINK] = "sink"};
const char *const class_role_titles[] = {
	[FFPF_SOURCE] = "Sources", [FFPF_FUNCTION] = "Functions", [FFPF_SINK] = "Sinks"};
const struct class_bit class_properties[] = {
	{FFPF_CLASS_PASSES, "passes", "every packet that comes in goes out, with its class"},
	{FFPF_CLASS_VERDICT, "verdict", "decides what becomes of the packet on the network"},
	{FFPF_CLASS_LIMITS, "limits", "may stop passing packets for good"},
	{FFPF_CLASS_STDOUT, "stdout", "may write to standard output"},
	{0, NULL, NULL},
};
const struct class_bit class_needs[] = {
	{FFPF_NEED_TIME, "time", "time stamps"},
	{FFPF_NEED_DIR, "direction", "the packet's direction"},
	{FFPF_NEED_VLAN, "vlan", "VLAN tags"},
	{FFPF_NEED_MARK, "mark", "the packet's mark"},
	{FFPF_NEED_RETAG, "retag", "a packet of the stack's, to change its VLAN tags"},
	{0, NULL, NULL},
};
/* What stands for the names in examples, where a reader would put his own. */
static const struct {
	const char *name, *value;
} placeholders[] = {{"FILE", "trace.pcap"}, {"OUT", "out.pcap"}, {"DEV", "eth0"}, {"OBJ", "prog.o"}};

const char *class_type(const struct ffpf_param *param)
{
	return types[param->type];
}

const char *class_type_words(const struct ffpf_param *param, char *buffer, size_t size)
{
	size_t len = 0;

	if (!param->choices || !param->choices[0])
		return types[param->type];
	buffer[0] = '\0';
	for (const char *const *choice = param->choices; *choice && len < size; choice++)
		len += (size_t)snprintf(buffer + len, size - len, "%s%s", len ? "|" : "", *choice);
	return buffer;
}

const char *class_range_words(const struct ffpf_param *param, char *buffer, size_t size)
{
	char min[32], max[32];

	if (!param->min && !param->max)
		return "";
	if (param->type == FFPF_TYPE_FLOAT) {
		snprintf(buffer, size, "%" PRId64 " to %" PRId64, param->min, param->max);
		return buffer;
	}
	ffpf_value_format(param->type, param->min, min, sizeof(min));
	ffpf_value_format(param->type, param->max, max, sizeof(max));
	if (param->max == INT64_MAX && param->min <= 0)
		return "";
	if (param->max == INT64_MAX)
		snprintf(buffer, size, "%s or more", min);
	else
		snprintf(buffer, size, "%s to %s", min, max);
	return buffer;
}

const char *class_level(const struct ffpf_class *class)
{
	if (class->flowspace)
		return class->flowspace;
	if (class->role == FFPF_SOURCE && !class->source)
		return "xdp, tc"; /* of the network, not of userspace */
	return class->build ? "any" : "user";
}

void class_example_print(const struct ffpf_class *class, FILE *out)
{
	for (size_t i = 0; i < sizeof(placeholders) / sizeof(*placeholders); i++) {
		char name[16];

		snprintf(name, sizeof(name), "$%s", placeholders[i].name);
		if (strstr(class->example, name))
			fprintf(out, "-D %s=%s ", placeholders[i].name, placeholders[i].value);
	}
	fprintf(out, "'%s'", class->example);
}

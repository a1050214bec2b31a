/* SPDX-License-Identifier: BSD-2-Clause */
/* A placed graph as JSON, for programs: what explain.c prints, and the parameters with their types. */
#include <lib/graph/describe.h>
#include <lib/graph/explain.h>
#include <lib/lang/arena.h>
#include <arpa/inet.h>
#include <jansson.h>
#include <string.h>

/* JSON is UTF-8; a text that is not gets '?' for what is not ASCII. */
static json_t *text_json(struct ffpf_arena *arena, const char *text)
{
	json_t *json = json_string(text);

	if (json)
		return json;
	char *copy = ffpf_arena_strdup(arena, text);
	for (char *at = copy; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	return json_string(copy);
}

static const char *address_text(struct ffpf_arena *arena, enum ffpf_type type, const struct ffpf_value *value)
{
	const uint8_t *bytes = value->bytes;
	char text[INET6_ADDRSTRLEN];

	if (type == FFPF_TYPE_MAC)
		return ffpf_arena_printf(arena, "%02x:%02x:%02x:%02x:%02x:%02x", bytes[0], bytes[1], bytes[2], bytes[3],
					 bytes[4], bytes[5]);
	inet_ntop(type == FFPF_TYPE_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof(text));
	return ffpf_arena_printf(arena, "%s/%d", text, (int)value->i);
}

static json_t *value_json(struct ffpf_arena *arena, const struct ffpf_param *param, const struct ffpf_value *value)
{
	switch (param->type) {
	case FFPF_TYPE_STRING:
	case FFPF_TYPE_DEVICE:
	case FFPF_TYPE_FILE:
	case FFPF_TYPE_FILTER:
		return text_json(arena, value->s);
	case FFPF_TYPE_CHOICE:
		return text_json(arena, param->choices[value->i]);
	case FFPF_TYPE_BOOL:
		return json_boolean(value->i != 0);
	case FFPF_TYPE_FLOAT:
		return json_real(value->f);
	case FFPF_TYPE_RANGE:
		return json_pack("[I,I]", (json_int_t)value->i, (json_int_t)value->j);
	case FFPF_TYPE_MAC:
	case FFPF_TYPE_IPV4:
	case FFPF_TYPE_IPV6:
		return text_json(arena, address_text(arena, param->type, value));
	default:
		return json_integer(value->i);
	}
}

static json_t *parameters_json(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	const struct ffpf_class *class = function->instance.class;
	json_t *object = json_object();

	for (size_t i = 0; i < class->n_params; i++)
		if (function->instance.values[i].set)
			json_object_set_new(object, class->params[i].name,
					    value_json(graph->arena, &class->params[i], &function->instance.values[i]));
	return object;
}

static json_t *inputs_json(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	json_t *array = json_array();

	for (size_t i = 0; i < function->n_in; i++) {
		const char *label = ffpf_describe_label(graph, &function->in[i]->label);
		json_t *input = json_object();

		json_object_set_new(input, "from", text_json(graph->arena, function->in[i]->from->instance.name));
		json_object_set_new(input, "label", label ? json_string(label) : json_null());
		json_array_append_new(array, input);
	}
	return array;
}

static json_t *refused_json(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	json_t *array = json_array();

	for (size_t i = 0; i < function->n_refusals; i++) {
		json_t *refusal = json_object();

		json_object_set_new(refusal, "flowspace", json_string(function->refusals[i].flowspace->name));
		json_object_set_new(refusal, "reason", text_json(graph->arena, function->refusals[i].reason));
		json_array_append_new(array, refusal);
	}
	return array;
}

/* Others' results that it reads. */
static json_t *reads_json(const struct ffpf_graph *graph, const struct ffpf_schema *schema)
{
	json_t *array = json_array();

	for (size_t i = 0; i < schema->n_wanted; i++) {
		json_t *read = json_object();

		json_object_set_new(read, "function", text_json(graph->arena, schema->wanted[i].function));
		json_object_set_new(read, "result", text_json(graph->arena, schema->wanted[i].result));
		json_array_append_new(array, read);
	}
	return array;
}

static json_t *function_json(const struct ffpf_graph *graph, const struct ffpf_function *function)
{
	static const char *const roles[] = {
		[FFPF_SOURCE] = "source", [FFPF_FUNCTION] = "function", [FFPF_SINK] = "sink"};
	json_t *object = json_object();
	char flowid[16];

	snprintf(flowid, sizeof(flowid), "0x%08x", function->flowid);
	json_object_set_new(object, "name", text_json(graph->arena, function->instance.name));
	json_object_set_new(object, "class", json_string(function->instance.class->name));
	json_object_set_new(object, "role", json_string(roles[function->instance.class->role]));
	json_object_set_new(object, "flowspace", json_string(function->level->name));
	json_object_set_new(object, "flowid", json_string(flowid));
	json_object_set_new(object, "pinned", json_boolean(function->pin != NULL));
	json_object_set_new(object, "parameters", parameters_json(graph, function));
	json_object_set_new(object, "inputs", inputs_json(graph, function));
	json_object_set_new(object, "refused", refused_json(graph, function));
	if (ffpf_instance_schema(&function->instance)->n_wanted)
		json_object_set_new(object, "reads", reads_json(graph, ffpf_instance_schema(&function->instance)));
	if (function->export_packets || function->export_state)
		json_object_set_new(object, "export", json_string(function->export_packets ? "packets" : "state"));
	return object;
}

static json_t *barrier_json(const struct ffpf_graph *graph, const struct ffpf_barrier *barrier)
{
	json_t *object = json_object(), *inputs = json_array();

	for (size_t i = 0; i < barrier->n_inputs; i++)
		json_array_append_new(inputs, text_json(graph->arena, barrier->inputs[i]->instance.name));
	json_object_set_new(object, "from", json_string(barrier->from->name));
	json_object_set_new(object, "to", json_string(barrier->to->name));
	json_object_set_new(object, "stub", json_string(barrier->stub));
	if (barrier->copying.why) {
		json_object_set_new(object, "copy", json_string(ffpf_copy_name(barrier->copying.how)));
		json_object_set_new(object, "copy_reason", text_json(graph->arena, barrier->copying.why));
	}
	json_object_set_new(object, "bytes_per_packet",
			    barrier->bytes == FFPF_ALL_BYTES ? json_string("all") : json_integer(barrier->bytes));
	json_object_set_new(object, "time", json_boolean((barrier->needs & FFPF_NEED_TIME) != 0));
	json_object_set_new(object, "inputs", inputs);
	return object;
}

static json_t *source_json(const struct ffpf_graph *graph, unsigned source)
{
	const struct ffpf_source_info *info = &graph->source_info[source];
	json_t *object = json_object(), *sees = json_object();
	size_t n_levels;
	const struct ffpf_flowspace **levels = ffpf_describe_levels(graph, &n_levels);

	for (size_t i = 0; i < n_levels; i++) {
		bool here = levels[i]->sees && ffpf_describe_source_at(graph, source, levels[i]);
		const char *text = here ? levels[i]->sees(graph, graph->sources[source]) : NULL;

		if (text)
			json_object_set_new(sees, levels[i]->name, text_json(graph->arena, text));
	}
	json_object_set_new(object, "name", text_json(graph->arena, graph->sources[source]->instance.name));
	json_object_set_new(object, "linktype", json_integer(info->linktype));
	json_object_set_new(object, "snaplen", json_integer(info->snaplen));
	json_object_set_new(object, "ifindex", json_integer(info->ifindex));
	json_object_set_new(object, "sees", sees);
	return object;
}

static void add_notes(json_t *document, const struct ffpf_graph *graph, const struct ffpf_explain_notes *notes)
{
	json_t *fallbacks = json_array();

	for (size_t i = 0; notes->fallbacks && notes->fallbacks[i]; i++)
		json_array_append_new(fallbacks, text_json(graph->arena, notes->fallbacks[i]));
	json_object_set_new(document, "notices", fallbacks);
	json_object_set_new(document, "buffer_bytes", json_integer((json_int_t)notes->buffer_bytes));
	json_object_set_new(document, "cpus", json_integer(notes->n_cpus));
}

void ffpf_explain_json(const struct ffpf_graph *graph, const struct ffpf_explain_notes *notes, FILE *out)
{
	json_t *document = json_object(), *functions = json_array(), *barriers = json_array(), *sources = json_array();
	size_t n_barriers;
	const struct ffpf_barrier *described = ffpf_describe_barriers(graph, &n_barriers);

	for (size_t i = 0; i < graph->n_functions; i++)
		json_array_append_new(functions, function_json(graph, graph->functions[i]));
	for (size_t i = 0; i < n_barriers; i++)
		json_array_append_new(barriers, barrier_json(graph, &described[i]));
	for (unsigned i = 0; i < graph->n_sources; i++)
		json_array_append_new(sources, source_json(graph, i));
	json_object_set_new(document, "functions", functions);
	json_object_set_new(document, "barriers", barriers);
	json_object_set_new(document, "sources", sources);
	if (notes)
		add_notes(document, graph, notes);
	json_dumpf(document, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	fputc('\n', out);
	json_decref(document);
}

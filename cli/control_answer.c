/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of the control socket, answered by the library.
 */
#include "cli.h"
#include "control.h"
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

json_t *control_refusal(const char *why, int status)
{
	return json_pack("{s:i, s:b, s:o, s:i}", "version", CONTROL_VERSION, "ok", 0, "error", json_text(why), "status",
			 status);
}

__attribute__((format(printf, 2, 3))) static json_t *refuse(int status, const char *format, ...)
{
	char why[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	return control_refusal(why, status);
}

/* An answer to which members may be added. */
static json_t *answer(void)
{
	return json_pack("{s:i, s:b}", "version", CONTROL_VERSION, "ok", 1);
}

static json_t *failed(const struct ffpf *h, int error)
{
	const char *message = ffpf_error(h);

	return refuse(error == -ENOMEM ? EXIT_FAILED : EXIT_REQUEST, "%s",
		      message && *message ? message : strerror(-error));
}

/* ---- list */

/* "times":{"at":"moment","gap":"span"}, where there are any: which numbers are times. */
static void add_times(json_t *out, json_t *times)
{
	if (json_object_size(times))
		json_object_set(out, "times", times);
	json_decref(times);
}

static json_t *times_of_members(const struct ffpf_members *members)
{
	json_t *times = json_object();

	for (size_t i = 0; i < members->n; i++)
		if (members->list[i].kind == FFPF_MEMBER_TIME || members->list[i].kind == FFPF_MEMBER_DURATION)
			json_object_set_new(times, members->list[i].name,
					    json_string(members->list[i].kind == FFPF_MEMBER_TIME ? "moment" : "span"));
	return times;
}

static json_t *times_of_state(const struct ffpf_function_stats *f)
{
	json_t *times = json_object();

	for (size_t i = 0; i < f->n_results; i++)
		if (f->results[i].n == 1 &&
		    (f->results[i].unit == FFPF_UNIT_TIME || f->results[i].unit == FFPF_UNIT_NS))
			json_object_set_new(times, f->results[i].name,
					    json_string(f->results[i].unit == FFPF_UNIT_TIME ? "moment" : "span"));
	return times;
}

static json_t *map_description(const struct ffpf_map_info *info)
{
	json_t *out = json_pack("{s:o, s:s, s:I, s:I, s:I, s:I, s:b}", "name", json_text(info->name), "kind",
				info->kind, "key_size", (json_int_t)info->key_size, "value_size",
				(json_int_t)info->value_size, "max_entries", (json_int_t)info->max_entries, "values",
				(json_int_t)info->n_values, "variables", info->variables);

	add_times(out, times_of_members(&info->value));
	return out;
}

static json_t *maps_of(struct ffpf *h, const char *function)
{
	json_t *list = json_array();
	struct ffpf_map_info info;

	for (size_t i = 0; !ffpf_map_get(h, i, &info); i++)
		if (!strcmp(info.function, function))
			json_array_append_new(list, map_description(&info));
	return list;
}

static json_t *describe_tap(const struct ffpf_tap_info *tap)
{
	json_t *out =
		json_pack("{s:s, s:o, s:o, s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "name", tap->name, "edge",
			  json_text(tap->edge), "sink", json_text(tap->sink), "flowspace", tap->flowspace, "ended",
			  tap->ended, "buffer", (json_int_t)tap->buffer, "in", (json_int_t)tap->in, "written",
			  (json_int_t)tap->written, "lost", (json_int_t)tap->lost, "left", (json_int_t)tap->left);

	if (tap->why)
		json_object_set_new(out, "error", json_text(tap->why));
	return out;
}

static json_t *list_taps(struct ffpf *h)
{
	json_t *list = json_array();
	struct ffpf_tap_info tap;

	for (size_t i = 0; !ffpf_tap_get(h, i, &tap); i++)
		json_array_append_new(list, describe_tap(&tap));
	return list;
}

static json_t *list_functions(struct ffpf *h, const struct ffpf_stats *stats)
{
	json_t *out = answer(), *functions = json_array();

	for (size_t i = 0; i < stats->n_functions; i++) {
		const struct ffpf_function_stats *f = &stats->functions[i];

		json_array_append_new(functions,
				      json_pack("{s:o, s:o, s:s, s:b, s:o}", "name", json_text(f->name), "class",
						json_text(f->class), "flowspace", f->flowspace, "replaceable",
						ffpf_replaceable(h, f->name), "maps", maps_of(h, f->name)));
	}
	json_object_set_new(out, "functions", functions);
	json_object_set_new(out, "taps", list_taps(h));
	return out;
}

/* ---- read */

static const char *function_name(const void *arg, size_t i)
{
	return ffpf_function_name(arg, i);
}

static json_t *no_function(const struct ffpf *h, const char *name)
{
	const char *nearest = ffpf_diag_nearest(name, function_name, h);

	return nearest ? refuse(EXIT_REQUEST, "no function '%s'; did you mean '%s'?", name, nearest)
		       : refuse(EXIT_REQUEST, "no function '%s'", name);
}

json_t *control_entry(const struct ffpf_map_info *info, const struct ffpf_map_entries *entries, size_t i)
{
	const uint8_t *key = entries->keys + i * info->key_size;
	const uint8_t *values = entries->values + i * info->n_values * entries->value_step;
	static const struct ffpf_member index = {.name = "", .size = 4, .count = 1, .kind = FFPF_MEMBER_UNSIGNED};
	const struct ffpf_members number = {&index, 1};
	bool array = strstr(info->kind, "array") != NULL;
	json_t *out = json_object(), *each;

	/* The key of an array is a number, whatever it was called. */
	if (info->announced && control_is_prefix(info->kind, &info->key))
		json_object_set_new(out, "key", control_prefix(&info->key, key));
	else
		json_object_set_new(out, "key", control_value(array ? &number : &info->key, key, info->key_size));
	if (info->n_values == 1) {
		json_object_set_new(out, "value", control_value(&info->value, values, info->value_size));
		return out;
	}
	uint8_t *sum = malloc(info->value_size);
	if (sum && control_sum(&info->value, values, info->n_values, entries->value_step, info->value_size, sum))
		json_object_set_new(out, "value", control_value(&info->value, sum, info->value_size));
	free(sum);
	each = json_array();
	for (unsigned cpu = 0; cpu < info->n_values; cpu++)
		json_array_append_new(
			each, control_value(&info->value, values + cpu * entries->value_step, info->value_size));
	json_object_set_new(out, "values", each);
	return out;
}

/* Entries from `from` on, as many as an answer may have. */
static json_t *page(const struct ffpf_map_info *info, const struct ffpf_map_entries *entries,
		    const struct control_request *request)
{
	json_t *out = answer(), *list = json_array();
	uint64_t each = info->key_size + (uint64_t)info->n_values * entries->value_step, bytes = 0;
	size_t i = request->from < entries->n ? (size_t)request->from : entries->n;

	for (uint64_t n = 0; i < entries->n && n < request->limit && (!n || bytes + each <= CONTROL_PAGE_BYTES);
	     n++, i++, bytes += each)
		json_array_append_new(list, control_entry(info, entries, i));
	json_object_update_new(out, map_description(info));
	json_object_set_new(out, "total", json_integer((json_int_t)entries->n));
	json_object_set_new(out, "entries", list);
	json_object_set_new(out, "more", json_boolean(i < entries->n));
	return out;
}

void control_copy_drop(struct control_copy *copy)
{
	ffpf_map_entries_free(copy->entries);
	*copy = (struct control_copy){0};
}

/* Is the copy what this request goes on with? The function may have been replaced meanwhile. */
static bool goes_on(const struct control_copy *copy, const struct ffpf_map_info *info,
		    const struct control_request *request)
{
	return copy->entries && request->from && !strcmp(copy->function, info->function) &&
	       !strcmp(copy->map, info->name) && copy->key_size == info->key_size &&
	       copy->value_size == info->value_size && copy->n_values == info->n_values;
}

static int make_copy(struct ffpf *h, size_t i, const struct ffpf_map_info *info, struct control_copy *copy)
{
	int error;

	control_copy_drop(copy);
	error = ffpf_map_read(h, i, &copy->entries);
	if (error)
		return error;
	snprintf(copy->function, sizeof(copy->function), "%s", info->function);
	snprintf(copy->map, sizeof(copy->map), "%s", info->name);
	copy->key_size = info->key_size;
	copy->value_size = info->value_size;
	copy->n_values = info->n_values;
	return 0;
}

static json_t *read_map(struct ffpf *h, const struct control_request *request, struct control_copy *copy)
{
	struct ffpf_map_info info;
	size_t i = 0;
	int error;

	while (!(error = ffpf_map_get(h, i, &info)) &&
	       (strcmp(info.function, request->function) != 0 || strcmp(info.name, request->map) != 0))
		i++;
	if (error == -ENOENT)
		return refuse(EXIT_REQUEST, "function '%s' has no map '%s'", request->function, request->map);
	if (!error && !strcmp(info.kind, "prog_array"))
		return refuse(EXIT_REQUEST, "map '%s' holds programs", request->map);
	if (!error && !goes_on(copy, &info, request))
		error = make_copy(h, i, &info, copy);
	if (error)
		return refuse(EXIT_FAILED, "map '%s' can't be read: %s", request->map, strerror(-error));
	json_t *out = page(&info, copy->entries, request);
	if (!json_is_true(json_object_get(out, "more")))
		control_copy_drop(copy);
	return out;
}

static json_t *read_function(struct ffpf *h, const struct ffpf_stats *stats, const struct control_request *request,
			     struct control_copy *copy)
{
	const char *name;
	json_t *out;
	size_t i = 0;

	while ((name = ffpf_function_name(h, i)) && strcmp(name, request->function) != 0)
		i++;
	if (!name)
		return no_function(h, request->function);
	if (request->map)
		return read_map(h, request, copy);
	out = answer();
	json_object_set_new(out, "state", json_state(&stats->functions[i]));
	add_times(out, times_of_state(&stats->functions[i]));
	return out;
}

/* ---- all of them */

static json_t *replace(struct ffpf *h, const struct control_request *request)
{
	json_t *out, *notices = json_array();
	const char *notice;
	size_t i = 0;
	int error;

	while (ffpf_notice(h, i))
		i++;
	error = ffpf_replace(h, request->function, request->file);
	for (; (notice = ffpf_notice(h, i)); i++)
		json_array_append_new(notices, json_text(notice));
	if (error) {
		json_decref(notices);
		return error == -ENOENT ? no_function(h, request->function) : failed(h, error);
	}
	out = answer();
	json_object_set_new(out, "notices", notices);
	return out;
}

/* The tap of that name, as it is now. */
static json_t *about_tap(struct ffpf *h, const char *name)
{
	struct ffpf_tap_info tap;
	json_t *out = answer();

	for (size_t i = 0; !ffpf_tap_get(h, i, &tap); i++)
		if (!strcmp(tap.name, name)) {
			json_object_set_new(out, "tap", describe_tap(&tap));
			break;
		}
	return out;
}

static json_t *set_tap(struct ffpf *h, const struct control_request *request)
{
	const struct ffpf_tap_request wanted = {.edge = request->edge,
						.sink = request->sink,
						.file = request->file,
						.packets = request->packets,
						.usec = request->usec,
						.buffer_size = request->buffer};
	const char *name = NULL;
	int error = ffpf_tap(h, &wanted, &name);

	return error ? failed(h, error) : about_tap(h, name);
}

static json_t *end_tap(struct ffpf *h, const struct control_request *request)
{
	int error = ffpf_untap(h, request->tap);

	return error ? failed(h, error) : about_tap(h, request->tap);
}

/* Tables may be large: results are gathered where they are asked for. */
static bool needs_results(const struct control_request *request)
{
	return request->command == CONTROL_LIST || request->command == CONTROL_STATS ||
	       (request->command == CONTROL_READ && !request->map);
}

json_t *control_answer(struct ffpf *h, const struct control_request *request, struct control_copy *copy, bool *stop)
{
	struct ffpf_stats *stats = NULL;
	json_t *out = NULL;
	int error = needs_results(request) ? ffpf_stats_get(h, &stats) : 0;

	if (error)
		return failed(h, error);
	if (!request->map)
		control_copy_drop(copy);
	switch (request->command) {
	case CONTROL_LIST:
		out = list_functions(h, stats);
		break;
	case CONTROL_READ:
		out = read_function(h, stats, request, copy);
		break;
	case CONTROL_STATS:
		out = answer();
		json_object_set_new(out, "stats", json_document(h, stats));
		break;
	case CONTROL_REPLACE:
		out = replace(h, request);
		break;
	case CONTROL_STOP:
		*stop = true;
		out = answer();
		break;
	case CONTROL_TAP:
		out = set_tap(h, request);
		break;
	case CONTROL_UNTAP:
		out = end_tap(h, request);
		break;
	case N_CONTROL_COMMANDS:
		break;
	}
	ffpf_stats_free(stats);
	return out;
}

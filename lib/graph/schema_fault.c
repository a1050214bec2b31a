/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a class says that it keeps, for all its instances or for one: is it what readers, layouts and flowspaces can
 * make? Classes may be others', so that a mistake here is a message and not a crash.
 */
#include <lib/graph/classes.h>
#include <lib/graph/schema_fault.h>

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_FIELDS 4096
#define MAX_MAPS 1024
#define MAX_MEMBERS 256
#define MAX_EVENTS 256
#define MAX_WANTED 256
#define MAX_TABLES 256

static _Thread_local char sentence[256];

static const char *fault(const char *format, ...) __attribute__((format(printf, 1, 2)));
static const char *fault(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(sentence, sizeof(sentence), format, ap);
	va_end(ap);
	return sentence;
}

bool ffpf_is_class_name(const char *name)
{
	size_t len = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

	return len && len < 64 && !name[len] && !isdigit((unsigned char)name[0]) && name[0] != '-';
}

/* Of results that belong to something inlined: names with dots between them. */
static bool is_name(const char *name)
{
	size_t part;

	if (!name || strlen(name) >= 64)
		return false;
	for (;; name += part + 1) {
		char one[64];

		part = strcspn(name, ".");
		memcpy(one, name, part);
		one[part] = '\0';
		if (!ffpf_is_class_name(one))
			return false;
		if (!name[part])
			return true;
	}
}

static bool has_width(const struct ffpf_class *class, const struct ffpf_field *field)
{
	for (size_t i = 0; field->width_param && i < class->n_params; i++)
		if (!strcmp(class->params[i].name, field->width_param))
			return class->params[i].min > 0 &&
			       (class->params[i].type == FFPF_TYPE_SIZE || class->params[i].type == FFPF_TYPE_COUNT);
	return !field->width_param && field->width;
}

static const char *field_fault(const struct ffpf_class *class, const struct ffpf_schema *schema, size_t i)
{
	const struct ffpf_field *field = &schema->fields[i];

	if (!is_name(field->name))
		return fault("field %zu of '%s' has no name that can be printed", i, class->name);
	if (!field->cells && !(field->flags & FFPF_FIELD_DERIVED))
		return fault("field '%s' of '%s' has no cells", field->name, class->name);
	if (field->cells > FFPF_FIELD_CELLS_MAX)
		return fault("field '%s' of '%s' has %u cells, more than %u", field->name, class->name, field->cells,
			     FFPF_FIELD_CELLS_MAX);
	if (field->merge < FFPF_MERGE_SUM || field->merge > FFPF_MERGE_SHARED || field->unit < FFPF_UNIT_NONE ||
	    field->unit > FFPF_UNIT_TIME)
		return fault("field '%s' of '%s' has no known merge or unit", field->name, class->name);
	if (field->flags & (FFPF_FIELD_PACKETS_IN | FFPF_FIELD_BYTES_IN) && field->cells != 1)
		return fault("field '%s' of '%s' is one number, and announces %u cells", field->name, class->name,
			     field->cells);
	if (field->flags & FFPF_FIELD_LINEAR && !has_width(class, field))
		return fault("field '%s' of '%s' has buckets without a width", field->name, class->name);
	for (size_t other = 0; other < i; other++)
		if (strcmp(schema->fields[other].name, field->name) == 0)
			return fault("'%s' has two fields '%s'", class->name, field->name);
	if (field->flags & FFPF_FIELD_DERIVED && !class->derive)
		return fault("field '%s' of '%s' is derived, but the class has no derive function", field->name,
			     class->name);
	return NULL;
}

/* Are all members inside, of sizes that readers know? Texts belong to single numbers. */
static bool members_fit(const struct ffpf_members *members, uint64_t size)
{
	if (members->n > MAX_MEMBERS || (members->n && !members->list))
		return false;
	for (size_t i = 0; i < members->n; i++) {
		const struct ffpf_member *m = &members->list[i];
		bool wide = m->kind == FFPF_MEMBER_IPV6 || m->kind == FFPF_MEMBER_HOST_IPV6;
		bool plain = m->size == 1 || m->size == 2 || m->size == 4 || m->size == 8;

		if (!m->name || m->kind > FFPF_MEMBER_DURATION || !m->count || (wide ? m->size != 16 : !plain) ||
		    m->offset + (uint64_t)m->size * m->count > size || m->shift + m->bits > m->size * 8u ||
		    (m->kind == FFPF_MEMBER_MAC && (m->size != 1 || m->count != 6)) ||
		    ((m->kind == FFPF_MEMBER_HOST_MAC || m->kind == FFPF_MEMBER_TIME ||
		      m->kind == FFPF_MEMBER_DURATION) &&
		     m->size != 8) ||
		    (m->kind == FFPF_MEMBER_HOST_IPV4 && m->size < 4) ||
		    (m->n_texts && (!m->texts || m->count != 1 || m->bits ||
				    (m->kind != FFPF_MEMBER_UNSIGNED && m->kind != FFPF_MEMBER_BIG))))
			return false;
	}
	return true;
}

static const char *filling_fault(const struct ffpf_class *class, const struct ffpf_class_map *map)
{
	bool array = map->kind == FFPF_MAP_ARRAY;

	if (!map->n_filled)
		return NULL;
	if (map->n_filled > map->max_entries)
		return fault("map '%s' of '%s' is filled with %zu entries and has room for %u", map->name, class->name,
			     map->n_filled, map->max_entries);
	if (array ? map->keys || !map->values : !map->keys)
		return fault("map '%s' of '%s' is filled without %s", map->name, class->name,
			     array ? "values" : "keys");
	if ((map->kind == FFPF_MAP_LPM) != (map->prefixes != NULL))
		return fault("map '%s' of '%s' is filled with keys %s prefix lengths", map->name, class->name,
			     map->prefixes ? "and with" : "without");
	for (size_t i = 0; map->prefixes && i < map->n_filled; i++)
		if (map->prefixes[i] > map->key_size * 8)
			return fault("map '%s' of '%s' is filled with a prefix longer than its keys", map->name,
				     class->name);
	return NULL;
}

static const char *map_fault(const struct ffpf_class *class, const struct ffpf_schema *schema, size_t i)
{
	const struct ffpf_class_map *map = &schema->maps[i];

	if (!is_name(map->name))
		return fault("map %zu of '%s' has no name that can be printed", i, class->name);
	if (map->kind != FFPF_MAP_ARRAY && map->kind != FFPF_MAP_HASH && map->kind != FFPF_MAP_LRU_HASH &&
	    map->kind != FFPF_MAP_LPM)
		return fault("map '%s' of '%s' is of no kind that functions may have", map->name, class->name);
	if (!map->key_size || map->key_size > FFPF_CLASS_MAP_KEY_MOST ||
	    (map->kind == FFPF_MAP_ARRAY && map->key_size != 4))
		return fault("map '%s' of '%s' has keys of %u bytes", map->name, class->name, map->key_size);
	if (!map->words || map->words > FFPF_CLASS_MAP_WORDS_MOST)
		return fault("map '%s' of '%s' has values of %u words", map->name, class->name, map->words);
	if (!map->max_entries)
		return fault("map '%s' of '%s' has no room for an entry", map->name, class->name);
	if (!members_fit(&map->key, map->key_size) || !members_fit(&map->value, map->words * UINT64_C(8)))
		return fault("map '%s' of '%s' describes keys or values that it does not have", map->name, class->name);
	for (size_t other = 0; other < i; other++)
		if (!strcmp(schema->maps[other].name, map->name))
			return fault("'%s' has two maps '%s'", class->name, map->name);
	for (size_t other = 0; other < schema->n_fields; other++)
		if (!strcmp(schema->fields[other].name, map->name))
			return fault("'%s' has a map and a field '%s'", class->name, map->name);
	return filling_fault(class, map);
}

static const char *event_fault(const struct ffpf_class *class, const struct ffpf_schema *schema, size_t i)
{
	const struct ffpf_class_event *event = &schema->events[i];
	const struct ffpf_field *fields = schema->fields;
	const unsigned without = FFPF_FIELD_DERIVED | FFPF_FIELD_PACKETS_IN | FFPF_FIELD_BYTES_IN | FFPF_FIELD_MISSED;

	if (!is_name(event->name))
		return fault("event %zu of '%s' has no name that can be printed", i, class->name);
	for (size_t other = 0; other < i; other++)
		if (!strcmp(schema->events[other].name, event->name))
			return fault("'%s' has two events '%s'", class->name, event->name);
	if (!event->words || event->words > FFPF_CLASS_EVENT_WORDS_MOST || event->slots < 2 ||
	    event->slots & (event->slots - 1) || event->slots > FFPF_FIELD_CELLS_MAX)
		return fault("event '%s' of '%s' has %u slots of %u words", event->name, class->name, event->slots,
			     event->words);
	if (event->field + UINT64_C(1) >= schema->n_fields ||
	    (fields[event->field].flags | fields[event->field + 1].flags) & without ||
	    fields[event->field].merge == FFPF_MERGE_SHARED || fields[event->field + 1].merge == FFPF_MERGE_SHARED ||
	    fields[event->field].cells != 1 || fields[event->field].initial ||
	    fields[event->field + 1].cells != (uint64_t)event->slots * event->words)
		return fault("event '%s' of '%s' has no fields that hold its records", event->name, class->name);
	if (!members_fit(&event->members, (event->words - event->time) * UINT64_C(8)))
		return fault("event '%s' of '%s' describes members that it does not have", event->name, class->name);
	return NULL;
}

static const char *table_fault(const struct ffpf_class *class, const struct ffpf_schema *schema, size_t i)
{
	const struct ffpf_class_table *table = &schema->tables[i];

	if (!is_name(table->name) || !table->kind)
		return fault("table %zu of '%s' has no name that can be printed", i, class->name);
	if (!table->key_size || table->key_size > FFPF_CLASS_MAP_KEY_MOST || !table->words ||
	    table->words > FFPF_CLASS_MAP_WORDS_MOST)
		return fault("table '%s' of '%s' has keys of %u bytes and values of %u words", table->name, class->name,
			     table->key_size, table->words);
	if (!members_fit(&table->key, table->key_size) || !members_fit(&table->value, table->words * UINT64_C(8)))
		return fault("table '%s' of '%s' describes keys or values that it does not have", table->name,
			     class->name);
	if (table->field >= schema->n_fields || !table->rows)
		return fault("table '%s' of '%s' is made of nothing", table->name, class->name);
	for (size_t other = 0; other < i; other++)
		if (!strcmp(schema->tables[other].name, table->name))
			return fault("'%s' has two tables '%s'", class->name, table->name);
	for (size_t other = 0; other < schema->n_maps; other++)
		if (!strcmp(schema->maps[other].name, table->name))
			return fault("'%s' has a map and a table '%s'", class->name, table->name);
	for (size_t other = 0; other < schema->n_fields; other++)
		if (!strcmp(schema->fields[other].name, table->name))
			return fault("'%s' has a field and a table '%s'", class->name, table->name);
	return NULL;
}

static size_t total_cells(const struct ffpf_schema *schema)
{
	size_t n = 0;

	for (size_t i = 0; i < schema->n_fields; i++)
		n += schema->fields[i].cells ? schema->fields[i].cells : 1;
	return n;
}

const char *ffpf_schema_fault(const struct ffpf_class *class, const struct ffpf_schema *schema)
{
	const char *found = NULL;

	if (!schema)
		return fault("'%s' does not say what it keeps", class->name);
	if (schema->n_fields > MAX_FIELDS || (schema->n_fields && !schema->fields))
		return fault("'%s' announces %zu fields without a usable table", class->name, schema->n_fields);
	if (schema->n_maps > MAX_MAPS || (schema->n_maps && !schema->maps))
		return fault("'%s' announces %zu maps without a usable table", class->name, schema->n_maps);
	if (schema->n_tables > MAX_TABLES || (schema->n_tables && !schema->tables))
		return fault("'%s' announces %zu tables without a usable list", class->name, schema->n_tables);
	if (schema->n_events > MAX_EVENTS || (schema->n_events && !schema->events))
		return fault("'%s' announces %zu events without a usable table", class->name, schema->n_events);
	for (size_t i = 0; !found && i < schema->n_fields; i++)
		found = field_fault(class, schema, i);
	for (size_t i = 0; !found && i < schema->n_maps; i++)
		found = map_fault(class, schema, i);
	for (size_t i = 0; !found && i < schema->n_tables; i++)
		found = table_fault(class, schema, i);
	for (size_t i = 0; !found && i < schema->n_events; i++)
		found = event_fault(class, schema, i);
	if (found)
		return found;
	if (schema->n_wanted > MAX_WANTED || (schema->n_wanted && !schema->wanted))
		return fault("'%s' announces %zu results of others without a usable table", class->name,
			     schema->n_wanted);
	for (size_t i = 0; i < schema->n_wanted; i++)
		if (!schema->wanted[i].function || !schema->wanted[i].result)
			return fault("result %zu of others that '%s' reads has no name", i, class->name);
	if (schema->n_wanted && !class->build)
		return fault("'%s' reads results of others and has no packet program that could", class->name);
	if (schema->n_events && !class->build)
		return fault("'%s' announces events and has no packet program that could write them", class->name);
	if (schema->n_maps && !class->build)
		return fault("'%s' announces maps and has no packet program that could use them", class->name);
	if (class->exhausted && total_cells(schema) > FFPF_LIMIT_CELLS)
		return fault("'%s' can tell that it is exhausted, and has more than %d cells", class->name,
			     FFPF_LIMIT_CELLS);
	return NULL;
}

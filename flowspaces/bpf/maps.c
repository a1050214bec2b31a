/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The maps of a graph: cells, rings, reader pages. All are arrays whose
 * memory this process maps; what only programs write is frozen, so that any
 * reader that is handed a descriptor may map it but never write.
 *
 * Order: create, map writable, write headers and initial values, unmap, freeze, map read-only. With --replay this
 * process stands in for the programs now and then, so nothing is frozen.
 */
#include <flowspaces/bpf/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int create(struct ffpf_bpf_state *s, enum ffpf_ebpf_symbol symbol, const char *name, size_t value,
		  unsigned entries)
{
	struct ffpf_bpf_map *m = &s->maps.map[symbol];
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	if (value > UINT32_MAX / 2 || (uint64_t)value * entries > (uint64_t)1 << 40) {
		ffpf_run_fail(s->run, -E2BIG,
			      "%s: %zu bytes for each of %u processors are more than a map can hold; choose a smaller "
			      "--buffer",
			      name, value, entries);
		return -E2BIG;
	}
	m->fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, name, 4, (uint32_t)value, entries, &opts);
	if (m->fd < 0) {
		int err = -errno;

		ffpf_run_fail(
			s->run, err, "creating the map '%s' (%zu bytes): %s%s", name, value * entries, strerror(-err),
			err == -EPERM ? "; run as root, or give the command CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON"
				      : "");
		m->fd = -1;
		return err;
	}
	m->entry = (value + 7) & ~(size_t)7;
	m->bytes = m->entry * entries;
	m->memory = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0);
	if (m->memory == MAP_FAILED) {
		int err = -errno;

		m->memory = NULL;
		ffpf_run_fail(s->run, err, "mapping '%s' (%zu bytes): %s", name, m->bytes, strerror(-err));
		return err;
	}
	return 0;
}

static int freeze(struct ffpf_bpf_state *s, enum ffpf_ebpf_symbol symbol)
{
	struct ffpf_bpf_map *m = &s->maps.map[symbol];
	int err = 0;

	if (!m->memory || s->run->options->replay)
		return 0;
	munmap(m->memory, m->bytes);
	m->memory = NULL;
	if (bpf_map_freeze(m->fd) < 0)
		err = -errno;
	if (!err) {
		m->memory = mmap(NULL, m->bytes, PROT_READ, MAP_SHARED, m->fd, 0);
		if (m->memory == MAP_FAILED) {
			m->memory = NULL;
			err = -errno;
		}
	}
	if (err)
		ffpf_run_fail(s->run, err, "freezing a map: %s", strerror(-err));
	return err;
}

static void *entry(const struct ffpf_bpf_map *m, size_t i)
{
	return (char *)m->memory + i * m->entry;
}

static int create_cells(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_maps *maps = &s->maps;
	int err = create(s, FFPF_SYM_CELLS, "ffpf_cells", (size_t)maps->stride * maps->n_cpus, 1);

	if (!err)
		err = create(s, FFPF_SYM_SHARED, "ffpf_shared", s->level->n_shared ? s->level->n_shared * 8u : 8, 1);
	if (err)
		return err;
	for (unsigned i = 0; i < maps->n_cpus; i++)
		ffpf_layout_initial_cells(
			s->run->graph, s->ops->flowspace,
			(uint64_t *)((char *)maps->map[FFPF_SYM_CELLS].memory + (size_t)i * maps->stride),
			maps->map[FFPF_SYM_SHARED].memory);
	err = freeze(s, FFPF_SYM_CELLS);
	if (!err)
		err = freeze(s, FFPF_SYM_SHARED);
	return err;
}

/* PBuf: of packets for readers, or for a level above that refers to them. */
static int create_pbuf(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_maps *maps = &s->maps;
	int err;

	maps->largest = ffpf_level_stored(s->level);
	err = create(s, FFPF_SYM_PBUF, "ffpf_pbuf", ffpf_ring_bytes(maps->ring_size, maps->largest), maps->n_cpus);
	for (unsigned i = 0; !err && i < maps->n_cpus; i++)
		ffpf_ring_init(entry(&maps->map[FFPF_SYM_PBUF], i), FFPF_RING_PBUF, i, maps->ring_size, maps->largest);
	return err ?: freeze(s, FFPF_SYM_PBUF);
}

static int create_index(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_maps *maps = &s->maps;
	unsigned n = s->level->n_inflows * maps->n_cpus;
	int err;

	maps->ibuf_bytes = ffpf_ibuf_entries(maps->ring_size, s->level->n_inflows) * sizeof(struct ffpf_index);
	err = create(s, FFPF_SYM_IBUF, "ffpf_ibuf", ffpf_ring_bytes(maps->ibuf_bytes, 0), n);
	for (unsigned i = 0; !err && i < n; i++)
		ffpf_ring_init(entry(&maps->map[FFPF_SYM_IBUF], i), FFPF_RING_IBUF, i / s->level->n_inflows,
			       maps->ibuf_bytes, 0);
	if (!err)
		err = freeze(s, FFPF_SYM_IBUF);
	if (!err)
		err = create(s, FFPF_SYM_READERS, "ffpf_readers", sizeof(struct ffpf_reader_page), maps->n_cpus);
	return err ?: ffpf_bpf_bells_create(s);
}

static int create_rings(struct ffpf_bpf_state *s)
{
	int err = s->level->rings || s->level->keeps ? create_pbuf(s) : 0;

	return err || !s->level->rings ? err : create_index(s);
}

int ffpf_bpf_maps_create(struct ffpf_bpf_state *s)
{
	struct ffpf_bpf_maps *maps = &s->maps;
	int err;

	for (unsigned i = 0; i < FFPF_SYMBOLS; i++)
		maps->map[i].fd = -1;
	maps->n_cpus = (unsigned)libbpf_num_possible_cpus();
	maps->ring_size = s->run->options->buffer_size;
	maps->stride = ffpf_ebpf_stride(s->level->n_cells, s->n_flags, s->level->n_inflows, s->n_ghosts);
	err = create_cells(s);
	if (!err && !s->ops->apart)
		err = create_rings(s);
	/* Programs only read it and this process goes on writing, so it is not frozen: its descriptor goes to nobody.
	 */
	if (!err && s->level->n_wanted)
		err = create(s, FFPF_SYM_WANTED, "ffpf_wanted", s->level->n_wanted * 8u, 1);
	if (!err && s->run->options->replay)
		err = create(s, FFPF_SYM_INJECT, "ffpf_inject", sizeof(struct ffpf_inject), 1);
	return err;
}

void ffpf_bpf_maps_close(struct ffpf_bpf_maps *maps)
{
	for (unsigned i = 0; i < FFPF_SYMBOLS; i++) {
		if (maps->map[i].memory)
			munmap(maps->map[i].memory, maps->map[i].bytes);
		if (maps->map[i].fd >= 0)
			close(maps->map[i].fd);
		maps->map[i] = (struct ffpf_bpf_map){.fd = -1};
	}
	ffpf_bpf_bells_close(maps);
}

int ffpf_bpf_tables_create(const struct ffpf_ebpf_program *code, char why[FFPF_WHY_MAX])
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_RDONLY_PROG);
	uint32_t zero = 0;
	int fd, err = 0;

	if (!code->n_data)
		return 0;
	fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ffpf_tables", 4, (uint32_t)code->n_data, 1, &opts);
	if (fd < 0 || bpf_map_update_elem(fd, &zero, code->data, BPF_ANY) < 0 || bpf_map_freeze(fd) < 0) {
		err = -errno;
		snprintf(why, FFPF_WHY_MAX, "constant tables of %zu bytes: %s", code->n_data, strerror(-err));
		if (fd >= 0)
			close(fd);
	}
	return err ?: fd;
}

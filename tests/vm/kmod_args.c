/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every call of /dev/ffpf with every wrong size, descriptor, index and state; mapping where nothing is, writable, after
 * close. Usage: vm_kmod_args DEVICE (a network device that may be used)
 */
#include "module.h"

#include <poll.h>
#include <sys/eventfd.h>

static int ifindex, program, xdp_program, map;
static unsigned n_cpus;

/* ---- what does not depend on the state ------------------------------------------------------- */

static const struct {
	unsigned long request;
	uint32_t size;
} calls[] = {
	{FFPF_KMOD_IOC_VERSION, sizeof(struct ffpf_kmod_version)},
	{FFPF_KMOD_IOC_CLASS, sizeof(struct ffpf_kmod_class)},
	{FFPF_KMOD_IOC_CREATE, sizeof(struct ffpf_kmod_create)},
	{FFPF_KMOD_IOC_SOURCE, sizeof(struct ffpf_kmod_source)},
	{FFPF_KMOD_IOC_PROGRAM, sizeof(struct ffpf_kmod_program)},
	{FFPF_KMOD_IOC_NATIVE, sizeof(struct ffpf_kmod_native)},
	{FFPF_KMOD_IOC_CELLS, sizeof(struct ffpf_kmod_cells)},
	{FFPF_KMOD_IOC_BELL, sizeof(struct ffpf_kmod_bell)},
	{FFPF_KMOD_IOC_START, sizeof(struct ffpf_kmod_plain)},
	{FFPF_KMOD_IOC_STOP, sizeof(struct ffpf_kmod_plain)},
	{FFPF_KMOD_IOC_STATUS, sizeof(struct ffpf_kmod_status)},
	{FFPF_KMOD_IOC_EXCHANGE, sizeof(struct ffpf_kmod_exchange)},
};
#define N_CALLS (sizeof(calls) / sizeof(calls[0]))

static void wrong_heads(int fd)
{
	const uint32_t sizes[] = {0, 1, 4, 7, 8, 4096, UINT32_MAX};
	uint32_t words[64];

	for (size_t i = 0; i < N_CALLS; i++) {
		bool version = calls[i].request == FFPF_KMOD_IOC_VERSION;

		for (uint32_t size = 0; size < 2 * calls[i].size; size++) {
			memset(words, 0, sizeof(words));
			words[0] = size;
			words[1] = FFPF_KMOD_ABI;
			if (size != calls[i].size)
				CHECK(call(fd, calls[i].request, words) == -EINVAL);
		}
		for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
			memset(words, 0xff, sizeof(words));
			words[0] = sizes[k];
			if (sizes[k] != calls[i].size)
				CHECK(call(fd, calls[i].request, words) == -EINVAL);
		}
		memset(words, 0, sizeof(words));
		words[0] = calls[i].size;
		CHECK(call(fd, calls[i].request, words) == (version ? 0 : -EPROTO));
		words[1] = FFPF_KMOD_ABI + 1;
		CHECK(call(fd, calls[i].request, words) == (version ? 0 : -EPROTO));
		CHECK(call(fd, calls[i].request, NULL) == -EFAULT);
		CHECK(call(fd, calls[i].request, (void *)(uintptr_t)-8) == -EFAULT);
		/* the number with another size, another direction, the next number */
		CHECK(call(fd, calls[i].request + (4 << _IOC_SIZESHIFT), words) == -ENOTTY);
		CHECK(call(fd, calls[i].request ^ (_IOC_READ << _IOC_DIRSHIFT), words) == -ENOTTY);
		CHECK(call(fd, calls[i].request ^ (1 << _IOC_TYPESHIFT), words) == -ENOTTY);
	}
	CHECK(call(fd, _IO(FFPF_KMOD_MAGIC, 99), words) == -ENOTTY);
}

/* An argument that ends where memory does. */
static void at_the_end_of_memory(int fd)
{
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *memory = mmap(NULL, (size_t)page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(memory != MAP_FAILED);
	munmap(memory + page, (size_t)page);
	for (size_t i = 0; i < N_CALLS; i++) {
		uint32_t *words = (uint32_t *)(memory + page - 8);

		words[0] = calls[i].size;
		words[1] = FFPF_KMOD_ABI;
		if (calls[i].size > 8)
			CHECK(call(fd, calls[i].request, words) == -EFAULT);
	}
	munmap(memory, (size_t)page);
}

static void classes(int fd)
{
	struct ffpf_kmod_version version = {.size = sizeof(version)};
	bool strsearch = false;

	CHECK(call(fd, FFPF_KMOD_IOC_VERSION, &version) == 0);
	CHECK(version.abi == FFPF_KMOD_ABI && version.n_classes && version.page == (uint32_t)sysconf(_SC_PAGESIZE));
	for (uint32_t i = 0; i < version.n_classes; i++) {
		struct ffpf_kmod_class class = {HEAD(ffpf_kmod_class), .index = i};

		CHECK(call(fd, FFPF_KMOD_IOC_CLASS, &class) == 0 && class.version && class.name[0]);
		strsearch |= !strcmp(class.name, "strsearch");
	}
	CHECK(strsearch);
	CHECK(call(fd, FFPF_KMOD_IOC_CLASS, ARGS(ffpf_kmod_class, .index = version.n_classes)) == -ENOENT);
	CHECK(call(fd, FFPF_KMOD_IOC_CLASS, ARGS(ffpf_kmod_class, .index = UINT32_MAX)) == -ENOENT);
	CHECK(call(fd, FFPF_KMOD_IOC_VERSION, ARGS(ffpf_kmod_version, .reserved = 1)) == -EINVAL);
}

/* ---- states ---------------------------------------------------------------------------------- */

/* Takes an instance as far as `state`; the files that it uses stay open in the program. */
static int make(enum ffpf_kmod_state state)
{
	struct ffpf_kmod_create create = module_buffers(1);
	int fd = module_open();

	if (state >= FFPF_KMOD_CREATED) {
		CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
		CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = (uint32_t)ifindex)) == 0);
		CHECK(call(fd, FFPF_KMOD_IOC_PROGRAM, ARGS(ffpf_kmod_program, .fd = program)) == 0);
		CHECK(call(fd, FFPF_KMOD_IOC_CELLS, ARGS(ffpf_kmod_cells, .fd = map, .stride = CELLS_STRIDE)) == 0);
	}
	if (state >= FFPF_KMOD_RUNNING)
		CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == 0);
	if (state >= FFPF_KMOD_STOPPED)
		CHECK(call(fd, FFPF_KMOD_IOC_STOP, ARGS(ffpf_kmod_plain, )) == 0);
	return fd;
}

/* Calls that are right by themselves, in states that are not. */
static void wrong_states(void)
{
	for (enum ffpf_kmod_state state = FFPF_KMOD_OPEN; state <= FFPF_KMOD_STOPPED; state++) {
		struct ffpf_kmod_create create = module_buffers(1);
		struct ffpf_kmod_native native;
		int fd = make(state), bell = eventfd(0, 0);

		if (state != FFPF_KMOD_OPEN)
			CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == -EBADFD);
		if (state != FFPF_KMOD_CREATED) {
			CHECK(call(fd, FFPF_KMOD_IOC_SOURCE,
				   ARGS(ffpf_kmod_source, .number = 1, .ifindex = (uint32_t)ifindex)) == -EBADFD);
			/* of what runs: what is not there has no next version */
			CHECK(call(fd, FFPF_KMOD_IOC_PROGRAM, ARGS(ffpf_kmod_program, .piece = 1, .fd = program)) ==
			      (state == FFPF_KMOD_RUNNING ? -EINVAL : -EBADFD));
			CHECK(add_strsearch(fd, 0, 0, 0, "x", &native) == -EBADFD);
			CHECK(call(fd, FFPF_KMOD_IOC_CELLS, ARGS(ffpf_kmod_cells, .fd = map, .stride = CELLS_STRIDE)) ==
			      -EBADFD);
			CHECK(call(fd, FFPF_KMOD_IOC_BELL, ARGS(ffpf_kmod_bell, .fd = bell)) == -EBADFD);
			CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == -EBADFD);
		}
		if (state != FFPF_KMOD_RUNNING)
			CHECK(call(fd, FFPF_KMOD_IOC_EXCHANGE, ARGS(ffpf_kmod_exchange, )) == -EBADFD);
		if (state != FFPF_KMOD_RUNNING)
			CHECK(call(fd, FFPF_KMOD_IOC_STOP, ARGS(ffpf_kmod_plain, )) == -EBADFD);
		struct ffpf_kmod_status status = {HEAD(ffpf_kmod_status)};

		CHECK(call(fd, FFPF_KMOD_IOC_STATUS, &status) == (state == FFPF_KMOD_OPEN ? -ENOENT : 0));
		CHECK(status.state == (state == FFPF_KMOD_OPEN ? 0u : state));
		CHECK(call(fd, FFPF_KMOD_IOC_STATUS, ARGS(ffpf_kmod_status, .source = 7)) == -ENOENT);
		close(bell);
		close(fd);
	}
}

/* ---- arguments ------------------------------------------------------------------------------- */

static int create_with(struct ffpf_kmod_create create)
{
	int fd = module_open(), err = call(fd, FFPF_KMOD_IOC_CREATE, &create);

	/* What was refused leaves it as it was. */
	if (err) {
		create = module_buffers(1);
		CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
	}
	close(fd);
	return err;
}

#define CREATE(...)                                                                                                    \
	({                                                                                                             \
		struct ffpf_kmod_create c = module_buffers(1);                                                         \
		__VA_ARGS__;                                                                                           \
		create_with(c);                                                                                        \
	})

static void wrong_buffers(void)
{
	CHECK(CREATE(c.n_inflows = 2) == 0);
	CHECK(CREATE(c.reserved = 1) == -EINVAL);
	CHECK(CREATE(c.flags = 4) == -EINVAL);
	CHECK(CREATE(c.flags = UINT32_MAX) == -EINVAL);
	CHECK(CREATE(c.n_inflows = 0) == -EINVAL);
	CHECK(CREATE(c.n_inflows = FFPF_KMOD_INFLOWS + 1) == -EINVAL);
	CHECK(CREATE(c.n_inflows = UINT32_MAX) == -EINVAL);
	CHECK(CREATE(c.ring_bytes = 0) == -EINVAL);
	CHECK(CREATE(c.ring_bytes = RING_BYTES + 1) == -EINVAL);
	CHECK(CREATE(c.ring_bytes = UINT64_MAX) == -EINVAL);
	CHECK(CREATE(c.ring_bytes = 1ull << 62) == -EINVAL);
	CHECK(CREATE(c.ibuf_bytes = 0) == -EINVAL);
	CHECK(CREATE(c.ibuf_bytes = 100) == -EINVAL);
	CHECK(CREATE(c.ibuf_bytes = 1ull << 62) == -EINVAL);
	CHECK(CREATE(c.snaplen = FFPF_KMOD_LARGEST + 1) == -EINVAL);
	CHECK(CREATE(c.snaplen = RING_BYTES) == -EINVAL);
	CHECK(CREATE(c.ring_bytes = FFPF_KMOD_RING_MAX) == -E2BIG);
	CHECK(CREATE(c.ibuf_bytes = 1 << 29, c.n_inflows = FFPF_KMOD_INFLOWS) == -E2BIG);
	CHECK(CREATE(c.mbuf_offset = 1) == -EINVAL);
	CHECK(CREATE(c.ibuf_stride = 4096) == -EINVAL);
}

/* More than the machine has, in parts of which each could be: refused, and nobody is killed for it. */
static void too_much_memory(void)
{
	enum { PARTS = 16 };
	int fds[PARTS], refused = 0;

	for (unsigned i = 0; i < PARTS; i++) {
		struct ffpf_kmod_create create = module_buffers(1);
		int err;

		create.ring_bytes = 1u << 26;
		fds[i] = module_open();
		err = call(fds[i], FFPF_KMOD_IOC_CREATE, &create);
		CHECK(err == 0 || err == -ENOMEM);
		refused += err == -ENOMEM;
	}
	CHECK(refused > 0 && refused < PARTS);
	for (unsigned i = 0; i < PARTS; i++)
		close(fds[i]);
	CHECK(CREATE(c.ring_bytes = 1u << 26) == 0);
}

static void wrong_sources(void)
{
	struct ffpf_kmod_create create = module_buffers(1);
	int fd = module_open();

	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = 0)) == -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = UINT32_MAX)) == -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = 1u << 31)) == -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = 123456)) == -ENODEV);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .number = 256, .ifindex = (uint32_t)ifindex)) ==
	      -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .number = 255, .ifindex = (uint32_t)ifindex)) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .number = 255, .ifindex = 1)) == -EEXIST);
	for (unsigned i = 1; i < FFPF_KMOD_SOURCES; i++)
		CHECK(call(fd, FFPF_KMOD_IOC_SOURCE,
			   ARGS(ffpf_kmod_source, .number = i, .ifindex = (uint32_t)ifindex)) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .number = 100, .ifindex = (uint32_t)ifindex)) ==
	      -ENOSPC);
	close(fd);
}

#define PROGRAM(s, p, f)                                                                                               \
	call(fd, FFPF_KMOD_IOC_PROGRAM, ARGS(ffpf_kmod_program, .source = (s), .piece = (p), .fd = (f)))

static void wrong_programs(void)
{
	struct ffpf_kmod_create create = module_buffers(1);
	int fd = module_open(), file = open("/dev/null", O_RDONLY);

	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
	CHECK(PROGRAM(0, 0, program) == -ENOENT);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = (uint32_t)ifindex)) == 0);
	CHECK(PROGRAM(1, 0, program) == -ENOENT);
	CHECK(PROGRAM(UINT32_MAX, 0, program) == -ENOENT);
	CHECK(PROGRAM(0, FFPF_KMOD_PIECES, program) == -EINVAL);
	CHECK(PROGRAM(0, UINT32_MAX, program) == -EINVAL);
	CHECK(PROGRAM(0, 0, -1) == -EBADF);
	CHECK(PROGRAM(0, 0, 1000) == -EBADF);
	CHECK(PROGRAM(0, 0, INT32_MIN) == -EBADF);
	CHECK(PROGRAM(0, 0, file) == -EINVAL);
	CHECK(PROGRAM(0, 0, map) == -EINVAL);
	CHECK(PROGRAM(0, 0, fd) == -EINVAL);
	CHECK(PROGRAM(0, 0, xdp_program) == -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_PROGRAM, ARGS(ffpf_kmod_program, .fd = program, .stage = FFPF_KMOD_STAGES)) ==
	      -EINVAL);
	CHECK(PROGRAM(0, 0, program) == 0);
	CHECK(PROGRAM(0, 0, program) == -EEXIST);
	/* nothing crosses without cells; pieces and natives must alternate without a gap */
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == -EINVAL);
	CHECK(call(fd, FFPF_KMOD_IOC_CELLS, ARGS(ffpf_kmod_cells, .fd = map, .stride = CELLS_STRIDE)) == 0);
	CHECK(PROGRAM(0, 2, program) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == -EINVAL);
	CHECK(PROGRAM(0, 1, program) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == -EINVAL);
	struct ffpf_kmod_native native;

	CHECK(add_strsearch(fd, 0, 1, 0, "one", &native) == 0 && native.first_cell == 0 && native.n_cells == 3);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == -EINVAL);
	CHECK(add_strsearch(fd, 0, 0, 0, "one|two", &native) == 0 && native.first_cell == 3 && native.n_cells == 4);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == 0);
	close(file);
	close(fd);
}

/* New versions of two pieces of a running source, with a native between them. */
static void wrong_exchanges(void)
{
	struct ffpf_kmod_create create = {HEAD(ffpf_kmod_create)};
	struct ffpf_kmod_native native;
	int fd = module_open();

#define EXCHANGE(...) call(fd, FFPF_KMOD_IOC_EXCHANGE, ARGS(ffpf_kmod_exchange, __VA_ARGS__))
	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = (uint32_t)ifindex)) == 0);
	CHECK(PROGRAM(0, 0, program) == 0);
	CHECK(PROGRAM(0, 1, program) == 0);
	CHECK(add_strsearch(fd, 0, 0, 0, "one", &native) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == 0);
	CHECK(EXCHANGE(.source = 1) == -ENOENT);
	CHECK(EXCHANGE(.reserved = 1) == -EINVAL);
	CHECK(EXCHANGE() == -EINVAL);
	CHECK(PROGRAM(0, 0, xdp_program) == -EINVAL);
	CHECK(PROGRAM(0, 2, program) == -EINVAL);
	CHECK(PROGRAM(1, 0, program) == -ENOENT);
	CHECK(PROGRAM(0, 0, -1) == -EBADF);
	CHECK(PROGRAM(0, 0, program) == 0);
	CHECK(PROGRAM(0, 0, program) == 0);
	CHECK(EXCHANGE() == -EINVAL);
	CHECK(PROGRAM(0, 1, program) == 0);
	CHECK(EXCHANGE() == 0);
	CHECK(EXCHANGE() == -EINVAL);
	CHECK(PROGRAM(0, 1, program) == 0); /* one that is never taken */
	close(fd);
}

static void wrong_natives(void)
{
	struct ffpf_kmod_create create = module_buffers(1);
	struct ffpf_kmod_native good, native;
	uint8_t params[1024];
	int fd = module_open();

	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = (uint32_t)ifindex)) == 0);
	good = (struct ffpf_kmod_native){HEAD(ffpf_kmod_native), .name = "strsearch", .params = (uintptr_t)params};
	good.params_bytes = strsearch_params(params, 0, "a|b");
#define NATIVE(...)                                                                                                    \
	({                                                                                                             \
		native = good;                                                                                         \
		__VA_ARGS__;                                                                                           \
		call(fd, FFPF_KMOD_IOC_NATIVE, &native);                                                               \
	})
	CHECK(NATIVE(native.source = 1) == -ENOENT);
	CHECK(NATIVE(native.number = FFPF_KMOD_PIECES - 1) == -EINVAL);
	CHECK(NATIVE(native.number = UINT32_MAX) == -EINVAL);
	CHECK(NATIVE(native.reserved = 1) == -EINVAL);
	CHECK(NATIVE(native.stage = FFPF_KMOD_STAGES) == -EINVAL);
	CHECK(NATIVE(native.makes = FFPF_KMOD_STAGES) == -EINVAL);
	CHECK(NATIVE(native.makes = 1) == -EINVAL); /* it makes none */
	CHECK(NATIVE(native.n_cells = 1) == -EINVAL);
	CHECK(NATIVE(memset(native.name, 'x', sizeof(native.name))) == -EINVAL);
	CHECK(NATIVE(strcpy(native.name, "")) == -EOPNOTSUPP);
	CHECK(NATIVE(strcpy(native.name, "strsearc")) == -EOPNOTSUPP);
	CHECK(NATIVE(native.params = 0) == -EFAULT);
	CHECK(NATIVE(native.params = 8) == -EFAULT);
	CHECK(NATIVE(native.params = UINT64_MAX - 100) == -EFAULT);
	CHECK(NATIVE(native.params_bytes = 0) == -EINVAL);
	CHECK(NATIVE(native.params = 0; native.params_bytes = 0) == -EINVAL);
	CHECK(NATIVE(native.params_bytes = FFPF_KMOD_PARAMS + 1) == -EINVAL);
	CHECK(NATIVE(native.params_bytes = UINT32_MAX) == -EINVAL);
	for (uint32_t n = 1; n < good.params_bytes; n++)
		CHECK(NATIVE(native.params_bytes = n) == -EINVAL);
	CHECK(NATIVE(native.params_bytes++) == -EINVAL);
	memset(params, 0xff, sizeof(params));
	CHECK(NATIVE() == -EINVAL);
	strsearch_params(params, 0, "a|b");
	CHECK(NATIVE() == 0);
	CHECK(NATIVE() == -EEXIST);
	close(fd);
}

/* Packets go from a stage to a higher one, and to each from one native. */
static void wrong_stages(void)
{
	static const uint8_t key[32] = "0123456789abcdef0123456789ABCDEF";
	static const struct {
		uint32_t stage[2], makes[2]; /* of two natives */
		int expected;
	} cases[] = {
		{{0, 1}, {1, 2}, 0},	   {{0, 1}, {1, 0}, 0},	      {{0, 1}, {1, 1}, -EINVAL},
		{{0, 1}, {2, 1}, -EINVAL}, {{0, 1}, {0, 2}, -EINVAL}, {{0, 1}, {7, 2}, -EINVAL},
		{{1, 2}, {2, 1}, -EINVAL}, {{0, 1}, {2, 2}, -EINVAL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ffpf_kmod_create create = {HEAD(ffpf_kmod_create)};
		int fd = module_open();

		CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
		CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = (uint32_t)ifindex)) == 0);
		for (unsigned k = 0; k < 2; k++) {
			struct ffpf_kmod_native native = {HEAD(ffpf_kmod_native),     .name = "anon",
							  .params = (uintptr_t)key,   .params_bytes = sizeof(key),
							  .stage = cases[i].stage[k], .makes = cases[i].makes[k]};

			CHECK(call(fd, FFPF_KMOD_IOC_NATIVE, &native) == 0);
			for (uint32_t piece = 0; piece < 2; piece++)
				CHECK(call(fd, FFPF_KMOD_IOC_PROGRAM,
					   ARGS(ffpf_kmod_program, .fd = program, .piece = piece,
						.stage = cases[i].stage[k])) == 0);
		}
		if (cases[i].expected == 0 && cases[i].makes[1])
			CHECK(call(fd, FFPF_KMOD_IOC_PROGRAM,
				   ARGS(ffpf_kmod_program, .fd = program, .stage = cases[i].makes[1])) == 0);
		CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == cases[i].expected);
		close(fd);
	}
}

static int cells_with(struct ffpf_kmod_cells cells, unsigned n_inflows)
{
	struct ffpf_kmod_create create = module_buffers(n_inflows);
	int fd = module_open(), err;

	if (!n_inflows)
		create = (struct ffpf_kmod_create){HEAD(ffpf_kmod_create)};
	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &create) == 0);
	err = call(fd, FFPF_KMOD_IOC_CELLS, &cells);
	close(fd);
	return err;
}

#define CELLS(n, ...)                                                                                                  \
	({                                                                                                             \
		struct ffpf_kmod_cells c = {HEAD(ffpf_kmod_cells), .fd = map, .stride = CELLS_STRIDE};                 \
		__VA_ARGS__;                                                                                           \
		cells_with(c, n);                                                                                      \
	})

static int other_map(enum bpf_map_type type, uint32_t entries, uint32_t flags)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags);

	return bpf_map_create(type, "other", 4, 65536, entries, &options);
}

static void wrong_cells(void)
{
	uint32_t end = CELLS_STRIDE * n_cpus;
	int two = other_map(BPF_MAP_TYPE_ARRAY, 2, 0), hash = other_map(BPF_MAP_TYPE_HASH, 1, 0);
	int read_only = other_map(BPF_MAP_TYPE_ARRAY, 1, BPF_F_RDONLY_PROG);
	int per_cpu = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "other", 4, 4096, 1, NULL);

	CHECK(two >= 0 && hash >= 0 && read_only >= 0 && per_cpu >= 0);
	CHECK(CELLS(1) == 0);
	CHECK(CELLS(0) == -EINVAL);
	CHECK(CELLS(1, c.fd = -1) == -EBADF);
	CHECK(CELLS(1, c.fd = program) == -EINVAL);
	CHECK(CELLS(1, c.fd = two) == -EINVAL);
	CHECK(CELLS(1, c.fd = hash) == -EINVAL);
	CHECK(CELLS(1, c.fd = per_cpu) == -EINVAL);
	CHECK(CELLS(1, c.fd = read_only) == -EPERM);
	CHECK(CELLS(1, c.reserved = 1) == -EINVAL);
	CHECK(CELLS(1, c.stride = 2) == -ERANGE);
	CHECK(CELLS(1, c.count = 2) == -ERANGE);
	CHECK(CELLS(1, c.base = 1) == -ERANGE);
	CHECK(CELLS(1, c.base = end) == -ERANGE);
	CHECK(CELLS(1, c.base = UINT32_MAX - 3) == -ERANGE);
	CHECK(CELLS(1, c.stride = UINT32_MAX - 3) == -ERANGE);
	CHECK(CELLS(1, c.count = CELLS_STRIDE) == -ERANGE);
	CHECK(CELLS(1, c.count = UINT32_MAX - 3) == -ERANGE);
	CHECK(CELLS(1, c.count = CELLS_STRIDE - 4) == 0);
	CHECK(CELLS(1, c.base = 4, c.count = CELLS_STRIDE - 4) == -ERANGE);
	CHECK(CELLS(1, c.list = 64) == -ERANGE);
	CHECK(CELLS(2, c.list = CELLS_STRIDE - 16) == 0);
	CHECK(CELLS(2, c.list = CELLS_STRIDE - 12) == -ERANGE);
	CHECK(CELLS(2, c.list = UINT32_MAX - 3) == -ERANGE);
	CHECK(CELLS(2, c.stride = 0) == (n_cpus > 1 ? -ERANGE : 0));
	close(two);
	close(hash);
	close(read_only);
	close(per_cpu);
}

#define BELL(n, f) call(fd, FFPF_KMOD_IOC_BELL, ARGS(ffpf_kmod_bell, .cpu = (n), .fd = (f)))

static void wrong_bells(void)
{
	int fd = make(FFPF_KMOD_CREATED), bell = eventfd(0, 0);

	CHECK(BELL(n_cpus, bell) == -EINVAL);
	CHECK(BELL(UINT32_MAX, bell) == -EINVAL);
	CHECK(BELL(0, -1) == -EBADF);
	CHECK(BELL(0, map) == -EINVAL);
	CHECK(BELL(0, fd) == -EINVAL);
	CHECK(BELL(0, bell) == 0);
	CHECK(BELL(0, bell) == -EEXIST);
	for (unsigned i = 1; i < n_cpus; i++)
		CHECK(BELL(i, bell) == 0);
	close(bell);
	close(fd);
}

/* ---- mapping, reading, waiting --------------------------------------------------------------- */

static int map_at(int fd, uint64_t offset, size_t bytes, int protection, int flags)
{
	void *memory = mmap(NULL, bytes, protection, flags, fd, (off_t)offset);

	if (memory == MAP_FAILED)
		return -errno;
	/* Each page is there. */
	for (size_t at = 0; at < bytes; at += 4096)
		(void)*(volatile uint8_t *)((uint8_t *)memory + at);
	munmap(memory, bytes);
	return 0;
}

static void mappings(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ffpf_kmod_create c = module_buffers(2);
	int fd = module_open();
	uint8_t *rings;

	CHECK(map_at(fd, 0, page, PROT_READ, MAP_SHARED) == -EBADFD);
	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &c) == 0);
	for (unsigned cpu = 0; cpu < n_cpus; cpu++) {
		uint64_t at = c.rings_offset + cpu * c.rings_stride;

		CHECK(map_at(fd, at, c.rings_bytes, PROT_READ, MAP_SHARED) == 0);
		CHECK(map_at(fd, at + c.rings_bytes - page, page, PROT_READ, MAP_SHARED) == 0);
		CHECK(map_at(fd, at, c.rings_bytes + page, PROT_READ, MAP_SHARED) == -ENXIO);
		CHECK(map_at(fd, at + page, c.rings_bytes, PROT_READ, MAP_SHARED) == -ENXIO);
		CHECK(map_at(fd, c.readers_offset + cpu * page, page, PROT_READ | PROT_WRITE, MAP_SHARED) == 0);
	}
	CHECK(map_at(fd, 0, page, PROT_READ | PROT_WRITE, MAP_SHARED) == -EPERM);
	CHECK(map_at(fd, 0, page, PROT_WRITE, MAP_SHARED) == -EPERM);
	CHECK(map_at(fd, 0, page, PROT_READ, MAP_PRIVATE) == -EINVAL);
	CHECK(map_at(fd, 0, page, PROT_READ | PROT_WRITE, MAP_PRIVATE) == -EINVAL);
	CHECK(map_at(fd, 0, page, PROT_READ | PROT_EXEC, MAP_SHARED) == -EINVAL);
	CHECK(map_at(fd, c.readers_offset, page * (n_cpus + 1), PROT_READ, MAP_SHARED) == -ENXIO);
	CHECK(map_at(fd, c.readers_offset, page, PROT_READ | PROT_WRITE, MAP_PRIVATE) == -EINVAL);
	CHECK(map_at(fd, c.mbuf_offset, page, PROT_READ, MAP_SHARED) == -ENXIO);
	CHECK(map_at(fd, 1ull << 40, page, PROT_READ, MAP_SHARED) == -ENXIO);
	CHECK(map_at(fd, INT64_MAX & ~(page - 1), page, PROT_READ, MAP_SHARED) < 0);
	rings = mmap(NULL, c.rings_bytes, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(rings != MAP_FAILED);
	CHECK(mprotect(rings, page, PROT_READ | PROT_WRITE) < 0 && errno == EACCES);
	CHECK(mprotect(rings, page, PROT_READ | PROT_EXEC) < 0 && errno == EACCES);
	CHECK(mremap(rings, c.rings_bytes, c.rings_bytes * 2, MREMAP_MAYMOVE) == MAP_FAILED);
	bool swapped;

	CHECK(ffpf_ring_check(rings, c.rings_bytes, FFPF_RING_PBUF, &swapped) == 0 && !swapped);
	CHECK(ffpf_ring_check(rings + c.ibuf_offset, c.ibuf_stride, FFPF_RING_IBUF, &swapped) == 0);
	CHECK(ffpf_ring_check(rings + c.ibuf_offset + c.ibuf_stride, c.ibuf_stride, FFPF_RING_IBUF, &swapped) == 0);
	/* A mapping outlives the descriptor, and keeps what it shows. */
	close(fd);
	CHECK(map_at(fd, 0, page, PROT_READ, MAP_SHARED) == -EBADF);
	CHECK(call(fd, FFPF_KMOD_IOC_VERSION, ARGS(ffpf_kmod_version, )) == -EBADF);
	CHECK(ffpf_ring_check(rings, c.rings_bytes, FFPF_RING_PBUF, &swapped) == 0);
	munmap(rings, c.rings_bytes);
}

static void mbuf(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct ffpf_kmod_create c = module_buffers(1);
	struct ffpf_kmod_status status = {HEAD(ffpf_kmod_status)};
	struct ffpf_kmod_native native;
	int fd = module_open();

	CHECK(call(fd, FFPF_KMOD_IOC_CREATE, &c) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = (uint32_t)ifindex)) == 0);
	CHECK(PROGRAM(0, 0, program) == 0 && PROGRAM(0, 1, program) == 0);
	CHECK(add_strsearch(fd, 0, 0, 0, "x", &native) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_CELLS, ARGS(ffpf_kmod_cells, .fd = map, .stride = CELLS_STRIDE)) == 0);
	CHECK(map_at(fd, c.mbuf_offset, page, PROT_READ, MAP_SHARED) == -ENXIO);
	CHECK(call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )) == 0);
	CHECK(call(fd, FFPF_KMOD_IOC_STATUS, &status) == 0);
	CHECK(status.mbuf_bytes && status.mbuf_bytes % page == 0 && status.mbuf_stride >= 24);
	CHECK(map_at(fd, c.mbuf_offset, status.mbuf_bytes, PROT_READ, MAP_SHARED) == 0);
	CHECK(map_at(fd, c.mbuf_offset, status.mbuf_bytes + page, PROT_READ, MAP_SHARED) == -ENXIO);
	CHECK(map_at(fd, c.mbuf_offset, page, PROT_READ | PROT_WRITE, MAP_SHARED) == -EPERM);
	close(fd);
}

static void reading(void)
{
	struct pollfd poller = {.fd = make(FFPF_KMOD_RUNNING), .events = POLLIN};
	uint64_t rung;
	int read_only = open(FFPF_KMOD_DEVICE, O_RDONLY);

	CHECK(poll(&poller, 1, 0) == 0);
	CHECK(fcntl(poller.fd, F_SETFL, O_RDWR | O_NONBLOCK) == 0);
	CHECK(read(poller.fd, &rung, 7) == -1 && errno == EINVAL);
	CHECK(read(poller.fd, &rung, 8) == -1 && errno == EAGAIN);
	CHECK(write(poller.fd, &rung, 8) == -1 && errno == EINVAL);
	CHECK(lseek(poller.fd, 0, SEEK_SET) == -1);
	/* Who may not write may not ask. */
	CHECK(read_only >= 0);
	CHECK(call(read_only, FFPF_KMOD_IOC_VERSION, ARGS(ffpf_kmod_version, )) == -EBADF);
	close(read_only);
	close(poller.fd);
}

int main(int argc, char **argv)
{
	int fd = module_open();

	if (argc != 2 || !(ifindex = (int)if_nametoindex(argv[1]))) {
		fprintf(stderr, "usage: %s DEVICE\n", argv[0]);
		return 2;
	}
	n_cpus = module_cpus(fd);
	program = program_returning(BPF_PROG_TYPE_SCHED_CLS, 0);
	xdp_program = program_returning(BPF_PROG_TYPE_XDP, 2);
	map = cells_map(n_cpus);
	CHECK(n_cpus && map >= 0);
	wrong_heads(fd);
	at_the_end_of_memory(fd);
	classes(fd);
	close(fd);
	wrong_states();
	wrong_buffers();
	too_much_memory();
	wrong_sources();
	wrong_programs();
	wrong_exchanges();
	wrong_natives();
	wrong_stages();
	wrong_cells();
	wrong_bells();
	mappings();
	mbuf();
	reading();
	return module_result("arguments");
}

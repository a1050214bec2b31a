/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of /dev/ffpf at random, most of them nearly right, by several threads on the same files, while packets come.
 * What is looked for is in the kernel's log, not here; but a run in which nothing ever succeeded has tested nothing.
 *
 *   vm_kmod_fuzz SECONDS SEED DEVICE…
 */
#include "module.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>

#define FILES 4
#define THREADS 3
#define CALLS 12

static int files[FILES];
static int programs[4], map, bell;
static uint32_t devices[8];
static unsigned n_devices, n_cpus;
static time_t end;
static uint64_t done[CALLS], good[CALLS], maps_good;

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* One of them, or rarely anything. */
static uint32_t pick(uint64_t *state, const uint32_t *values, size_t n)
{
	static const uint32_t odd[] = {0, 1, 2, 3, 63, 64, 255, 256, 4095, 4096, 0x7fffffff, 0x80000000, UINT32_MAX};

	if (next(state) % 16)
		return values[next(state) % n];
	if (next(state) % 2)
		return odd[next(state) % (sizeof(odd) / sizeof(odd[0]))];
	return (uint32_t)next(state);
}
#define PICK(...) pick(state, (const uint32_t[]){__VA_ARGS__}, sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

union argument {
	struct ffpf_kmod_plain plain;
	struct ffpf_kmod_version version;
	struct ffpf_kmod_class class;
	struct ffpf_kmod_create create;
	struct ffpf_kmod_source source;
	struct ffpf_kmod_program program;
	struct ffpf_kmod_native native;
	struct ffpf_kmod_cells cells;
	struct ffpf_kmod_bell bell;
	struct ffpf_kmod_status status;
	struct ffpf_kmod_exchange exchange;
	uint8_t bytes[512];
};

static uint32_t any_fd(uint64_t *state)
{
	return PICK((uint32_t)programs[0], (uint32_t)programs[0], (uint32_t)programs[1], (uint32_t)programs[2],
		    (uint32_t)programs[3], (uint32_t)map, (uint32_t)bell, (uint32_t)files[0], 0, 999);
}

static void fill_native(uint64_t *state, struct ffpf_kmod_native *native, uint8_t *params)
{
	static const char *const patterns[] = {"a", "GET |POST", "\x01|\x02|\x03", "aaaaaaaaaaaab", "\xff\xfe"};

	native->params = (uintptr_t)params;
	switch (next(state) % 5) {
	case 0:
		strcpy(native->name, "digest");
		((struct ffpf_digest_params *)params)->algorithm = PICK(0, 1, 2, 3);
		((struct ffpf_digest_params *)params)->of = PICK(0, 1, 2);
		native->params_bytes = sizeof(struct ffpf_digest_params);
		break;
	case 2:
		strcpy(native->name, "defrag");
		*(struct ffpf_defrag_params *)params = (struct ffpf_defrag_params){
			.timeout_ns = PICK(1, 1000000000), .memory = PICK(65536, 65535, 1 << 20)};
		native->params_bytes = sizeof(struct ffpf_defrag_params);
		native->makes = PICK(0, 1, 1, 2);
		break;
	case 1:
		strcpy(native->name, "anon");
		memset(params, 'k', FFPF_ANON_KEY_BYTES);
		native->params_bytes = FFPF_ANON_KEY_BYTES;
		native->makes = PICK(0, 1, 1, 2);
		native->stage = PICK(0, 0, 1);
		break;
	default:
		strcpy(native->name, "strsearch");
		native->params_bytes = strsearch_params(params, PICK(0, 1, 2, 3), patterns[next(state) % 5]);
		native->stage = PICK(0, 0, 0, 1);
		break;
	}
}

/* A call that is nearly right: its request. */
static unsigned long fill(uint64_t *state, unsigned which, union argument *a, uint8_t *params)
{
	static const uint32_t sizes[CALLS] = {sizeof(a->version), sizeof(a->class),   sizeof(a->create),
					      sizeof(a->source),  sizeof(a->program), sizeof(a->native),
					      sizeof(a->cells),	  sizeof(a->bell),    sizeof(a->plain),
					      sizeof(a->plain),	  sizeof(a->status),  sizeof(a->exchange)};
	static const unsigned long requests[CALLS] = {
		FFPF_KMOD_IOC_VERSION, FFPF_KMOD_IOC_CLASS,  FFPF_KMOD_IOC_CREATE, FFPF_KMOD_IOC_SOURCE,
		FFPF_KMOD_IOC_PROGRAM, FFPF_KMOD_IOC_NATIVE, FFPF_KMOD_IOC_CELLS,  FFPF_KMOD_IOC_BELL,
		FFPF_KMOD_IOC_START,   FFPF_KMOD_IOC_STOP,   FFPF_KMOD_IOC_STATUS, FFPF_KMOD_IOC_EXCHANGE};
	memset(a, 0, sizeof(*a));
	a->plain.size = sizes[which];
	a->plain.abi = FFPF_KMOD_ABI;
	switch (which) {
	case 1:
		a->class.index = PICK(0, 1, 2);
		break;
	case 2:
		a->create.n_inflows = PICK(0, 1, 1, 2, 3);
		if (!a->create.n_inflows)
			break;
		a->create.flags = PICK(0, 1, 2, 3);
		a->create.ring_bytes = 1ull << PICK(12, 13, 16, 18);
		a->create.ibuf_bytes = 1ull << PICK(6, 8, 12, 16);
		a->create.snaplen = PICK(0, 64, 1000, 2000);
		break;
	case 3:
		a->source.number = PICK(0, 0, 1, 2);
		a->source.ifindex = PICK(devices[0], devices[next(state) % n_devices]);
		break;
	case 4:
		a->program.source = PICK(0, 0, 1);
		a->program.piece = PICK(0, 0, 0, 1, 2);
		a->program.fd = (int)any_fd(state);
		a->program.stage = PICK(0, 0, 0, 1, 2);
		break;
	case 5:
		a->native.source = PICK(0, 0, 1);
		a->native.number = PICK(0, 0, 1);
		fill_native(state, &a->native, params);
		break;
	case 6:
		a->cells.fd = next(state) % 8 ? map : (int)any_fd(state);
		a->cells.stride = PICK(CELLS_STRIDE, CELLS_STRIDE, 64, 4);
		a->cells.count = PICK(0, 0, 4);
		a->cells.list = PICK(0, CELLS_LIST, CELLS_LIST, 8);
		break;
	case 7:
		a->bell.cpu = PICK(0, 1);
		a->bell.fd = next(state) % 8 ? bell : (int)any_fd(state);
		break;
	case 11:
		a->exchange.source = PICK(0, 0, 1);
		break;
	default:
		break;
	}
	/* some bit of it, too */
	if (next(state) % 12 == 0)
		a->bytes[next(state) % sizes[which]] ^= (uint8_t)(1 << next(state) % 8);
	return next(state) % 64 ? requests[which] : requests[which] ^ (1ul << next(state) % 30);
}

static void mapping(uint64_t *state, int fd)
{
	uint64_t at = (uint64_t)PICK(0, 1, 70, 71, 72, 73, 74, 2, 3, 40) * 4096;
	size_t bytes = (size_t)(1 + next(state) % 80) * 4096;
	int protection = next(state) % 4 ? PROT_READ : PROT_READ | PROT_WRITE;
	volatile uint8_t *memory =
		mmap(NULL, bytes, protection, next(state) % 8 ? MAP_SHARED : MAP_PRIVATE, fd, (off_t)at);

	if (memory == MAP_FAILED)
		return;
	__atomic_fetch_add(&maps_good, 1, __ATOMIC_RELAXED);
	(void)memory[next(state) % bytes];
	if (protection & PROT_WRITE) /* a reader that writes anything into its page */
		for (unsigned i = 0; i < 32; i++)
			memory[i] = (uint8_t)next(state);
	if (next(state) % 4 == 0)
		mprotect((void *)memory, bytes, PROT_READ | PROT_WRITE);
	munmap((void *)memory, bytes);
}

static void one(uint64_t *state)
{
	uint8_t params[1024];
	union argument a;
	unsigned which = (unsigned)(next(state) % (CALLS + 4)), slot = (unsigned)(next(state) % FILES);
	int fd = __atomic_load_n(&files[slot], __ATOMIC_RELAXED);
	uint64_t word;

	if (which < CALLS) {
		unsigned long request = fill(state, which, &a, params);
		int err = call(fd, request, next(state) % 200 ? (void *)&a : (void *)(uintptr_t)next(state));

		__atomic_fetch_add(&done[which], 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&good[which], err == 0, __ATOMIC_RELAXED);
	} else if (which == CALLS) {
		mapping(state, fd);
	} else if (which == CALLS + 1) {
		(void)!read(fd, &word, 1 + next(state) % 16);
	} else if (which == CALLS + 2) {
		poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 0);
	} else if (next(state) % 8 == 0) { /* a new instance in its place, while others use the old one */
		int new = open(FFPF_KMOD_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

		if (new >= 0) {
			dup2(new, fd);
			close(new);
		}
	}
}

/* Counts a call of the way that means well: as it should be, or now and then one that is only nearly right. */
static bool step(uint64_t *state, unsigned which, int fd, unsigned long request, void *argument)
{
	uint8_t params[1024];
	union argument a;
	int err;

	if (!argument || next(state) % 16 == 0) {
		request = fill(state, which, &a, params);
		argument = &a;
	}
	err = call(fd, request, argument);
	__atomic_fetch_add(&done[which], 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&good[which], err == 0, __ATOMIC_RELAXED);
	return err == 0;
}

#define STEP(which, request, type, ...) step(state, which, fd, FFPF_KMOD_IOC_##request, ARGS(type, __VA_ARGS__))

/* From nothing to an instance that runs, with or without a search between two programs. Does it? */
static bool set_up(uint64_t *state, int fd)
{
	uint32_t n_inflows = (uint32_t)(next(state) % 3), device = devices[next(state) % n_devices];
	bool searches = next(state) % 2;
	int last = n_inflows ? programs[n_inflows - 1] : programs[2];
	uint8_t params[1024];

	if (n_inflows)
		STEP(2, CREATE, ffpf_kmod_create, .n_inflows = n_inflows, .ring_bytes = 1u << 13, .ibuf_bytes = 1u << 8,
		     .snaplen = 1000, .flags = next(state) % 4);
	else
		STEP(2, CREATE, ffpf_kmod_create, );
	STEP(3, SOURCE, ffpf_kmod_source, .ifindex = device);
	STEP(4, PROGRAM, ffpf_kmod_program, .fd = searches ? programs[2] : last);
	if (searches) {
		STEP(5, NATIVE, ffpf_kmod_native, .name = "strsearch", .params = (uintptr_t)params,
		     .params_bytes = strsearch_params(params, 0, "GET |POST"));
		STEP(4, PROGRAM, ffpf_kmod_program, .piece = 1, .fd = last);
	}
	if (n_inflows) {
		STEP(6, CELLS, ffpf_kmod_cells, .fd = map, .stride = CELLS_STRIDE,
		     .list = n_inflows > 1 ? CELLS_LIST : 0);
		STEP(7, BELL, ffpf_kmod_bell, .fd = bell);
	}
	return STEP(8, START, ffpf_kmod_plain, );
}

/* The life of an instance that means well; each step may be met by others'. */
static void whole(uint64_t *state)
{
	int fd = open(FFPF_KMOD_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	bool runs;

	if (fd < 0)
		return;
	runs = set_up(state, fd);
	/* others meet it while it runs, and go on with it when we are gone */
	if (runs && next(state) % 4 == 0)
		dup2(fd, files[next(state) % FILES]);
	/* next versions of its programs */
	for (unsigned i = 0; runs && i < 40; i++)
		step(state, i % 2 ? 11 : 4, fd, 0, NULL);
	mapping(state, fd);
	usleep(next(state) % 4000);
	if (next(state) % 2)
		STEP(9, STOP, ffpf_kmod_plain, );
	close(fd);
}

static void *work(void *arg)
{
	uint64_t state = (uintptr_t)arg * 0x9e3779b97f4a7c15ull | 1;

	while (time(NULL) < end) {
		for (unsigned i = 0; i < 50; i++)
			one(&state);
		whole(&state);
	}
	return NULL;
}

/* A process that is killed wherever it is. */
static void victim(uint64_t *state)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			whole(state);
	}
	if (pid < 0)
		return;
	usleep(1000 + next(state) % 60000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * An instance that runs all the while. With none, each start and each stop has the kernel patch instructions that every
 * packet comes by (its static branches for ingress hooks), and qemu (7.2 was seen to) may keep a translation of the
 * breakpoint that stands there meanwhile: the CPU traps for ever, in a soft lockup that has nothing to do with us.
 */
static void keep_hooked(void)
{
	int fd = open(FFPF_KMOD_DEVICE, O_RDWR | O_CLOEXEC), program = program_returning(BPF_PROG_TYPE_SCHED_CLS, 0);

	CHECK(!call(fd, FFPF_KMOD_IOC_CREATE, ARGS(ffpf_kmod_create)));
	CHECK(!call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .ifindex = devices[0])));
	CHECK(!call(fd, FFPF_KMOD_IOC_PROGRAM, ARGS(ffpf_kmod_program, .fd = program)));
	CHECK(!call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain)));
	close(program);
}

int main(int argc, char **argv)
{
	pthread_t threads[THREADS];
	uint64_t seed, all = 0, some = 0;

	if (argc < 4)
		return 2;
	seed = strtoull(argv[2], NULL, 0);
	printf("seed %llu\n", (unsigned long long)seed);
	for (int i = 3; i < argc && n_devices < 8; i++)
		devices[n_devices++] = if_nametoindex(argv[i]);
	for (unsigned i = 0; i < FILES; i++)
		files[i] = open(FFPF_KMOD_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	n_cpus = module_cpus(files[0]);
	map = cells_map(n_cpus);
	bell = eventfd(0, EFD_NONBLOCK);
	programs[0] = program_crossing(map, n_cpus, 1, 7, 0);
	programs[1] = program_crossing(map, n_cpus, 2, 7, 0);
	programs[2] = program_reaching();
	programs[3] = program_returning(BPF_PROG_TYPE_XDP, 2);
	keep_hooked();
	end = time(NULL) + atoi(argv[1]);
	for (uintptr_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)(uintptr_t)(seed + i));
	seed = seed * 2 + 1;
	while (time(NULL) < end)
		victim(&seed);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned i = 0; i < CALLS; i++) {
		printf("call %u: %llu, of them good %llu\n", i, (unsigned long long)done[i],
		       (unsigned long long)good[i]);
		all += done[i];
		some += good[i];
		CHECK(done[i] && good[i]);
	}
	printf("calls %llu, good %llu, mappings %llu\n", (unsigned long long)all, (unsigned long long)some,
	       (unsigned long long)maps_good);
	CHECK(maps_good);
	return module_result("fuzzing");
}

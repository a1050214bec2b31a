/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs an instance of ffpf.ko on a device until standard input ends, reads its rings with the readers of lib/buf, and
 * prints what came.
 *
 *   vm_kmod_live -i DEVICE [-p PATTERN|PATTERN…] [-f FLAGS] [-2] [-d] [-s] [-b] [-r] [-w FILE] [-n SNAPLEN] [-S STATE]
 *     -a  what crosses is what anon makes with the key 0123456789abcdef0123456789ABCDEF
 *     -D  what crosses is what defrag makes
 *     -p  what crosses is what strsearch finds; else all packets, with class 7     -f  flags of strsearch
 *     -2  two in-flows (the second has twice the first one's class)                -d  packets are dropped
 *     -s  slow-reader preference       -r  do not read until the end               -b  an eventfd for each CPU
 *     -w  a savefile of all records    -n  bytes stored                            -g  go on when the device leaves
 *     -S  stop short of: 0 creating, 1 configuring, 2 starting; 3: stop and wait
 */
#include "module.h"

#include <poll.h>
#include <sys/eventfd.h>

static struct {
	const char *device, *patterns, *file;
	unsigned n_inflows, snaplen, state, flags;
	bool drop, slow, bells, late, stay, anon, defrag;
} o = {.n_inflows = 1, .snaplen = 65536, .state = 9};

static struct ffpf_kmod_create buffers;
static struct ffpf_kmod_native native;
static struct ffpf_reader **readers;
static struct pollfd *pollers; /* standard input, the module, bells */
static unsigned n_cpus;
static FILE *savefile;
static uint64_t records, stored, classes[2], sums[2];

static void options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "i:p:f:2dsbrgaDw:n:S:")) >= 0) {
		switch (c) {
		case 'i':
			o.device = optarg;
			break;
		case 'p':
			o.patterns = optarg;
			break;
		case 'f':
			o.flags = (unsigned)atoi(optarg);
			break;
		case '2':
			o.n_inflows = 2;
			break;
		case 'd':
			o.drop = true;
			break;
		case 's':
			o.slow = true;
			break;
		case 'b':
			o.bells = true;
			break;
		case 'r':
			o.late = true;
			break;
		case 'D':
			o.defrag = true;
			break;
		case 'a':
			o.anon = true;
			break;
		case 'g':
			o.stay = true;
			break;
		case 'w':
			o.file = optarg;
			break;
		case 'n':
			o.snaplen = (unsigned)atoi(optarg);
			break;
		case 'S':
			o.state = (unsigned)atoi(optarg);
			break;
		default:
			exit(2);
		}
	}
	if (!o.device)
		exit(2);
}

static void need(const char *what, int err)
{
	if (!err)
		return;
	printf("%s: %s\n", what, strerror(-err));
	exit(1);
}

static void wait_here(void)
{
	char c;

	printf("ready\n");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	exit(0);
}

/* ---- setting up ------------------------------------------------------------------------------ */

static int piece(int fd, uint32_t stage, uint32_t number, int program)
{
	return call(fd, FFPF_KMOD_IOC_PROGRAM,
		    ARGS(ffpf_kmod_program, .source = 3, .stage = stage, .piece = number, .fd = program));
}

/* Nothing crosses of the packets that came, all of those that were made. */
static void configure_makes(int fd, int last)
{
	static const struct ffpf_defrag_params params = {.timeout_ns = 30000000000, .memory = 1 << 22};
	static const char key[] = "0123456789abcdef0123456789ABCDEF";

	native = (struct ffpf_kmod_native){HEAD(ffpf_kmod_native),   .source = 3,	 .name = "anon",
					   .params = (uintptr_t)key, .params_bytes = 32, .makes = 1};
	if (o.defrag) {
		strcpy(native.name, "defrag");
		native.params = (uintptr_t)&params;
		native.params_bytes = sizeof(params);
	}
	need(native.name, call(fd, FFPF_KMOD_IOC_NATIVE, &native));
	need("first piece", piece(fd, 0, 0, program_reaching()));
	need("piece behind it", piece(fd, 0, 1, program_returning(BPF_PROG_TYPE_SCHED_CLS, 0)));
	need("stage", piece(fd, 1, 0, last));
}

static void configure(int fd)
{
	int verdict = o.drop ? 2 : 0, map = cells_map(n_cpus);

	buffers = module_buffers(o.n_inflows);
	/* Who reads on time gets room for all of it: nothing is lost because he had no processor for a while. */
	buffers.ring_bytes = o.late ? 1 << 20 : 1 << 23;
	buffers.ibuf_bytes = 1 << 18;
	buffers.snaplen = o.snaplen;
	buffers.flags |= o.slow ? FFPF_KMOD_SLOW_READER : 0;
	need("create", call(fd, FFPF_KMOD_IOC_CREATE, &buffers));
	if (o.state == 1)
		wait_here();
	need("source",
	     call(fd, FFPF_KMOD_IOC_SOURCE, ARGS(ffpf_kmod_source, .number = 3, .ifindex = if_nametoindex(o.device))));
	int last = program_crossing(map, n_cpus, o.n_inflows, o.patterns || o.anon || o.defrag ? 0 : 7, verdict);

	if (o.anon || o.defrag) {
		configure_makes(fd, last);
	} else if (o.patterns) {
		need("strsearch", add_strsearch(fd, 3, 0, o.flags, o.patterns, &native));
		need("first piece", piece(fd, 0, 0, program_reaching()));
		need("last piece", piece(fd, 0, 1, last));
	} else {
		need("piece", piece(fd, 0, 0, last));
	}
	need("cells",
	     call(fd, FFPF_KMOD_IOC_CELLS,
		  ARGS(ffpf_kmod_cells, .fd = map, .stride = CELLS_STRIDE, .list = o.n_inflows > 1 ? CELLS_LIST : 0)));
}

static void hang_bells(int fd)
{
	pollers = calloc(n_cpus + 2, sizeof(*pollers));
	pollers[0] = (struct pollfd){.fd = 0, .events = POLLIN};
	pollers[1] = (struct pollfd){.fd = fd, .events = POLLIN};
	for (unsigned i = 0; i < n_cpus; i++) {
		pollers[2 + i] = (struct pollfd){.fd = -1, .events = POLLIN};
		if (!o.bells)
			continue;
		pollers[2 + i].fd = eventfd(0, EFD_NONBLOCK);
		need("bell", call(fd, FFPF_KMOD_IOC_BELL, ARGS(ffpf_kmod_bell, .cpu = i, .fd = pollers[2 + i].fd)));
	}
}

static void map_rings(int fd)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *pages =
		mmap(NULL, page * n_cpus, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)buffers.readers_offset);

	need("reader pages", pages == MAP_FAILED ? -errno : 0);
	readers = calloc(n_cpus, sizeof(*readers));
	for (unsigned i = 0; i < n_cpus; i++) {
		uint8_t *rings = mmap(NULL, buffers.rings_bytes, PROT_READ, MAP_SHARED, fd,
				      (off_t)(buffers.rings_offset + i * buffers.rings_stride));
		const void *ibufs[] = {rings + buffers.ibuf_offset, rings + buffers.ibuf_offset + buffers.ibuf_stride};
		struct ffpf_reader_ring ring = {.pbuf = rings,
						.pbuf_bytes = buffers.ibuf_offset,
						.ibufs = ibufs,
						.ibuf_bytes = buffers.ibuf_stride,
						.n_inflows = o.n_inflows,
						.page = (struct ffpf_reader_page *)(pages + i * page)};

		need("rings", rings == MAP_FAILED ? -errno : 0);
		need("reader", ffpf_reader_new(&ring, 64, &readers[i]));
	}
}

/* ---- reading --------------------------------------------------------------------------------- */

static void open_savefile(void)
{
	const uint32_t header[] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 262144, 1};

	if (!o.file)
		return;
	savefile = fopen(o.file, "w");
	need(o.file, savefile ? 0 : -errno);
	fwrite(header, sizeof(header), 1, savefile);
}

static void take(const struct ffpf_packet *packet, const uint32_t *row)
{
	uint32_t head[] = {(uint32_t)(packet->time_ns / 1000000000), (uint32_t)(packet->time_ns % 1000000000),
			   packet->caplen, packet->len};
	uint32_t n = packet->caplen < o.snaplen ? packet->caplen : o.snaplen;

	records++;
	stored += n;
	for (unsigned k = 0; k < o.n_inflows; k++) {
		classes[k] += row[k] != 0;
		sums[k] += row[k];
	}
	if (packet->source != 3 || packet->dir != 1 || packet->ifindex != if_nametoindex(o.device) || !packet->time_ns)
		printf("a record that can't be: source %u, direction %u, ifindex %u\n", packet->source, packet->dir,
		       packet->ifindex);
	if (savefile) {
		head[2] = n;
		fwrite(head, sizeof(head), 1, savefile);
		fwrite(packet->data, n, 1, savefile);
	}
}

static bool drain(void)
{
	struct ffpf_packet packets[64];
	uint32_t rows[64 * 2];
	bool any = false;

	for (unsigned i = 0; i < n_cpus; i++) {
		unsigned n;

		while ((n = ffpf_reader_read(readers[i], packets, rows, 64)) != 0) {
			any = true;
			for (unsigned k = 0; k < n; k++)
				take(&packets[k], rows + k * o.n_inflows);
		}
	}
	return any;
}

/* Sleeps until a bell rings, a second has passed, or input ends (then: false). */
static bool sleep_until_woken(unsigned *rung)
{
	uint64_t count;
	bool wait = true;
	char c;

	for (unsigned i = 0; i < n_cpus; i++)
		wait &= ffpf_reader_arm(readers[i], 1);
	poll(pollers, 2 + (o.bells ? n_cpus : 0), wait ? 1000 : 0);
	for (unsigned i = 0; i < n_cpus + 1; i++)
		if ((pollers[1 + i].revents & POLLIN) && read(pollers[1 + i].fd, &count, 8) == 8)
			++*rung;
	if ((pollers[1].revents & POLLHUP) && !o.stay)
		return false;
	return !(pollers[0].revents & (POLLIN | POLLHUP)) || read(0, &c, 1) > 0;
}

static void report(int fd, unsigned rung)
{
	struct ffpf_kmod_status status = {HEAD(ffpf_kmod_status), .source = 3};
	uint64_t lost = 0, refused = 0, cells[64] = {0};

	need("status", call(fd, FFPF_KMOD_IOC_STATUS, &status));
	for (unsigned i = 0; i < n_cpus; i++) {
		lost += ffpf_reader_lost(readers[i]);
		refused += ffpf_reader_refused(readers[i]);
	}
	if (status.mbuf_bytes) {
		const uint8_t *mbuf =
			mmap(NULL, status.mbuf_bytes, PROT_READ, MAP_SHARED, fd, (off_t)buffers.mbuf_offset);

		need("cells of natives", mbuf == MAP_FAILED ? -errno : 0);
		for (unsigned i = 0; i < n_cpus * native.n_cells; i++) {
			const uint64_t *words = (const uint64_t *)(mbuf + i / native.n_cells * status.mbuf_stride);

			cells[i % native.n_cells] += words[native.first_cell + i % native.n_cells];
		}
	}
	printf("packets=%llu bytes=%llu records=%llu stored=%llu lost=%llu refused=%llu dropped=%llu nested=%llu "
	       "malformed=%llu "
	       "flags=%u a=%llu/%llu b=%llu/%llu matched=%llu searched=%llu hits=%llu,%llu,%llu woken=%s\n",
	       (unsigned long long)status.packets, (unsigned long long)status.bytes, (unsigned long long)records,
	       (unsigned long long)stored, (unsigned long long)lost, (unsigned long long)refused,
	       (unsigned long long)status.dropped, (unsigned long long)status.nested,
	       (unsigned long long)status.malformed, status.flags, (unsigned long long)classes[0],
	       (unsigned long long)sums[0], (unsigned long long)classes[1], (unsigned long long)sums[1],
	       (unsigned long long)cells[0], (unsigned long long)cells[1], (unsigned long long)cells[2],
	       (unsigned long long)cells[3], (unsigned long long)cells[4], rung ? "yes" : "no");
}

int main(int argc, char **argv)
{
	unsigned rung = 0;
	int fd;

	options(argc, argv);
	fd = module_open();
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	n_cpus = module_cpus(fd);
	if (o.state == 0)
		wait_here();
	configure(fd);
	hang_bells(fd);
	map_rings(fd);
	open_savefile();
	if (o.state == 2)
		wait_here();
	need("start", call(fd, FFPF_KMOD_IOC_START, ARGS(ffpf_kmod_plain, )));
	if (o.state == 3) {
		need("stop", call(fd, FFPF_KMOD_IOC_STOP, ARGS(ffpf_kmod_plain, )));
		wait_here();
	}
	printf("ready\n");
	fflush(stdout);
	if (o.late) {
		char c;

		while (read(0, &c, 1) > 0)
			;
	} else {
		while (sleep_until_woken(&rung))
			drain();
	}
	need("stop", call(fd, FFPF_KMOD_IOC_STOP, ARGS(ffpf_kmod_plain, )));
	drain();
	report(fd, rung);
	if (savefile)
		fclose(savefile);
	for (unsigned i = 0; i < n_cpus; i++)
		ffpf_reader_free(readers[i]);
	free(readers);
	free(pollers);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What function classes written in FPL cost.
 *
 *     bench_fpl REFERENCE.o [ROUNDS]
 *
 * 1. `flows`, `ratelimit` and `firewall` as XDP against hand-written C with the same maps (fpl_reference.c, compiled by
 *    clang -O2): ns a packet in the kernel's test runner. "again" is one packet over and over, whose entry is there;
 *    "new" is packets of flows that were not seen before, one call each.
 * 2. One more stateful function in a chain, as XDP and in userspace, less what its map operation costs by itself (in C,
 *    or called directly), in percent of a chain of one.
 * 3. A source of 300 lines: text to loaded program.
 *
 * Rounds are interleaved; figures are medians, ratios are taken per round.
 */
#include <flowspaces/xdp/xdp.h>
#include <lib/buf/map.h>
#include <lib/run/handle.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 99
#define REPEAT 200000
#define FRESH 4096
#define LONGEST 8

static unsigned rounds = 15;
static struct bpf_object *reference;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

static double median(double *v)
{
	qsort(v, rounds, sizeof(*v), by_value);
	return v[rounds / 2];
}

static void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_fpl: %s: %s\n", what, why);
	exit(1);
}

/* A graph, loaded; NULL, with the reason printed, where the text is not understood. */
static struct ffpf *load(const char *text)
{
	struct ffpf *h = ffpf_create(NULL);

	if (ffpf_populate(h, "bench", text, 0) < 0) {
		printf("skipped: %.60s: %s\n", text, ffpf_error(h));
		ffpf_diags_print(ffpf_diagnostics(h), stderr, false);
		ffpf_close(h);
		return NULL;
	}
	if (ffpf_instantiate(h) < 0)
		die(text, ffpf_error(h));
	return h;
}

static int program_of(struct ffpf *h)
{
	struct ffpf_bpf_state *s = ffpf_run_state(ffpf_handle_run(h), &ffpf_flowspace_xdp);

	if (!s || !s->n_sources)
		die("graph", "nothing of it runs in xdp");
	return s->sources[0].fds[0];
}

static int reference_of(const char *name)
{
	struct bpf_program *p = bpf_object__find_program_by_name(reference, name);

	if (!p)
		die(name, "not in the reference");
	return bpf_program__fd(p);
}

static double test_run(int fd, const uint8_t *packet, uint32_t len, unsigned repeat)
{
	uint32_t action, ns;

	if (ffpf_bpf_test_run(fd, packet, len, repeat, &action, &ns) < 0)
		die("test run", strerror(errno));
	return ns;
}

/* ---- packets ---- */

struct packet {
	const char *name;
	uint8_t data[80];
};

static void make_ip(struct packet *p, const char *name, bool ipv6, uint8_t proto, const uint8_t src[4],
		    const uint8_t dst[4], unsigned sport, unsigned dport)
{
	uint8_t *ip = p->data + 14, *l4 = ip + (ipv6 ? 40 : 20);

	memset(p, 0, sizeof(*p));
	p->name = name;
	memcpy(p->data, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	p->data[12] = ipv6 ? 0x86 : 8;
	p->data[13] = ipv6 ? 0xdd : 0;
	ip[0] = ipv6 ? 0x60 : 0x45;
	if (ipv6) {
		ip[5] = sizeof(p->data) - 54;
		ip[6] = proto;
		ip[7] = 64;
		memcpy(ip + 8, "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0", 12);
		memcpy(ip + 24, ip + 8, 12);
		memcpy(ip + 20, src, 4);
		memcpy(ip + 36, dst, 4);
	} else {
		ip[3] = sizeof(p->data) - 14;
		ip[8] = 64;
		ip[9] = proto;
		memcpy(ip + 12, src, 4);
		memcpy(ip + 16, dst, 4);
	}
	l4[0] = (uint8_t)(sport >> 8);
	l4[1] = (uint8_t)sport;
	l4[2] = (uint8_t)(dport >> 8);
	l4[3] = (uint8_t)dport;
	l4[5] = proto == 17 ? sizeof(p->data) - 34 : 0;
	l4[12] = 0x50;
	l4[13] = 0x10;
}

enum { TCP_OUT, TCP_BACK, UDP_OUT, TCP6, STRANGER, ARP, TCP_BEGINS, PACKETS };
static struct packet packets[PACKETS];

static void make_packets(void)
{
	static const uint8_t inside[4] = {198, 18, 0, 1}, outside[4] = {198, 19, 0, 1}, other[4] = {192, 0, 2, 9};

	make_ip(&packets[TCP_OUT], "TCP", false, 6, inside, outside, 40000, 80);
	make_ip(&packets[TCP_BACK], "TCP, the other way", false, 6, outside, inside, 80, 40000);
	make_ip(&packets[UDP_OUT], "UDP", false, 17, inside, outside, 40001, 53);
	make_ip(&packets[TCP6], "TCP over IPv6", true, 6, inside, outside, 40000, 80);
	make_ip(&packets[STRANGER], "TCP of a stranger", false, 6, other, inside, 40000, 22);
	make_ip(&packets[TCP_BEGINS], "SYN", false, 6, inside, outside, 40000, 80);
	packets[TCP_BEGINS].data[47] = 2;
	make_ip(&packets[ARP], "ARP", false, 0, inside, outside, 0, 0);
	packets[ARP].data[13] = 6;
}

/* ---- 1. against C ---- */

/* A packet of a flow of its own, from a source of its own. */
static void fresh_packet(uint32_t number, struct packet *p)
{
	const uint8_t src[4] = {198, 18, (uint8_t)(number >> 8), (uint8_t)number}, dst[4] = {198, 19, 0, 1};

	make_ip(p, "new", false, 6, src, dst, 1024 + (number >> 16), 80);
	p->data[47] = 2;
}

static double fresh_run(int fd, uint32_t first)
{
	struct packet p;
	double sum = 0;

	for (uint32_t i = 0; i < FRESH; i++) {
		fresh_packet(first + i, &p);
		sum += test_run(fd, p.data, sizeof(p.data), 1);
	}
	return sum / FRESH;
}

static void row(const char *name, const struct ffpf *h, double *ours, double *theirs)
{
	double ratio[ROUNDS_MAX];

	if (!h) {
		printf("  %-24s %8s %8.1f\n", name, "-", median(theirs));
		return;
	}
	for (unsigned r = 0; r < rounds; r++)
		ratio[r] = ours[r] / theirs[r];
	printf("  %-24s %8.1f %8.1f  %6.2f\n", name, median(ours), median(theirs), median(ratio));
}

static void compare(const char *graph, const char *c, unsigned wanted)
{
	static double ours[PACKETS + 1][ROUNDS_MAX], theirs[PACKETS + 1][ROUNDS_MAX];
	static uint32_t fresh;
	struct ffpf *h = load(graph);
	int fds[2];

	fds[1] = reference_of(c);
	fds[0] = h ? program_of(h) : fds[1]; /* the reference alone is worth seeing, too */
	for (unsigned i = 0; i < 2; i++)     /* the connection of the other packets */
		test_run(fds[i], packets[TCP_BEGINS].data, sizeof(packets[0].data), 1);
	printf("%s\n  %-24s %8s %8s  %6s\n", graph, "", "ffpf", "C", "ratio");
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned p = 0; p < PACKETS; p++) {
			ours[p][r] = test_run(fds[0], packets[p].data, sizeof(packets[p].data), REPEAT);
			theirs[p][r] = test_run(fds[1], packets[p].data, sizeof(packets[p].data), REPEAT);
		}
		ours[PACKETS][r] = fresh_run(fds[0], fresh);
		theirs[PACKETS][r] = fresh_run(fds[1], fresh);
		fresh += FRESH;
	}
	for (unsigned p = 0; p < PACKETS; p++)
		if (wanted & 1u << p)
			row(packets[p].name, h, ours[p], theirs[p]);
	row("new flows, one call each", h, ours[PACKETS], theirs[PACKETS]);
	ffpf_close(h);
}

static void against_c(void)
{
	const unsigned usual = 1 << TCP_OUT | 1 << UDP_OUT | 1 << TCP6 | 1 << ARP;

	printf("1. XDP, ns a packet (test runner), medians of %u\n\n", rounds);
	compare("[dev lo]>(flows)", "flows", usual);
	compare("[dev lo]>(ratelimit,1000)", "ratelimit_1000", usual);
	compare("[dev lo]>(ratelimit,1G)", "ratelimit_1000000000", usual);
	compare("[dev lo]>(firewall,\"src net 198.18.0.0/16\")", "firewall",
		1 << TCP_OUT | 1 << TCP_BACK | 1 << UDP_OUT | 1 << STRANGER);
}

/* ---- 2. one more function ---- */

#define STATEFUL ">(FPL,{ hash seen[source: IPv6]: u64 size 65536; seen[src] += 1 })"

/* A chain of n functions behind a source. */
static void chain_text(char *text, size_t size, const char *source, unsigned n)
{
	size_t at = (size_t)snprintf(text, size, "%s", source);

	for (unsigned i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s", STATEFUL);
}

static void report(const char *where, double ns[LONGEST + 1][ROUNDS_MAX], double operation)
{
	double one = median(ns[1]), step = (median(ns[LONGEST]) - one) / (LONGEST - 1);

	printf("  %-8s a chain of 1: %.1f ns; each one more: %.1f ns, its map operation %.1f ns; the rest %.1f %%\n",
	       where, one, step, operation, 100 * (step - operation) / one);
}

static void chain_xdp(void)
{
	static double ns[LONGEST + 1][ROUNDS_MAX], c[2][ROUNDS_MAX];
	const int fds[2] = {reference_of("operations_1"), reference_of("operations_8")};
	struct ffpf *h[LONGEST + 1] = {NULL};
	char text[2048];

	for (unsigned n = 1; n <= LONGEST; n++) {
		chain_text(text, sizeof(text), "[dev lo]", n);
		h[n] = load(text);
		if (!h[n])
			return;
	}
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned n = 1; n <= LONGEST; n++)
			ns[n][r] = test_run(program_of(h[n]), packets[0].data, sizeof(packets[0].data), REPEAT);
		for (unsigned i = 0; i < 2; i++)
			c[i][r] = test_run(fds[i], packets[0].data, sizeof(packets[0].data), REPEAT);
	}
	report("xdp", ns, (median(c[1]) - median(c[0])) / 7);
	for (unsigned n = 1; n <= LONGEST; n++)
		ffpf_close(h[n]);
}

/* Looking a key of 16 bytes up in each of n maps and adding to its value, by direct calls: ns for all of them. The maps
 * of a chain are in each other's way in the caches, so they have to be here, too. */
static double map_operations(struct ffpf_map *const *maps, unsigned n)
{
	uint64_t key[2] = {1, 2}, *value;
	double start = now_ns();

	for (unsigned i = 0; i < 1000000; i++) {
		key[1] = i * 7 % 1000;
		for (unsigned k = 0; k < n; k++) {
			value = ffpf_map_lookup(maps[k], 0, key);
			if (value)
				__atomic_fetch_add(value, 1, __ATOMIC_RELAXED);
		}
	}
	return (now_ns() - start) / 1000000;
}

static void make_maps(struct ffpf_map **maps)
{
	const struct ffpf_map_spec spec = {"bench", FFPF_MAP_HASH, 16, 8, 65536, 0};
	uint64_t key[2] = {1, 2}, zero = 0;

	for (unsigned k = 0; k < LONGEST; k++) {
		if (ffpf_map_new(&spec, 1, &maps[k], NULL) < 0)
			die("map", "no memory");
		for (unsigned i = 0; i < 1000; i++) { /* as many as the savefile has */
			key[1] = i;
			ffpf_map_update(maps[k], 0, key, &zero, FFPF_MAP_ANY);
		}
	}
}

/* A savefile of a million packets of TCP from 1,000 sources. */
static void write_savefile(const char *path)
{
	const uint32_t head[6] = {0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1};
	FILE *file = fopen(path, "wb");
	struct packet p;

	if (!file)
		die(path, strerror(errno));
	fwrite(head, 1, sizeof(head), file);
	for (uint32_t i = 0; i < 1000000; i++) {
		const uint32_t record[4] = {1600000000 + i / 1000000, i % 1000000, sizeof(p.data), sizeof(p.data)};

		fresh_packet(i * 7 % 1000, &p);
		fwrite(record, 1, sizeof(record), file);
		fwrite(p.data, 1, sizeof(p.data), file);
	}
	if (fclose(file))
		die(path, strerror(errno));
}

/* ns a packet, end to end; 0: not understood */
static double run_savefile(const char *text)
{
	struct ffpf *h = load(text);
	double start;

	if (!h)
		return 0;
	start = now_ns();
	if (ffpf_activate(h) < 0)
		die(text, ffpf_error(h));
	while (ffpf_wait(&h, 1, 0, 100000) > 0)
		;
	start = (now_ns() - start) / 1000000;
	ffpf_close(h);
	return start;
}

static void chain_user(void)
{
	static double ns[LONGEST + 1][ROUNDS_MAX], c[2][ROUNDS_MAX];
	struct ffpf_map *maps[LONGEST];
	char path[] = "/tmp/bench_fpl.XXXXXX", source[64], text[2048];
	int fd = mkstemp(path);

	if (fd < 0)
		die(path, strerror(errno));
	close(fd);
	write_savefile(path);
	snprintf(source, sizeof(source), "[pcap \"%s\"]", path);
	make_maps(maps);
	for (unsigned r = 0; r < rounds; r++) {
		for (unsigned n = 1; n <= LONGEST; n++) {
			chain_text(text, sizeof(text), source, n);
			ns[n][r] = run_savefile(text);
			if (ns[n][r] <= 0) {
				unlink(path);
				return;
			}
		}
		c[0][r] = map_operations(maps, 1);
		c[1][r] = map_operations(maps, LONGEST);
	}
	unlink(path);
	for (unsigned k = 0; k < LONGEST; k++)
		ffpf_map_free(maps[k]);
	report("user", ns, (median(c[1]) - median(c[0])) / (LONGEST - 1));
}

/* ---- 3. a long source ---- */

static void long_source(unsigned lines)
{
	char *text = malloc(lines * 100 + 100), *at = text;
	double took[ROUNDS_MAX], start;

	at += sprintf(at, "[dev lo]>(FPL,{\n");
	for (unsigned i = 0; i < 8; i++)
		at += sprintf(at, "hash table%u[address: IPv6]: { packets: counter, last: time } size 1024;\n", i);
	for (unsigned i = 0; i < (lines - 8) / 4; i++) /* four lines each */
		at += sprintf(at,
			      "if (tcp.dport == %u || udp.dport in {%u, %u..%u}) {\n"
			      "\ttable%u[src].packets++;\n\tcount%u += len;\n}\n",
			      i + 1, i + 2, i + 1000, i + 1010, i % 8, i);
	sprintf(at, "})");
	for (unsigned r = 0; r < rounds; r++) {
		struct ffpf *h;

		start = now_ns();
		h = load(text);
		took[r] = (now_ns() - start) / 1e6;
		if (!h) {
			free(text);
			return;
		}
		ffpf_close(h);
	}
	printf("  %u lines: %.1f ms from text to loaded program\n", lines, median(took));
	free(text);
}

int main(int argc, char **argv)
{
	struct bpf_program *program;

	if (argc > 2)
		rounds = (unsigned)atoi(argv[2]);
	if (argc < 2 || !rounds || rounds > ROUNDS_MAX || geteuid() != 0) {
		fputs("usage, as root: bench_fpl REFERENCE.o [ROUNDS]\n", stderr);
		return 2;
	}
	reference = bpf_object__open_file(argv[1], NULL);
	if (!reference)
		return 1;
	bpf_object__for_each_program(program, reference)
	{
		bpf_program__set_type(program, BPF_PROG_TYPE_XDP);
		bpf_program__set_flags(program, BPF_F_XDP_HAS_FRAGS);
	}
	if (bpf_object__load(reference) < 0)
		return 1;
	make_packets();
	against_c();
	printf("\n2. one more stateful function in a chain\n\n");
	chain_xdp();
	chain_user();
	printf("\n3. a long source\n\n");
	long_source(300);
	bpf_object__close(reference);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap expressions → classic BPF, by libpcap.
 *
 * The result is what `tcpdump -r FILE EXPR` compiles: libpcap generates other code for a
 * savefile than for a handle of pcap_open_dead() (`inbound` and `ifindex` are refused instead
 * of silently matching nothing, and DLT_NULL's host-order header is compared in the file's byte order), so
 * the handle that we compile with is a savefile of no packets, in memory. The netmask is tcpdump's, 0.
 */
#include <lib/translate/internal.h>
#include <lib/lang/arena.h>

#include <errno.h>
#include <pcap/pcap.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SNAPLEN_MAX 262144u /* libpcap's own */
/* Longer expressions are left to our optimiser: libpcap's takes 7 s for 500 hosts. */
#define OPTIMISE_MAX 2048

/* pcap_compile() says that it may be called from several threads; the name lookups below it don't. */
static pthread_mutex_t compiler = PTHREAD_MUTEX_INITIALIZER;

_Static_assert(sizeof(struct ffpf_cbpf) == sizeof(struct bpf_insn), "the same instruction");

static void swap_header(uint8_t *header)
{
	static const uint8_t sizes[] = {4, 2, 2, 4, 4, 4, 4};

	for (unsigned i = 0; i < sizeof(sizes); header += sizes[i++])
		for (unsigned k = 0; k < sizes[i] / 2u; k++) {
			uint8_t byte = header[k];

			header[k] = header[sizes[i] - 1 - k];
			header[sizes[i] - 1 - k] = byte;
		}
}

/* The header of a savefile as libpcap writes it: 24 bytes, to be freed; NULL for a link type that savefiles don't have.
 */
static char *savefile_header(pcap_t *dead)
{
	char *bytes = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&bytes, &size);
	pcap_dumper_t *dumper = file ? pcap_dump_fopen(dead, file) : NULL;

	if (dumper)
		pcap_dump_close(dumper);
	else if (file)
		fclose(file);
	if (dumper && size == sizeof(struct pcap_file_header))
		return bytes;
	free(bytes);
	return NULL;
}

/* A handle to compile with; NULL when memory runs out. */
static pcap_t *open_handle(int linktype, uint32_t snaplen)
{
	bool swapped = linktype & FFPF_CBPF_SWAPPED;
	char error[PCAP_ERRBUF_SIZE], *header;
	pcap_t *dead, *handle = NULL;

	if (!snaplen || snaplen > INT32_MAX)
		snaplen = SNAPLEN_MAX;
	dead = pcap_open_dead(linktype & ~FFPF_CBPF_SWAPPED, (int)snaplen);
	header = dead ? savefile_header(dead) : NULL;
	if (header) {
		FILE *file;

		if (swapped)
			swap_header((uint8_t *)header);
		file = fmemopen(header, sizeof(struct pcap_file_header), "rb");
		handle = file ? pcap_fopen_offline(file, error) : NULL;
		if (file && !handle)
			fclose(file);
	}
	if (!handle)
		return free(header), dead;
	pcap_close(dead);
	free(header); /* what is still to be read of it has been */
	return handle;
}

struct pcap *cbpf_compiler_open(int linktype, uint32_t snaplen)
{
	pcap_t *handle;

	pthread_mutex_lock(&compiler);
	handle = open_handle(linktype, snaplen);
	if (!handle)
		pthread_mutex_unlock(&compiler);
	return handle;
}

void cbpf_compiler_close(struct pcap *handle)
{
	pcap_close(handle);
	pthread_mutex_unlock(&compiler);
}

int cbpf_compiler_run(struct pcap *handle, struct ffpf_arena *arena, const char *expr, bool optimise,
		      struct ffpf_cbpf **out, size_t *n, const char **why)
{
	struct bpf_program program = {0};

	if (pcap_compile(handle, &program, expr, optimise, 0) < 0) {
		*why = ffpf_arena_strdup(arena, pcap_geterr(handle));
		return -EINVAL;
	}
	*n = program.bf_len;
	*out = ffpf_arena_alloc(arena, *n * sizeof(**out));
	memcpy(*out, program.bf_insns, *n * sizeof(**out));
	pcap_freecode(&program);
	return 0;
}

int ffpf_cbpf_compile(struct ffpf_arena *arena, const char *expr, int linktype, uint32_t snaplen,
		      struct ffpf_cbpf **out, size_t *n, const char **why)
{
	size_t length = strnlen(expr, FFPF_CBPF_TEXT_MAX + 1);
	struct pcap *handle;
	int error;

	if (length > FFPF_CBPF_TEXT_MAX) {
		*why = ffpf_arena_printf(arena, "a filter expression may have up to %u bytes", FFPF_CBPF_TEXT_MAX);
		return -EINVAL;
	}
	if (expr[strspn(expr, " \t\r\n")] == '\0') {
		/* Also for link types that libpcap can't compile for. */
		*out = ffpf_arena_alloc(arena, sizeof(**out));
		**out = (struct ffpf_cbpf){.code = BPF_RET | BPF_K, .k = SNAPLEN_MAX};
		*n = 1;
		return 0;
	}
	handle = cbpf_compiler_open(linktype, snaplen);
	if (!handle) {
		*why = "out of memory";
		return -ENOMEM;
	}
	error = cbpf_compiler_run(handle, arena, expr, length <= OPTIMISE_MAX, out, n, why);
	cbpf_compiler_close(handle);
	return error;
}

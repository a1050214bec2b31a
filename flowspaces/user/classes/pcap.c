/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap: the packets of a savefile.
 *
 *     (pcap,trace.pcap)>(BPF,"tcp port 80")>(pktcount)
 *     tcpdump -w - | ffpf '(pcap,-)>(print)'
 *
 * Reads pcap and pcapng, either byte order, µs and ns, plain or in gzip, from files, pipes and standard input. Packets
 * keep the savefile's time, length and link type; ifindex is the interface's number in a pcapng file. A file that is
 * damaged or cut off is read up to there, then the run ends with a message that names the packet and the byte.
 * Packets of a pcapng interface whose link type is not the first interface's count as lost at this function.
 *
 * A pipe can be read only once, but placement wants its link type before the run: probe keeps what it opened of a pipe
 * in a list, from which open takes it. If that never happens the pipe goes with its flowgraph.
 */
#include "flowspaces/user/files.h"
#include "flowspaces/user/savefile.h"
#include "lib/lang/arena.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM_FILE };

/* A pipe that probe opened. file is NULL while a source reads it. */
struct parked {
	struct parked *next;
	struct ffpf_savefile *file;
	const struct ffpf_arena *owner; /* the flowgraph that probed it */
	char path[];
};

static pthread_mutex_t parked_lock = PTHREAD_MUTEX_INITIALIZER;
static struct parked *parked_files;

static struct parked *find_parked(const char *path)
{
	struct parked *entry = parked_files;

	while (entry && strcmp(entry->path, path))
		entry = entry->next;
	return entry;
}

/* The flowgraph goes: so do the pipes that it probed and nobody reads. */
static void forget(void *owner)
{
	pthread_mutex_lock(&parked_lock);
	for (struct parked **link = &parked_files; *link;) {
		struct parked *entry = *link;

		if (entry->owner != owner || !entry->file) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		ffpf_savefile_close(entry->file);
		free(entry);
	}
	pthread_mutex_unlock(&parked_lock);
}

static int park(const char *path, struct ffpf_savefile *file, struct ffpf_arena *owner)
{
	struct parked *entry = calloc(1, sizeof(*entry) + strlen(path) + 1);

	if (!entry)
		return -ENOMEM;
	strcpy(entry->path, path);
	entry->file = file;
	entry->owner = owner;
	ffpf_arena_defer(owner, forget, owner);
	entry->next = parked_files;
	parked_files = entry;
	return 0;
}

/* Opens the file, or finds the pipe that was opened before. *entry is set for a pipe. The lock is held. */
static int open_file(struct ffpf_instance *instance, struct ffpf_savefile **file, struct parked **entry, char *why)
{
	const char *path = instance->values[PARAM_FILE].s;

	*entry = find_parked(path);
	if (*entry) {
		*file = (*entry)->file;
		if (*file)
			return 0;
		strcpy(why, "a pipe can be read by one source only");
		return -EBUSY;
	}
	int err = ffpf_savefile_open(path, file, why, FFPF_SAVEFILE_WHY);
	if (err || ffpf_savefile_repeatable(*file))
		return err;
	err = park(path, *file, instance->arena);
	if (err) {
		strcpy(why, "out of memory");
		ffpf_savefile_close(*file);
		return err;
	}
	*entry = parked_files;
	return 0;
}

static void report(struct ffpf_instance *instance, int err, const char *why)
{
	const struct ffpf_value *value = &instance->values[PARAM_FILE];
	struct ffpf_diag *diag;

	if (!instance->diags)
		return;
	diag = ffpf_diag_error(instance->diags, err == -EBADMSG ? FFPF_D_FILE_FORMAT : FFPF_D_FILE_OPEN, value->span,
			       "%s", why);
	if (err == -ENOENT)
		ffpf_diag_hint(instance->diags, diag, "file names are relative to the folder that ffpf was started in");
	else if (err == -EACCES)
		ffpf_diag_hint(instance->diags, diag, "the file's permissions do not let you read it");
	else if (err == -EBADMSG)
		ffpf_diag_hint(instance->diags, diag, "pcap reads savefiles of tcpdump -w, dumpcap and Wireshark");
}

static int pcap_probe(struct ffpf_instance *instance, struct ffpf_source_info *info)
{
	char why[FFPF_SAVEFILE_WHY];
	struct ffpf_savefile *file = NULL;
	struct parked *entry;

	pthread_mutex_lock(&parked_lock);
	int err = open_file(instance, &file, &entry, why);
	if (!err) {
		*info = *ffpf_savefile_info(file);
		err = ffpf_files_read(instance->arena, ffpf_savefile_fd(file));
		if (err)
			strcpy(why, "out of memory");
		if (!entry)
			ffpf_savefile_close(file);
	}
	pthread_mutex_unlock(&parked_lock);
	if (err)
		report(instance, err, why);
	return err;
}

/* The running object: the savefile, and the pipe's entry, which is freed with it. */
struct reader {
	struct ffpf_savefile *file;
	struct parked *entry;
};

static void pcap_close(void *object)
{
	struct reader *reader = object;
	struct parked **link = &parked_files;

	if (!reader)
		return;
	pthread_mutex_lock(&parked_lock);
	while (*link && *link != reader->entry)
		link = &(*link)->next;
	if (*link) {
		*link = reader->entry->next;
		free(reader->entry);
	}
	pthread_mutex_unlock(&parked_lock);
	ffpf_savefile_close(reader->file);
	free(reader);
}

static int pcap_open(struct ffpf_instance *instance, void **object, const char **why)
{
	char message[FFPF_SAVEFILE_WHY];
	struct reader *reader = calloc(1, sizeof(*reader));

	if (!reader) {
		*why = "out of memory";
		return -ENOMEM;
	}
	pthread_mutex_lock(&parked_lock);
	int err = open_file(instance, &reader->file, &reader->entry, message);
	if (!err && reader->entry)
		reader->entry->file = NULL;
	pthread_mutex_unlock(&parked_lock);
	/* Another file may have the name since the probe. */
	if (!err && (err = ffpf_files_read(instance->arena, ffpf_savefile_fd(reader->file)))) {
		snprintf(message, sizeof(message), "%.300s: %s", instance->values[PARAM_FILE].s,
			 err == -EBUSY ? "the same flowgraph writes to it" : "out of memory");
		pcap_close(reader);
		*why = ffpf_arena_strdup(instance->arena, message);
		return err;
	}
	if (err) {
		free(reader);
		*why = ffpf_arena_strdup(instance->arena, message);
		return err;
	}
	*object = reader;
	return 0;
}

static int pcap_read(void *object, struct ffpf_packet *packets, unsigned n, int timeout_ms, const char **why)
{
	struct reader *reader = object;
	int found = ffpf_savefile_read(reader->file, packets, n, timeout_ms, why);

	return found == -EINTR ? -EAGAIN : found;
}

static uint64_t pcap_position(const void *object)
{
	return ffpf_savefile_position(((const struct reader *)object)->file);
}

static uint64_t pcap_lost(const void *object)
{
	return ffpf_savefile_lost(((const struct reader *)object)->file);
}

static const char *pcap_notice(const void *object)
{
	return ffpf_savefile_notice(((const struct reader *)object)->file);
}

static const struct ffpf_param params[] = {
	[PARAM_FILE] = {.name = "file",
			.type = FFPF_TYPE_FILE,
			.flags = FFPF_PARAM_REQUIRED | FFPF_PARAM_MAIN,
			.doc = "savefile to read: pcap or pcapng, plain or in gzip; - is standard input"},
};

static const struct ffpf_user_source source = {
	.open = pcap_open,
	.read = pcap_read,
	.position = pcap_position,
	.lost = pcap_lost,
	.notice = pcap_notice,
	.close = pcap_close,
};

const struct ffpf_class ffpf_class_pcap = {
	.abi = FFPF_CLASS_ABI,
	.name = "pcap",
	.help = "packets of a savefile",
	.manual =
		"Reads a savefile in the pcap or the pcapng format, of either byte order, with microseconds or "
		"nanoseconds,\n"
		"plain or compressed with gzip. The format is told from the contents, not from the name. The name "
		"\"-\" is\n"
		"standard input; named pipes work too.\n"
		"\n"
		"A file that is damaged or cut off is read up to that place; the run then ends with a message that "
		"says in\n"
		"which packet and at which byte. Packets of a pcapng interface whose link type differs from the first\n"
		"interface's are counted as lost.",
	.example = "(pcap,\"$FILE\")>(pktcount)",
	.role = FFPF_SOURCE,
	.params = params,
	.n_params = sizeof(params) / sizeof(params[0]),
	.probe = pcap_probe,
	.source = &source,
};

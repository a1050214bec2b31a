/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A row of savefiles: when the next one begins, its name, and which are deleted.
 *
 * Names are those of tcpdump -C: the first file has the name as given, the next ones have 1, 2, … behind it. Where
 * files change with time, the name may hold strftime(3) conversions, as in tcpdump -G; they are filled in with the
 * local time of the file's first packet, and a name that comes out as the one before gets the number too.
 */
#include "flowspaces/user/pcapwrite-provider.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool ffpf_pcapwrite_is_full(const struct ffpf_pcapwrite *writer, size_t record, uint64_t time_ns)
{
	const struct ffpf_pcapwrite_options *options = &writer->options;

	if (!writer->file_packets)
		return false;
	if (options->rotate_size && writer->output.written + writer->output.used + record > options->rotate_size)
		return true;
	return options->rotate_ns && time_ns >= writer->file_end_ns;
}

/* The name without a number, for a file whose first packet has this time. */
static int expand_name(const struct ffpf_pcapwrite *writer, uint64_t time_ns, char *base)
{
	const char *pattern = writer->options.path;
	time_t seconds = (time_t)(time_ns / 1000000000);
	struct tm local;

	if (!writer->options.rotate_ns || !strchr(pattern, '%')) {
		if (strlen(pattern) >= PATH_MAX)
			return -ENAMETOOLONG;
		strcpy(base, pattern);
		return 0;
	}
	if (!localtime_r(&seconds, &local))
		return -EOVERFLOW;
	return strftime(base, PATH_MAX, pattern, &local) ? 0 : -ENAMETOOLONG;
}

/* Remembers the new file; deletes the oldest when there is one too many. */
static void keep_newest(struct ffpf_pcapwrite *writer)
{
	char **slot;

	if (!writer->options.keep)
		return;
	slot = &writer->kept[writer->n_files % writer->options.keep];
	if (*slot && strcmp(*slot, writer->path))
		unlink(*slot);
	free(*slot);
	*slot = strdup(writer->path);
}

/* End of the time slot that this packet is in; slots begin with the first packet of all. */
static void set_end(struct ffpf_pcapwrite *writer, uint64_t time_ns)
{
	uint64_t slot = writer->options.rotate_ns;

	if (!slot)
		return;
	if (!writer->n_files || time_ns < writer->file_end_ns - slot)
		writer->file_end_ns = time_ns + slot;
	else if (time_ns >= writer->file_end_ns)
		writer->file_end_ns += ((time_ns - writer->file_end_ns) / slot + 1) * slot;
}

void ffpf_pcapwrite_note_failure(struct ffpf_pcapwrite *writer)
{
	const char *name = strcmp(writer->path, "-") ? writer->path : "standard output";

	if (!writer->output.error || writer->why[0])
		return;
	snprintf(writer->why, sizeof(writer->why), "can't write to %s: %s", name,
		 ffpf_output_words(writer->output.error));
}

int ffpf_pcapwrite_next_file(struct ffpf_pcapwrite *writer, uint64_t time_ns)
{
	char base[PATH_MAX];
	int err = ffpf_output_close(&writer->output);

	if (!err)
		err = expand_name(writer, time_ns, base);
	if (!err) {
		writer->number = writer->n_files && !strcmp(base, writer->base) ? writer->number + 1 : 0;
		strcpy(writer->base, base);
		int length = writer->number ? snprintf(writer->path, PATH_MAX, "%s%llu", base,
						       (unsigned long long)writer->number)
					    : snprintf(writer->path, PATH_MAX, "%s", base);
		err = length < PATH_MAX ? ffpf_output_open(&writer->output, writer->path) : -ENAMETOOLONG;
	}
	if (err) {
		writer->output.error = err;
		ffpf_pcapwrite_note_failure(writer);
		return err;
	}
	set_end(writer, time_ns);
	keep_newest(writer);
	writer->n_files++;
	writer->file_packets = 0;
	writer->header_written = false;
	return 0;
}

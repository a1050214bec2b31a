/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole file, bounded: programs, and lists in formats of their own. */
#include <fpl/source.h>

#include <errno.h>
#include <stdlib.h>

int fpl_read_all(FILE *file, size_t most, char **text, size_t *len)
{
	char *buffer = malloc(most + 1);
	int err = 0;

	if (!buffer)
		return -ENOMEM;
	errno = 0;
	*len = fread(buffer, 1, most + 1, file);
	if (ferror(file))
		err = errno ? -errno : -EIO;
	else if (*len > most)
		err = -EFBIG;
	if (err)
		free(buffer);
	else
		*text = buffer;
	return err;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzz target over the files of one folder: how every ordinary test run
 * replays the inputs that once made a parser fail, without a fuzzing engine.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (!file || fstat(fileno(file), &st) < 0) {
		perror(path);
		return -1;
	}
	uint8_t *data = malloc((size_t)st.st_size + 1);
	size_t size = data ? fread(data, 1, (size_t)st.st_size, file) : 0;
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned replayed = 0;
	DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (replay_file(path) < 0)
			return 1;
		replayed++;
	}
	if (dir)
		closedir(dir);
	printf("%u inputs replayed\n", replayed);
	return argc > 1 && !replayed;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mkobject: makes a BPF object of an assembler text, for tests on machines without clang.
 *
 *     mkobject OUT.o <TEXT         the text is described in tests/unit/object_make.h
 */
#include "../unit/object_make.h"

int main(int argc, char **argv)
{
	static char text[1 << 20];
	size_t n = fread(text, 1, sizeof(text) - 1, stdin), size = 0;
	uint8_t *object;
	FILE *out;

	if (argc != 2) {
		fprintf(stderr, "usage: mkobject OUT.o <TEXT\n");
		return 2;
	}
	text[n] = '\0';
	object = object_make(text, &size);
	if (!object)
		return 1;
	out = fopen(argv[1], "wb");
	if (!out || fwrite(object, 1, size, out) != size || fclose(out) != 0) {
		perror(argv[1]);
		return 1;
	}
	free(object);
	return 0;
}

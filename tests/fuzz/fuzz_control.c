/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes as they come in at the control socket, in pieces: no more is kept than a line may have, each line is a request
 * or refused with a sentence, and the requests' members are what they should be. The same bytes as keys and values of
 * maps, of which the first says what they are made of.
 *
 *   input   [u8 size of the pieces] [bytes]
 */
#include <cli/control.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_line(const char *line, size_t len)
{
	struct control_request r;
	char why[256] = "";

	if (!control_parse(line, len, &r, why, sizeof(why))) {
		require(*why && !r.document);
		return;
	}
	require(r.command < N_CONTROL_COMMANDS && r.limit >= 1 && r.limit <= CONTROL_PAGE_ENTRIES);
	require(r.from <= UINT32_MAX && (!r.map || r.function) && (!r.file || *r.file == '/'));
	require((r.command == CONTROL_READ || r.command == CONTROL_REPLACE) == (r.function != NULL));
	control_request_free(&r);
}

static void check_lines(const uint8_t *data, size_t size, size_t piece)
{
	struct control_lines *lines = calloc(1, sizeof(*lines));
	size_t room, len, whole = 0, expected = 0;

	for (size_t at = 0; at < size;) {
		char *to = control_lines_room(lines, &room);
		size_t n = piece < size - at ? piece : size - at;

		if (!room)
			break;
		n = n < room ? n : room;
		memcpy(to, data + at, n);
		control_lines_add(lines, n);
		for (size_t i = at; i < at + n; i++)
			expected += data[i] == '\n';
		at += n;
		for (const char *line; (line = control_lines_next(lines, &len)); whole++) {
			require(len < CONTROL_LINE_MOST && !memchr(line, '\n', len));
			check_line(line, len);
		}
	}
	require(whole == expected);
	free(lines);
}

/* Members that lie within what they are members of, as the library promises. */
static void check_values(const uint8_t *data, size_t size)
{
	static const uint8_t sizes[] = {1, 2, 4, 8};
	struct ffpf_member list[4];
	struct ffpf_members members = {list, 0};
	uint8_t sum[128];

	if (size < 24 + 128)
		return;
	for (unsigned i = 0; i < 4; i++) {
		const uint8_t *d = data + i * 6;
		struct ffpf_member m = {.name = i	   ? "b"
						: d[5] & 1 ? ""
							   : "a",
					.kind = d[0] % 7,
					.size = sizes[d[1] & 3]};

		if (m.kind == FFPF_MEMBER_IPV6)
			m.size = 16;
		if (m.kind == FFPF_MEMBER_TEXT || m.kind == FFPF_MEMBER_BYTES)
			m.size = 1;
		m.count = d[2] % 4 + 1;
		m.offset = d[3] % (uint32_t)(128 - m.size * m.count);
		if (d[4] & 1 && m.kind <= FFPF_MEMBER_BOOL) {
			m.bits = (uint8_t)(d[4] % (m.size * 8) + 1);
			m.shift = (uint8_t)(d[5] % (m.size * 8 - m.bits + 1));
		}
		list[members.n++] = m;
	}
	for (size_t n = 0; n <= members.n; n++) {
		struct ffpf_members some = {list, n};
		json_t *value = control_value(&some, data + 24, 128);

		require(value != NULL);
		json_decref(value);
		if (size >= 24 + 3 * 128)
			control_sum(&some, data + 24, 3, 128, 128, sum);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	check_lines(data + 1, size - 1, data[0] ? data[0] : 1);
	check_values(data + 1, size - 1);
	return 0;
}

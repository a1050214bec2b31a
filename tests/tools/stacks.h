/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * First packets of TCP as operating systems send them: for genflows. What is written here are properties of the systems
 * (initial TTL, window, order of options), in the words that p0f has for them, one per line of a table.
 */
#ifndef TOOLS_STACKS_H
#define TOOLS_STACKS_H

#include <stdint.h>

enum tcp_option {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
	OPT_WSCALE = 3,
	OPT_SACKOK = 4,
	OPT_TIMESTAMP = 8,
	OPT_NONE = 255, /* behind the last of a list */
};

/* The window of a first packet: a number, or so many times the MSS, or so many times the MTU (MSS + headers). */
enum window_kind { WINDOW_NUMBER, WINDOW_MSS, WINDOW_MTU };

struct stack {
	const char *name;
	uint8_t ttl;
	enum window_kind window_kind;
	uint16_t window;
	uint8_t scale;
	bool df, id; /* "don't fragment"; an identification that is not 0 */
	uint8_t options[16];
};

#define OPTIONS(...)                                                                                                   \
	{                                                                                                              \
		__VA_ARGS__, OPT_NONE                                                                                  \
	}
static const struct stack stacks[] = {
	{"linux", 64, WINDOW_MSS, 44, 7, true, true, OPTIONS(2, 4, 8, 1, 3)},
	{"linux-3", 64, WINDOW_MSS, 20, 10, true, true, OPTIONS(2, 4, 8, 1, 3)},
	{"linux-2.6", 64, WINDOW_MSS, 4, 7, true, true, OPTIONS(2, 4, 8, 1, 3)},
	{"linux-no-timestamps", 64, WINDOW_MSS, 20, 7, true, true, OPTIONS(2, 1, 1, 4, 1, 3)},
	{"android", 64, WINDOW_MSS, 44, 3, true, true, OPTIONS(2, 4, 8, 1, 3)},
	{"windows-10", 128, WINDOW_NUMBER, 64240, 8, true, true, OPTIONS(2, 1, 3, 1, 1, 4)},
	{"windows-7", 128, WINDOW_NUMBER, 8192, 2, true, true, OPTIONS(2, 1, 3, 1, 1, 4)},
	{"windows-7-8", 128, WINDOW_NUMBER, 8192, 8, true, true, OPTIONS(2, 1, 3, 1, 1, 4)},
	{"windows-xp", 128, WINDOW_NUMBER, 65535, 0, true, true, OPTIONS(2, 1, 1, 4)},
	{"macos", 64, WINDOW_NUMBER, 65535, 4, true, true, OPTIONS(2, 1, 3, 1, 1, 8, 4, 0)},
	{"macos-new", 64, WINDOW_NUMBER, 65535, 6, true, false, OPTIONS(2, 1, 3, 1, 1, 8, 4, 0)},
	{"ios", 64, WINDOW_NUMBER, 65535, 2, true, true, OPTIONS(2, 1, 3, 1, 1, 8, 4, 0)},
	{"freebsd", 64, WINDOW_NUMBER, 65535, 6, true, true, OPTIONS(2, 1, 3, 4, 8)},
	{"freebsd-8", 64, WINDOW_NUMBER, 65535, 3, true, true, OPTIONS(2, 1, 3, 4, 8)},
	{"openbsd", 64, WINDOW_NUMBER, 16384, 3, true, true, OPTIONS(2, 1, 1, 4, 1, 3, 1, 1, 8)},
	{"solaris-10", 64, WINDOW_MSS, 34, 0, true, true, OPTIONS(2, 1, 3, 1, 1, 4)},
	{"vms", 128, WINDOW_MTU, 2, 0, false, true, OPTIONS(2, 1, 3)},
	{"scanner", 64, WINDOW_NUMBER, 1024, 0, false, true, OPTIONS(2)},
	{"bare", 255, WINDOW_NUMBER, 512, 0, false, true, {OPT_NONE}},
};
#define N_STACKS (sizeof(stacks) / sizeof(stacks[0]))
#define STACK_SCANNER (N_STACKS - 2)
#define STACKS_OF_HOSTS 16 /* the first ones: systems that ordinary connections come from */

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's own tests: a line each, and the module does not load when one fails. Built with
 * FFPF_SELFTEST=1, run with the parameter selftest=1.
 */
#ifndef _FFPF_SELFTEST_H
#define _FFPF_SELFTEST_H

#include "../ffpf.h"

/* Notes the first thing that is not as it should be, and goes on. */
#define EXPECT(condition)                                                                          \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			if (pass)                                                                  \
				pr_err("selftest: %s:%d: not so: %s\n", __FILE__, __LINE__,        \
				       #condition);                                                \
			pass = false;                                                              \
		}                                                                                  \
	} while (0)

static inline bool selftest_result(const char *what, bool pass)
{
	pr_info("selftest: %s: %s\n", what, pass ? "pass" : "FAIL");
	return pass;
}

/*
 * An skb that holds `bytes` in pieces: so many in a row, then in as many page fragments as fit,
 * `fragment` bytes each, the rest in a list of skbs if `list`. Frees nothing of bytes. skb.c
 */
struct sk_buff *selftest_skb(const u8 *bytes, u32 n, u32 linear, u32 fragment, bool list);

#endif

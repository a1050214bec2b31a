// SPDX-License-Identifier: GPL-2.0
/* What userspace compiles, too. */
#include "../../lib/native/anon.c"

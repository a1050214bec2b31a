/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's class built for another version of the class interface; loaded by tests/unit/test_classes.c. */
#include <ffpf/class.h>

extern const struct ffpf_class *const ffpf_classes[];

static const struct ffpf_class later = {.abi = FFPF_CLASS_ABI + 1, .name = "later", .role = FFPF_FUNCTION};

const struct ffpf_class *const ffpf_classes[] = {&later, NULL};

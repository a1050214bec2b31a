/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program must keep to where it uses maps; part of verify.c. */
#ifndef FFPF_IR_VERIFY_MAPS_H
#define FFPF_IR_VERIFY_MAPS_H

#include <lib/ir/ir.h>

/* Of an analysed program whose operands are defined where they are used: NULL, or what is wrong (from the arena). */
const char *ffpf_ir_verify_maps(struct ffpf_program *p);

#endif

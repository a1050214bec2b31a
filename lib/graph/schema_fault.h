/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with what a class says that it keeps; part of class_fault.c, and asked again for each instance. */
#ifndef FFPF_GRAPH_SCHEMA_FAULT_H
#define FFPF_GRAPH_SCHEMA_FAULT_H

#include <ffpf/class.h>

/* A sentence in memory that is valid until the next call in this thread; NULL: nothing is. */
const char *ffpf_schema_fault(const struct ffpf_class *class, const struct ffpf_schema *schema);
/* A name that can be written in a graph, and printed in any result format. */
bool ffpf_is_class_name(const char *name);

#endif

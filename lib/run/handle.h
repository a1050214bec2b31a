/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of lib/run see of a handle. */
#ifndef FFPF_RUN_HANDLE_H
#define FFPF_RUN_HANDLE_H

#include <lib/run/run.h>

/* The run of a populated handle, else NULL. */
struct ffpf_run *ffpf_handle_run(struct ffpf *h);
/* The run of a handle that is or was instantiated, else NULL. */
struct ffpf_run *ffpf_handle_running(struct ffpf *h);
/* Keeps for ffpf_error that a call came at the wrong time of the life cycle. Returns -EINVAL. */
int ffpf_handle_misused(struct ffpf *h, const char *call);

#endif

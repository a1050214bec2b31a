/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of functions for the reference interpreter; part of replay.c. */
#ifndef FFPF_BPF_REPLAY_MAPS_H
#define FFPF_BPF_REPLAY_MAPS_H

#include <flowspaces/bpf/bpf.h>

struct ffpf_bpf_held; /* entries that a packet's program has found */

/* As struct ffpf_ir_env has them. What was found is valid until the release, which writes it back. */
uint64_t *ffpf_bpf_replay_find(struct ffpf_bpf_held **held, const struct ffpf_bpf_maps *maps, unsigned map,
			       const uint8_t *key);
uint32_t ffpf_bpf_replay_add(const struct ffpf_bpf_maps *maps, unsigned map, const uint8_t *key);
void ffpf_bpf_replay_remove(struct ffpf_bpf_held *held, const struct ffpf_bpf_maps *maps, unsigned map,
			    const uint8_t *key);
void ffpf_bpf_replay_release(struct ffpf_bpf_held **held, const struct ffpf_bpf_maps *maps);

#endif

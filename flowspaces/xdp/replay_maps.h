/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of functions for the reference interpreter; part of replay.c. */
#ifndef FFPF_XDP_REPLAY_MAPS_H
#define FFPF_XDP_REPLAY_MAPS_H

#include <flowspaces/xdp/xdp.h>

struct xdp_held; /* entries that a packet's program has found */

/* As struct ffpf_ir_env has them. What was found is valid until the release, which writes it back. */
uint64_t *xdp_replay_find(struct xdp_held **held, const struct xdp_maps *maps, unsigned map, const uint8_t *key);
uint32_t xdp_replay_add(const struct xdp_maps *maps, unsigned map, const uint8_t *key);
void xdp_replay_remove(struct xdp_held *held, const struct xdp_maps *maps, unsigned map, const uint8_t *key);
void xdp_replay_release(struct xdp_held **held, const struct xdp_maps *maps);

#endif

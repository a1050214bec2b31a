/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32C (Castagnoli, RFC 3720 B.4), with the processor's instruction where it has one. */
#ifndef FFPF_USER_CRC32C_H
#define FFPF_USER_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from crc (0: the beginning) over n bytes. */
uint32_t ffpf_crc32c(uint32_t crc, const uint8_t *data, size_t n);

/* The same without the instruction. */
uint32_t ffpf_crc32c_plain(uint32_t crc, const uint8_t *data, size_t n);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Link types: the numbers in savefiles (LINKTYPE_) and in memory (DLT_).
 *
 * They are the same but for a few whose DLT_ value differs between systems;
 * the table in linktype.c is Linux's. Which packets are sane in size depends
 * on the link type too, and follows libpcap.
 */
#ifndef FFPF_USER_LINKTYPE_H
#define FFPF_USER_LINKTYPE_H

#include <stdint.h>

/* What libpcap takes for the longest packet of most link types. */
#define FFPF_SNAPLEN_MAX 262144u

/* The DLT_ value of a savefile's LINKTYPE_ value; values without a name of their own stay as they are. */
uint32_t ffpf_linktype_to_dlt(uint32_t linktype);

/* The reverse: what a savefile of packets of this DLT_ value says in its header. */
uint32_t ffpf_dlt_to_linktype(uint32_t dlt);

/* What a DLT_ value is called, for messages: "RAW (LINKTYPE 101)", the number of savefiles. In buffer. */
#define FFPF_LINKTYPE_NAME 80
const char *ffpf_linktype_name(uint32_t dlt, char buffer[FFPF_LINKTYPE_NAME]);

/* Bytes that a packet of this DLT_ may have; a record that claims more is damaged. */
uint32_t ffpf_dlt_snaplen_max(uint32_t dlt);

/* The snapshot length that a header means: 0 and what does not fit in 31 bits mean "the largest". */
uint32_t ffpf_snaplen_adjust(uint32_t dlt, uint32_t snaplen);

#endif

/* SPDX-License-Identifier: (GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * /dev/ffpf: how a program speaks with ffpf.ko. Nothing but Linux's own types is needed to include
 * this.
 *
 * One open file is one instance: a flowgraph's part in the module.
 *
 *   open ─▶ VERSION, CLASS ─▶ CREATE ─▶ SOURCE, PROGRAM, NATIVE, CELLS, BELL ─▶ START ─▶ STOP ─▶
 * close (any order that refers to what is there); while it runs, PROGRAM and EXCHANGE
 *
 * Closing the file, or the death of whoever has it open, ends and frees all of it; a mapping keeps
 * the file open. Each argument begins with its size and with the version of this interface; what is
 * reserved, or not asked for, must be 0. A call in the wrong state is answered with EBADFD, another
 * version with EPROTO, another size with EINVAL.
 *
 * A packet's way (of each source, on the CPU that received it):
 *
 *   tc ingress ─▶ piece 0 ─cb[2]─▶ native 0 ─cb[2]─▶ piece 1 … native n-1 ─▶ piece n ─▶ rings
 *
 * Pieces are eBPF programs of type BPF_PROG_TYPE_SCHED_CLS, run at the packet's link header. What
 * tc left in __sk_buff.cb is there for piece 0. A piece leaves in cb[FFPF_KMOD_CB_CLASS] the class
 * with which the packet reaches the native function behind it, 0 when it does not; the next piece
 * finds the result there. What the last piece returns decides: TC_ACT_SHOT drops the packet, all
 * else lets it pass. What crosses to readers lies, when the last piece has ended, in the cells
 * (struct ffpf_kmod_cells).
 *
 * Native functions that change packets make others, for what is behind them; the packet on the
 * network stays as it is. What is behind is a stage: pieces and natives of its own, which run on
 * the new packet when those of the packet that came (stage 0) have ended. Its first piece finds the
 * class with which the packet was made in cb[FFPF_KMOD_CB_CLASS]; what crosses is taken when its
 * last piece has ended. A stage is made by one native function, of a lower stage.
 */
#ifndef FFPF_KMOD_H
#define FFPF_KMOD_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define FFPF_KMOD_DEVICE "/dev/ffpf"
#define FFPF_KMOD_ABI 1

#define FFPF_KMOD_NAME 32 /* bytes of a class's name, the closing 0 included */
#define FFPF_KMOD_CB_CLASS 2

/* Bounds of what can be asked for */
#define FFPF_KMOD_SOURCES 64
#define FFPF_KMOD_STAGES 8
#define FFPF_KMOD_PIECES 64 /* of a stage; so natives are one fewer */
#define FFPF_KMOD_INFLOWS 4096
#define FFPF_KMOD_RING_MIN 4096ull
#define FFPF_KMOD_RING_MAX (1ull << 30)
#define FFPF_KMOD_LARGEST 262144 /* bytes stored of a packet at most */
#define FFPF_KMOD_PARAMS 65536	 /* bytes of a native function's parameters */

/* What the module is. `abi` is not looked at, and answered with the module's own. */
struct ffpf_kmod_version {
	__u32 size;
	__u32 abi;
	__u32 n_classes; /* out: of native functions */
	__u32 n_cpus;	 /* out: rings that an instance has; CPUs are numbered below it */
	__u32 page;	 /* out: bytes of a page */
	__u32 reserved;
};

/* One class of native functions. ENOENT behind the last. */
struct ffpf_kmod_class {
	__u32 size;
	__u32 abi;
	__u32 index;
	__u32 version;		   /* out: of its parameters and cells */
	char name[FFPF_KMOD_NAME]; /* out */
};

/* Flags of struct ffpf_kmod_create */
#define FFPF_KMOD_TIME 1u	 /* somebody above asks for the packet's time */
#define FFPF_KMOD_SLOW_READER 2u /* refuse records rather than overwrite what was not read */

/*
 * Makes the buffers. Where n_inflows is 0 there are none, and what describes them must be 0.
 *
 * What is mapped, at which offset of the file (all of them multiples of the page):
 *
 *   rings_offset + cpu * rings_stride       rings_bytes   read-only: the PBuf ring at 0, the IBuf
 * ring of in-flow k at ibuf_offset + k * ibuf_stride (lib/buf/layout.h) readers_offset + cpu * page
 * page          writable: struct ffpf_reader_page mbuf_offset mbuf_bytes of STATUS; read-only:
 * cells of native functions, once it started
 *
 * A mapping is shared and lies in one of these areas.
 */
struct ffpf_kmod_create {
	__u32 size;
	__u32 abi;
	__u32 flags;
	__u32 n_inflows;
	__u64 ring_bytes; /* of records of each PBuf ring: a power of two */
	__u64 ibuf_bytes; /* of entries of each IBuf ring: a power of two */
	__u32 snaplen;	  /* bytes stored of a packet at most */
	__u32 reserved;
	__u64 rings_offset, rings_stride, rings_bytes; /* out */
	__u64 ibuf_offset, ibuf_stride;		       /* out */
	__u64 readers_offset;			       /* out */
	__u64 mbuf_offset;			       /* out */
};

/* Packets that a device receives, once it started; the device is looked up in the network namespace
 * of whoever opened the file. */
struct ffpf_kmod_source {
	__u32 size;
	__u32 abi;
	__u32 number; /* goes into records; 255 at most */
	__u32 ifindex;
};

struct ffpf_kmod_program {
	__u32 size;
	__u32 abi;
	__u32 source;
	__u32 piece;
	__s32 fd;
	__u32 stage;
};

/*
 * While it runs PROGRAM gives the next version of a piece that is there; a later one takes its
 * place. When each piece of a source has one, EXCHANGE makes all of them the source's at once: a
 * packet meets the old pieces or the new ones, and none is in the old ones when the call has ended.
 * EINVAL: some piece has no next version. Native functions, their cells and what they know stay.
 */
struct ffpf_kmod_exchange {
	__u32 size;
	__u32 abi;
	__u32 source;
	__u32 reserved;
};

/* A native function, between pieces `number` and `number` + 1 of the source. Its cells are 64-bit
 * words, from first_cell on in each CPU's part of the MBuf. */
struct ffpf_kmod_native {
	__u32 size;
	__u32 abi;
	__u32 source;
	__u32 number;
	char name[FFPF_KMOD_NAME];
	__u64 params; /* address; natives' headers in lib/native say what lies there */
	__u32 params_bytes;
	__u32 first_cell; /* out */
	__u32 n_cells;	  /* out */
	__u32 stage;	  /* that it is in */
	__u32 makes;	  /* the stage that its packets go to; 0: none, or it makes no packets */
	__u32 reserved;
};

/*
 * Where programs leave what crosses to readers: in the only value of an array map without BTF that
 * programs may write. CPU c's part begins at base + c * stride, in it at `count` a 32-bit word: of
 * one in-flow, the class with which the packet crosses; of several, how many entries {__u32 inflow,
 * __u32 class} lie at `list`. The module takes them behind the last piece and clears the word. All
 * are multiples of 4.
 */
struct ffpf_kmod_cells {
	__u32 size;
	__u32 abi;
	__s32 fd;
	__u32 base;
	__u32 stride;
	__u32 count;
	__u32 list;
	__u32 reserved;
};

/* An eventfd to be told instead of the file when the reader of a CPU's ring is to be woken. */
struct ffpf_kmod_bell {
	__u32 size;
	__u32 abi;
	__u32 cpu;
	__s32 fd;
};

struct ffpf_kmod_plain {
	__u32 size;
	__u32 abi;
};

enum ffpf_kmod_state {
	FFPF_KMOD_OPEN,
	FFPF_KMOD_CREATED,
	FFPF_KMOD_RUNNING,
	FFPF_KMOD_STOPPED,
};

#define FFPF_KMOD_GONE 1u /* the source's device is not there any more */

/* How it is: of one source, in every state. ENOENT: no such source. */
struct ffpf_kmod_status {
	__u32 size;
	__u32 abi;
	__u32 source;
	__u32 state;	   /* out: enum ffpf_kmod_state */
	__u32 flags;	   /* out */
	__u32 mbuf_stride; /* out: bytes between CPUs' cells of native functions */
	__u64 mbuf_bytes;  /* out: 0 before it started, or without cells */
	__u64 packets;	   /* out: that the hook saw */
	__u64 bytes;	   /* out: of them, VLAN tags included */
	__u64 dropped;	   /* out: by verdict */
	__u64 nested; /* out: not looked at, since they came while this CPU was at work on another
			 of the instance */
	__u64 malformed; /* out: crossings in the cells that can't be */
};

/* ---- parameters of native functions ---- */

/*
 * strsearch, version 1: n_patterns times {__u32 length, bytes} follow, without padding. The class
 * of a packet becomes the number, from 1, of the first listed pattern that occurs in it; 0: none
 * does. Cells: packets matched; bytes searched; for each pattern, packets in which it occurs.
 */
#define FFPF_STRSEARCH_PATTERNS 64
#define FFPF_STRSEARCH_LENGTH 256
#define FFPF_STRSEARCH_NOCASE 1u /* letters of ASCII */
#define FFPF_STRSEARCH_PACKET 2u /* the whole packet, not the payload only */

struct ffpf_strsearch_params {
	__u32 flags;
	__u32 n_patterns;
};

/*
 * digest, version 1: numbers of lib/native/digest.h. The class of a packet becomes the first 32
 * bits of its digest, 1 where they are 0; 0: it has nothing to be digested. Cells: packets
 * digested; bytes.
 */
struct ffpf_digest_params {
	__u32 algorithm; /* 0 sha256, 1 sha1, 2 md5, 3 crc32c */
	__u32 of;	 /* 0 the packet, 1 its payload, 2 what routers leave as it is */
};

/*
 * anon, version 1: a key of 32 bytes (lib/native/anon.h). Makes packets whose addresses can't be
 * recognised. Cells: packets that had addresses; addresses.
 */
#define FFPF_ANON_KEY_BYTES 32

/*
 * defrag, version 1: fragments of IP end here; whole datagrams, and what is no fragment, go on to
 * the stage that it makes. Cells: struct ffpf_defrag_counts of lib/native/defrag.h, sums of 64 bits
 * over all CPUs.
 */
struct ffpf_defrag_params {
	__u64 timeout_ns; /* an hour at most */
	__u32 memory;	  /* bytes for what waits: 64k to 1G */
	__u32 reserved;
};

/* ---- calls ---- */

#define FFPF_KMOD_MAGIC 0xf7

#define FFPF_KMOD_IOC_VERSION _IOWR(FFPF_KMOD_MAGIC, 0, struct ffpf_kmod_version)
#define FFPF_KMOD_IOC_CLASS _IOWR(FFPF_KMOD_MAGIC, 1, struct ffpf_kmod_class)
#define FFPF_KMOD_IOC_CREATE _IOWR(FFPF_KMOD_MAGIC, 2, struct ffpf_kmod_create)
#define FFPF_KMOD_IOC_SOURCE _IOW(FFPF_KMOD_MAGIC, 3, struct ffpf_kmod_source)
#define FFPF_KMOD_IOC_PROGRAM _IOW(FFPF_KMOD_MAGIC, 4, struct ffpf_kmod_program)
#define FFPF_KMOD_IOC_NATIVE _IOWR(FFPF_KMOD_MAGIC, 5, struct ffpf_kmod_native)
#define FFPF_KMOD_IOC_CELLS _IOW(FFPF_KMOD_MAGIC, 6, struct ffpf_kmod_cells)
#define FFPF_KMOD_IOC_BELL _IOW(FFPF_KMOD_MAGIC, 7, struct ffpf_kmod_bell)
#define FFPF_KMOD_IOC_START _IOW(FFPF_KMOD_MAGIC, 8, struct ffpf_kmod_plain)
#define FFPF_KMOD_IOC_STOP _IOW(FFPF_KMOD_MAGIC, 9, struct ffpf_kmod_plain)
#define FFPF_KMOD_IOC_STATUS _IOWR(FFPF_KMOD_MAGIC, 10, struct ffpf_kmod_status)
#define FFPF_KMOD_IOC_EXCHANGE _IOW(FFPF_KMOD_MAGIC, 11, struct ffpf_kmod_exchange)

/*
 * poll: readable when a sleeping reader was woken (struct ffpf_reader_page) that has no bell of its
 * own; read() of eight bytes gives how often since it was last read, and waits for it unless the
 * file is O_NONBLOCK. Error and hang-up when the device of a source is gone; read() then gives 0
 * bytes instead of waiting.
 */

#endif

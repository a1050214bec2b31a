/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching a program to a device, by a bpf_link: it goes when its last descriptor goes, so that nothing stays behind,
 * whatever ends the process. Driver mode is asked for by name and generic mode only after it was refused, because flags
 * of 0 would choose generic mode without a word, and generic mode sees other packets (super-packets after GRO).
 *
 * bpf_link_create returns a bare error number; the kernel's sentence comes from a second, netlink attempt (netlink.h).
 */
#include <flowspaces/bpf/netlink.h>
#include <flowspaces/xdp/attach.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A link that died with its process stays on the device for some 10 ms: the kernel detaches it from a work queue. */
#define DYING_TRIES 5
#define DYING_WAIT_NS 20000000L

static const uint32_t mode_flags[] = {
	[FFPF_XDP_DRIVER] = XDP_FLAGS_DRV_MODE,
	[FFPF_XDP_GENERIC] = XDP_FLAGS_SKB_MODE,
};

/* ---- who holds an occupied device ------------------------------------------------------------ */

struct holder {
	uint32_t prog_id;
	uint32_t link_id; /* 0: attached without a link, or not visible to us */
	const char *mode;
	const char
		*keyword; /* ip(8)'s word: plain `xdp off` would miss a generic program on a device with driver mode */
	char name[BPF_OBJ_NAME_LEN]; /* "" when we may not look */
	bool hidden;		     /* we may not look for its link */
};

static void find_name(struct holder *holder)
{
	FFPF_CLOSES int fd = bpf_prog_get_fd_by_id(holder->prog_id);
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info);

	if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &len) == 0)
		snprintf(holder->name, sizeof(holder->name), "%s", info.name);
}

static void find_link(struct holder *holder, unsigned ifindex)
{
	uint32_t id = 0;

	for (;;) {
		if (bpf_link_get_next_id(id, &id) < 0) {
			holder->hidden = errno == EPERM;
			return;
		}

		FFPF_CLOSES int fd = bpf_link_get_fd_by_id(id);
		struct bpf_link_info info = {0};
		uint32_t len = sizeof(info);

		if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) < 0)
			continue;
		/* Interface numbers repeat in other network namespaces, program numbers do not. */
		if (info.type == BPF_LINK_TYPE_XDP && info.xdp.ifindex == ifindex && info.prog_id == holder->prog_id) {
			holder->link_id = id;
			return;
		}
	}
}

/* Returns whether the device has a program. */
static bool find_holder(unsigned ifindex, struct holder *holder)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	*holder = (struct holder){0};
	if (bpf_xdp_query((int)ifindex, 0, &query) < 0)
		return false;
	if (query.drv_prog_id) {
		holder->prog_id = query.drv_prog_id;
		holder->mode = "driver mode";
		holder->keyword = "xdpdrv";
	} else if (query.hw_prog_id) {
		holder->prog_id = query.hw_prog_id;
		holder->mode = "offloaded to the card";
		holder->keyword = "xdpoffload";
	} else {
		holder->prog_id = query.skb_prog_id ? query.skb_prog_id : query.prog_id;
		holder->mode = "generic mode";
		holder->keyword = "xdpgeneric";
	}
	if (!holder->prog_id)
		return false;
	find_name(holder);
	find_link(holder, ifindex);
	return true;
}

static void explain_busy(const char *name, const struct holder *holder, char why[FFPF_WHY_MAX])
{
	char title[BPF_OBJ_NAME_LEN + 8] = "", held[64] = "attached without a bpf_link", undo[64];

	if (holder->name[0])
		snprintf(title, sizeof(title), "'%s' ", holder->name);
	snprintf(undo, sizeof(undo), "`ip link set dev %.16s %s off`", name, holder->keyword);
	if (holder->hidden) {
		snprintf(held, sizeof(held), "by whom only root may know");
		snprintf(undo, sizeof(undo), "end the program that holds it");
	} else if (holder->link_id) {
		snprintf(held, sizeof(held), "held by a bpf_link, id %u", holder->link_id);
		snprintf(undo, sizeof(undo), "end the program that holds it, or `bpftool link detach id %u`",
			 holder->link_id);
	}
	snprintf(why, FFPF_WHY_MAX,
		 "%s already runs an XDP program: %s(id %u, %s, %s); detach it (%s) or choose another device; see `ip "
		 "link show %s`, `bpftool link`",
		 name, title, holder->prog_id, holder->mode, held, undo, name);
}

bool ffpf_xdp_occupied(const char *name, unsigned ifindex, char why[FFPF_WHY_MAX])
{
	struct holder holder;

	if (!find_holder(ifindex, &holder))
		return false;
	explain_busy(name, &holder, why);
	return true;
}

/* ---- attaching ------------------------------------------------------------------------------- */

static bool occupied(int err)
{
	return err == -EBUSY || err == -EEXIST;
}

/* A link's descriptor, or -errno; waits for a link that is being taken down. */
static int create(int prog_fd, unsigned ifindex, enum ffpf_xdp_mode mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options, .flags = mode_flags[mode]);
	const struct timespec pause = {.tv_nsec = DYING_WAIT_NS};
	struct holder holder;
	int fd;

	for (unsigned i = 0;; i++) {
		fd = bpf_link_create(prog_fd, (int)ifindex, BPF_XDP, &options);
		if (!occupied(fd) || i == DYING_TRIES)
			return fd;
		if (find_holder(ifindex, &holder) && holder.name[0] && holder.link_id)
			return fd; /* alive: its link can still be opened */
		nanosleep(&pause, NULL);
	}
}

/* What an error number usually means here, for drivers that say nothing. */
static const char *likely(int err)
{
	switch (err) {
	case -EOPNOTSUPP:
		return "the driver has no XDP";
	case -EINVAL:
	case -ERANGE:
	case -E2BIG:
	case -EMSGSIZE:
		return "often an MTU that is too large, LRO, or too few queues";
	case -ENOMEM:
	case -ENOSPC:
		return "often too few queues or too little memory for them";
	case -EPERM:
	case -EACCES:
		return "needs CAP_NET_ADMIN, CAP_BPF and CAP_PERFMON; run as root";
	case -ENODEV:
	case -ENXIO:
		return "the device is gone";
	}
	return "";
}

/* "Operation not supported: Underlying driver …" */
static void describe(int prog_fd, unsigned ifindex, enum ffpf_xdp_mode mode, int err, char *out, size_t size)
{
	char reason[256] = "";

	if (err != -EPERM && err != -ENODEV)
		ffpf_link_xdp_reason(ifindex, prog_fd, mode_flags[mode], reason, sizeof(reason));
	if (!reason[0])
		snprintf(reason, sizeof(reason), "%s", likely(err));
	snprintf(out, size, "%s%s%s", strerror(-err), reason[0] ? ": " : "", reason);
}

/* No further mode can help. */
static bool hopeless(int err)
{
	return err == -EPERM || err == -EACCES || err == -ENODEV || err == -EBADF;
}

static int refuse(int prog_fd, const char *name, unsigned ifindex, enum ffpf_xdp_mode mode, int err,
		  char why[FFPF_WHY_MAX])
{
	struct ffpf_link link;
	struct holder holder;
	char text[384];

	/* bpf_link_create calls a device that is not there an invalid argument. */
	if (ffpf_link_get(ifindex, &link) == -ENODEV)
		err = -ENODEV;
	if (!occupied(err)) {
		describe(prog_fd, ifindex, mode, err, text, sizeof(text));
		snprintf(why, FFPF_WHY_MAX, "cannot attach to %s: %s", name, text);
		return err;
	}
	if (find_holder(ifindex, &holder))
		explain_busy(name, &holder, why);
	else
		snprintf(why, FFPF_WHY_MAX, "%s already runs an XDP program; see `ip link show %s`, `bpftool link`",
			 name, name);
	return -EBUSY;
}

int ffpf_xdp_attach(int prog_fd, const char *name, unsigned ifindex, struct ffpf_attachment *out,
		    char notice[FFPF_WHY_MAX], char why[FFPF_WHY_MAX])
{
	enum ffpf_xdp_mode mode = FFPF_XDP_DRIVER;
	char text[384];
	int fd;

	notice[0] = why[0] = '\0';
	fd = create(prog_fd, ifindex, mode);
	if (fd < 0 && !occupied(fd) && !hopeless(fd)) {
		describe(prog_fd, ifindex, mode, fd, text, sizeof(text));
		snprintf(notice, FFPF_WHY_MAX,
			 "%s: driver mode refused (%s); generic mode: sees super-packets after GRO", name, text);
		mode = FFPF_XDP_GENERIC;
		fd = create(prog_fd, ifindex, mode);
	}
	if (fd < 0) {
		notice[0] = '\0';
		return refuse(prog_fd, name, ifindex, mode, fd, why);
	}
	*out = (struct ffpf_attachment){.link_fd = fd, .ifindex = ifindex, .mode = mode};
	return 0;
}

void ffpf_xdp_detach(struct ffpf_attachment *attachment)
{
	if (attachment->link_fd >= 0)
		close(attachment->link_fd);
	attachment->link_fd = -1;
}

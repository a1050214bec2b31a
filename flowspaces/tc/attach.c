/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attaching programs to where packets of a device come in (ingress) and leave (egress). Others on the same hook are let
 * be: TCX has a list of programs, ours goes to its end; clsact has filters one after the other.
 */
#include <flowspaces/bpf/netlink.h>
#include <flowspaces/tc/tc.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* From linux/bpf.h, which is newer than many headers. */
#define TCX_INGRESS 46
#define TCX_EGRESS 47

static enum bpf_tc_attach_point point_of(enum ffpf_dir dir)
{
	return dir == FFPF_DIR_OUT ? BPF_TC_EGRESS : BPF_TC_INGRESS;
}

/* Removes the qdisc with its filters. */
static void remove_qdisc(unsigned ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	(void)bpf_tc_hook_destroy(&hook);
}

/* Both hooks: whoever looks at one now may have looked at the other before. */
static void clean(const char *name, unsigned ifindex, bool *ours, char notice[FFPF_WHY_MAX])
{
	unsigned n = ffpf_clsact_clean(ifindex, FFPF_DIR_IN, ours) + ffpf_clsact_clean(ifindex, FFPF_DIR_OUT, ours);

	if (n)
		snprintf(notice, FFPF_WHY_MAX,
			 "%s: removed %u filter%s of clsact that an ffpf which was killed had left", name, n,
			 n > 1 ? "s" : "");
}

static int attach_filter(int program_fd, unsigned ifindex, enum ffpf_dir dir, bool made, struct ffpf_attachment *out)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = point_of(dir));
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = program_fd, .handle = made ? FFPF_CLSACT_MADE : FFPF_CLSACT_FOUND);
	int claim = ffpf_clsact_claim(program_fd), err;

	if (claim < 0)
		return claim;
	err = bpf_tc_attach(&hook, &opts);
	if (err < 0) {
		close(claim);
		return err;
	}
	*out = (struct ffpf_attachment){.link_fd = claim,
					.ifindex = ifindex,
					.mode = FFPF_TC_CLSACT,
					.dir = dir,
					.handle = opts.handle,
					.priority = opts.priority};
	return 0;
}

static int attach_clsact(int program_fd, unsigned ifindex, enum ffpf_dir dir, bool ours, struct ffpf_attachment *out)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex, .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	libbpf_print_fn_t print = libbpf_set_print(NULL); /* it says so where the qdisc is there */
	int err = bpf_tc_hook_create(&hook);
	bool made = err == 0 || ours;

	libbpf_set_print(print);
	if (err && err != -EEXIST)
		return err;
	err = attach_filter(program_fd, ifindex, dir, made, out);
	if (err && made && !ffpf_clsact_filters(ifindex))
		remove_qdisc(ifindex);
	return err;
}

/* Does the kernel not know TCX? */
static bool without_links(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP;
}

int ffpf_tc_attach(int program_fd, const char *name, unsigned ifindex, enum ffpf_dir dir, bool clsact,
		   struct ffpf_attachment *out, char notice[FFPF_WHY_MAX], char why[FFPF_WHY_MAX])
{
	struct ffpf_link link;
	bool ours = false;
	int fd = -EINVAL, err;

	notice[0] = why[0] = '\0';
	err = ffpf_link_get(ifindex, &link);
	if (err) {
		snprintf(why, FFPF_WHY_MAX, "cannot attach to %s: the device is gone", name);
		return err;
	}
	clean(name, ifindex, &ours, notice);
	if (!clsact) {
		/* What was left may have been all that its qdisc was for. */
		if (ours && !ffpf_clsact_filters(ifindex))
			remove_qdisc(ifindex);
		fd = bpf_link_create(program_fd, (int)ifindex, dir == FFPF_DIR_OUT ? TCX_EGRESS : TCX_INGRESS, NULL);
		fd = fd < 0 ? -errno : fd;
	}
	if (fd >= 0) {
		*out = (struct ffpf_attachment){.link_fd = fd, .ifindex = ifindex, .mode = FFPF_TC_TCX, .dir = dir};
		return 0;
	}
	err = without_links(fd) ? attach_clsact(program_fd, ifindex, dir, ours, out) : fd;
	if (err)
		snprintf(why, FFPF_WHY_MAX, "cannot attach to tc %s of %s: %s%s",
			 dir == FFPF_DIR_OUT ? "egress" : "ingress", name, strerror(-err),
			 err == -ERANGE	 ? ": no room for another program on this hook"
			 : err == -EPERM ? ": needs CAP_NET_ADMIN and CAP_BPF; run as root"
					 : "");
	return err;
}

int ffpf_tc_exchange(struct ffpf_attachment *a, int program_fd)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)a->ifindex, .attach_point = point_of(a->dir));
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = program_fd, .handle = a->handle, .priority = a->priority,
		    .flags = BPF_TC_F_REPLACE);
	int claim, err;

	if (a->mode == FFPF_TC_TCX)
		return bpf_link_update(a->link_fd, program_fd, NULL) < 0 ? -errno : 0;
	claim = ffpf_clsact_claim(program_fd);
	if (claim < 0)
		return claim;
	err = bpf_tc_attach(&hook, &opts);
	if (err < 0) {
		close(claim);
		return err;
	}
	close(a->link_fd);
	a->link_fd = claim;
	return 0;
}

bool ffpf_tc_gone(const struct ffpf_attachment *a)
{
	struct bpf_link_info info = {0};
	uint32_t size = sizeof(info);
	struct ffpf_link link;

	if (a->mode == FFPF_TC_CLSACT)
		return ffpf_link_get(a->ifindex, &link) == -ENODEV;
	/* An interface number of 0; it stands where XDP links have theirs. */
	return bpf_obj_get_info_by_fd(a->link_fd, &info, &size) == 0 && !info.xdp.ifindex;
}

void ffpf_tc_detach(struct ffpf_attachment *a)
{
	if (a->link_fd < 0)
		return;
	if (a->mode == FFPF_TC_CLSACT) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)a->ifindex, .attach_point = point_of(a->dir));
		LIBBPF_OPTS(bpf_tc_opts, opts, .handle = a->handle, .priority = a->priority);
		libbpf_print_fn_t print = libbpf_set_print(NULL); /* a device that is gone took the filter along */

		(void)bpf_tc_detach(&hook, &opts);
		if (a->handle == FFPF_CLSACT_MADE && !ffpf_clsact_filters(a->ifindex))
			remove_qdisc(a->ifindex);
		libbpf_set_print(print);
	}
	close(a->link_fd);
	a->link_fd = -1;
}

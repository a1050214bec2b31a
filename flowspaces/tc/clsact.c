/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Filters of the qdisc clsact, for kernels without TCX. They stay where their process was killed: the next ffpf that
 * comes to the hook removes them (tc.h says how it knows).
 */
#include <flowspaces/bpf/netlink.h>
#include <flowspaces/tc/tc.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ANSWER_MAX 32768

/* ---- who lives ------------------------------------------------------------------------------- */

static int bind_name(uint32_t program)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int length = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1, "ffpf-tc-%u", program), err;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int number_of(int program_fd, uint32_t *number)
{
	struct bpf_prog_info info = {0};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program_fd, &info, &size) < 0)
		return -errno;
	*number = info.id;
	return 0;
}

int ffpf_clsact_claim(int program_fd)
{
	uint32_t number = 0;
	int err = number_of(program_fd, &number);

	return err ?: bind_name(number);
}

static bool is_dead(uint32_t program)
{
	int fd = bind_name(program);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* ---- what is on a hook ----------------------------------------------------------------------- */

struct filter {
	uint32_t handle, priority, program;
	char name[64];
};

static void read_options(const struct rtattr *options, struct filter *out)
{
	int left = (int)RTA_PAYLOAD(options);

	for (const struct rtattr *a = RTA_DATA(options); RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		if (a->rta_type == TCA_BPF_NAME)
			snprintf(out->name, sizeof(out->name), "%.*s", (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
		else if (a->rta_type == TCA_BPF_ID && RTA_PAYLOAD(a) >= sizeof(out->program))
			memcpy(&out->program, RTA_DATA(a), sizeof(out->program));
	}
}

/* Of any kind, though only eBPF's have a name and a program. False for what is no filter but stands before some. */
static bool read_filter(const struct nlmsghdr *header, struct filter *out)
{
	const struct tcmsg *t = NLMSG_DATA(header);
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*t)));

	*out = (struct filter){.handle = t->tcm_handle, .priority = t->tcm_info >> 16};
	for (const struct rtattr *a = TCA_RTA(t); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == TCA_OPTIONS)
			read_options(a, out);
	return t->tcm_handle != 0;
}

/* Calls see for each filter of a hook. 0 or -errno. */
static int each(unsigned ifindex, enum ffpf_dir dir, void (*see)(void *arg, const struct filter *filter), void *arg)
{
	FFPF_CLOSES int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr header;
		struct tcmsg t;
	} request = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)),
			   .nlmsg_type = RTM_GETTFILTER,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.t = {.tcm_ifindex = (int)ifindex,
		      .tcm_parent = TC_H_MAKE(TC_H_CLSACT, dir == FFPF_DIR_OUT ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS)},
	};
	_Alignas(struct nlmsghdr) char answer[ANSWER_MAX];

	if (fd < 0 || send(fd, &request, request.header.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t n = recv(fd, answer, sizeof(answer), 0);
		int left = (int)n;

		if (n < 0)
			return -errno;
		for (const struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, (unsigned)left); h = NLMSG_NEXT(h, left)) {
			struct filter filter;

			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR)
				return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (h->nlmsg_type == RTM_NEWTFILTER && read_filter(h, &filter))
				see(arg, &filter);
		}
	}
}

/* ---- what the dead left ---------------------------------------------------------------------- */

#define DEAD_MAX 64

struct cleaning {
	struct filter dead[DEAD_MAX];
	unsigned n;
	bool ours;
};

static void look(void *arg, const struct filter *filter)
{
	struct cleaning *c = arg;
	char name[sizeof(filter->name)];

	snprintf(name, sizeof(name), "ffpf:[%u]", filter->program);
	if (strcmp(filter->name, name) != 0 || !filter->program)
		return;
	c->ours |= filter->handle == FFPF_CLSACT_MADE;
	if (c->n < DEAD_MAX && is_dead(filter->program))
		c->dead[c->n++] = *filter;
}

unsigned ffpf_clsact_clean(unsigned ifindex, enum ffpf_dir dir, bool *ours)
{
	struct cleaning c = {.n = 0};
	unsigned removed = 0;

	(void)each(ifindex, dir, look, &c); /* without the qdisc there are none */
	*ours |= c.ours;
	for (unsigned i = 0; i < c.n; i++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = (int)ifindex,
			    .attach_point = dir == FFPF_DIR_OUT ? BPF_TC_EGRESS : BPF_TC_INGRESS);
		LIBBPF_OPTS(bpf_tc_opts, opts, .handle = c.dead[i].handle, .priority = c.dead[i].priority);

		/* Is it still the one that was looked at? */
		if (bpf_tc_query(&hook, &opts) < 0 || opts.prog_id != c.dead[i].program)
			continue;
		opts.prog_id = 0;
		opts.prog_fd = 0;
		opts.flags = 0;
		removed += bpf_tc_detach(&hook, &opts) == 0;
	}
	return removed;
}

static void count(void *arg, const struct filter *filter)
{
	++*(unsigned *)arg;
}

unsigned ffpf_clsact_filters(unsigned ifindex)
{
	unsigned n = 0;

	(void)each(ifindex, FFPF_DIR_IN, count, &n);
	(void)each(ifindex, FFPF_DIR_OUT, count, &n);
	return n;
}

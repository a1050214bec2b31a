/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Route netlink in two requests: RTM_GETLINK for what a device is, RTM_SETLINK with IFLA_XDP for the kernel's reason
 * when it refuses a program. One socket per request: neither is on a data path.
 */
#include <flowspaces/bpf/netlink.h>

#include <errno.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A device's description with its per-family attributes is some 2 kB; 32 kB is what the kernel never exceeds in one
 * message. */
#define ANSWER_MAX 32768

struct request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	char attributes[128];
};

/* Appends an attribute; returns it so that nested ones can grow it. The request has room for what this file sends. */
static struct rtattr *add(struct request *request, unsigned short type, const void *data, size_t len)
{
	struct rtattr *attribute = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(attribute), data, len);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	return attribute;
}

/* Sends the request; returns the bytes of the first answer, or -errno. */
static ssize_t ask(const struct request *request, char *answer)
{
	FFPF_CLOSES int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int one = 1;
	ssize_t n;

	if (fd < 0)
		return -errno;
	/* Without these two the kernel returns an error number and keeps the sentence to itself. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	if (send(fd, request, request->header.nlmsg_len, 0) < 0)
		return -errno;
	do {
		n = recv(fd, answer, ANSWER_MAX, 0);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void read_kind(const struct rtattr *info, struct ffpf_link *out)
{
	int left = (int)RTA_PAYLOAD(info);

	for (const struct rtattr *a = RTA_DATA(info); RTA_OK(a, left); a = RTA_NEXT(a, left))
		if (a->rta_type == IFLA_INFO_KIND)
			snprintf(out->kind, sizeof(out->kind), "%.*s", (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
}

static void read_overruns(const struct rtattr *a, struct ffpf_link *out)
{
	struct rtnl_link_stats64 stats = {0};
	size_t len = RTA_PAYLOAD(a);

	memcpy(&stats, RTA_DATA(a), len < sizeof(stats) ? len : sizeof(stats));
	out->dropped = stats.rx_dropped;
	out->overruns = stats.rx_missed_errors + stats.rx_fifo_errors + stats.rx_over_errors;
}

static void read_attribute(const struct rtattr *a, struct ffpf_link *out)
{
	switch (a->rta_type) {
	case IFLA_IFNAME:
		snprintf(out->name, sizeof(out->name), "%.*s", (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
		break;
	case IFLA_MTU:
		memcpy(&out->mtu, RTA_DATA(a), sizeof(out->mtu));
		break;
	case IFLA_LINK:
		memcpy(&out->peer, RTA_DATA(a), sizeof(out->peer));
		break;
	case IFLA_LINK_NETNSID:
		out->peer_elsewhere = true;
		break;
	case IFLA_LINKINFO:
		read_kind(a, out);
		break;
	case IFLA_STATS64:
		read_overruns(a, out);
		break;
	}
}

int ffpf_link_get(unsigned ifindex, struct ffpf_link *out)
{
	struct request request = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			   .nlmsg_type = RTM_GETLINK,
			   .nlmsg_flags = NLM_F_REQUEST},
		.link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex},
	};
	_Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
	const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
	struct ffpf_link link = {.ifindex = ifindex};
	ssize_t n = ask(&request, answer);
	int left;

	if (n < 0)
		return (int)n;
	if (!NLMSG_OK(header, (size_t)n))
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
	if (header->nlmsg_type != RTM_NEWLINK)
		return -EBADMSG;

	link.type = ((const struct ifinfomsg *)NLMSG_DATA(header))->ifi_type;
	link.up = ((const struct ifinfomsg *)NLMSG_DATA(header))->ifi_flags & IFF_UP;
	left = (int)IFLA_PAYLOAD(header);
	for (const struct rtattr *a = IFLA_RTA(NLMSG_DATA(header)); RTA_OK(a, left); a = RTA_NEXT(a, left))
		read_attribute(a, &link);
	if (link.peer == ifindex)
		link.peer = 0;
	*out = link;
	return 0;
}

/* Copies the extended acknowledgement's sentence; returns the error number of the answer (0: done). */
static int read_reason(const char *answer, ssize_t n, char *reason, size_t size)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
	const struct nlmsgerr *error;
	const struct rtattr *a;
	int left;

	if (n < 0 || !NLMSG_OK(header, (size_t)n) || header->nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	error = NLMSG_DATA(header);
	if (!(header->nlmsg_flags & NLM_F_ACK_TLVS))
		return error->error;
	/* NETLINK_CAP_ACK: of the request only its header is repeated, the attributes follow at once. */
	a = (const struct rtattr *)(error + 1);
	left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*error)));
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left))
		if ((a->rta_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			snprintf(reason, size, "%.*s", (int)RTA_PAYLOAD(a), (const char *)RTA_DATA(a));
	return error->error;
}

/* One RTM_SETLINK that sets the device's program. */
static int set_program(unsigned ifindex, int prog_fd, uint32_t flags, char *reason, size_t size)
{
	struct request request = {
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)),
			   .nlmsg_type = RTM_SETLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex},
	};
	_Alignas(struct nlmsghdr) char answer[ANSWER_MAX];
	struct rtattr *xdp = add(&request, IFLA_XDP | NLA_F_NESTED, NULL, 0);

	add(&request, IFLA_XDP_FD, &prog_fd, sizeof(prog_fd));
	add(&request, IFLA_XDP_FLAGS, &flags, sizeof(flags));
	xdp->rta_len = (unsigned short)((char *)&request + request.header.nlmsg_len - (char *)xdp);
	return read_reason(answer, ask(&request, answer), reason, size);
}

void ffpf_link_xdp_reason(unsigned ifindex, int prog_fd, uint32_t flags, char *reason, size_t size)
{
	char unused[8];

	reason[0] = '\0';
	if (set_program(ifindex, prog_fd, flags | XDP_FLAGS_UPDATE_IF_NOEXIST, reason, size) == 0) {
		(void)set_program(ifindex, -1, flags, unused, sizeof(unused));
		reason[0] = '\0';
	}
}

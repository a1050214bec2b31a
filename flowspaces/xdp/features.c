/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a driver declares about XDP, from the generic netlink family "netdev" (Linux 6.3): `explain` says with it which
 * packets a device will show, without privilege and without attaching a program to see.
 */
#include <flowspaces/bpf/netlink.h>
#include <flowspaces/xdp/attach.h>

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

/* From linux/netdev.h, which is newer than many headers. */
#define NETDEV_CMD_DEV_GET 1
#define NETDEV_A_DEV_IFINDEX 1
#define NETDEV_A_DEV_XDP_FEATURES 3
#define NETDEV_XDP_ACT_BASIC 1 /* driver mode, with the verdicts aborted, drop, pass and tx */

struct message {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	char attributes[4096];
};

/* Sends a command with one attribute; the answer replaces the message. Returns the bytes of its attributes or -errno.
 */
static int ask(int fd, struct message *message, uint16_t family, uint8_t command, uint16_t type, const void *data,
	       size_t len)
{
	const struct nlattr attribute = {.nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type};
	ssize_t n;

	*message = (struct message){
		.header = {.nlmsg_len = (uint32_t)(NLMSG_LENGTH(GENL_HDRLEN) + NLA_ALIGN(attribute.nla_len)),
			   .nlmsg_type = family,
			   .nlmsg_flags = NLM_F_REQUEST},
		.generic = {.cmd = command, .version = 1},
	};
	memcpy(message->attributes, &attribute, sizeof(attribute));
	memcpy(message->attributes + NLA_HDRLEN, data, len);
	if (send(fd, message, message->header.nlmsg_len, 0) < 0)
		return -errno;
	n = recv(fd, message, sizeof(*message), 0);
	if (n < 0)
		return -errno;
	if (!NLMSG_OK(&message->header, (size_t)n) || message->header.nlmsg_type == NLMSG_ERROR ||
	    message->header.nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return -EOPNOTSUPP;
	return (int)(message->header.nlmsg_len - NLMSG_LENGTH(GENL_HDRLEN));
}

/* Copies an attribute of the answer; returns whether it is there and large enough. */
static bool find(const struct message *message, int bytes, uint16_t type, void *out, size_t size)
{
	struct nlattr attribute;

	for (int at = 0; at + NLA_HDRLEN <= bytes; at += NLA_ALIGN(attribute.nla_len)) {
		memcpy(&attribute, message->attributes + at, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || at + attribute.nla_len > bytes)
			return false;
		if ((attribute.nla_type & NLA_TYPE_MASK) == type && attribute.nla_len >= NLA_HDRLEN + size) {
			memcpy(out, message->attributes + at + NLA_HDRLEN, size);
			return true;
		}
	}
	return false;
}

int ffpf_xdp_expected_mode(unsigned ifindex)
{
	FFPF_CLOSES int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	struct message message;
	uint64_t features;
	uint16_t family;
	int bytes;

	if (fd < 0)
		return -EOPNOTSUPP;
	bytes = ask(fd, &message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, "netdev", sizeof("netdev"));
	if (bytes < 0 || !find(&message, bytes, CTRL_ATTR_FAMILY_ID, &family, sizeof(family)))
		return -EOPNOTSUPP;
	bytes = ask(fd, &message, family, NETDEV_CMD_DEV_GET, NETDEV_A_DEV_IFINDEX, &(uint32_t){ifindex},
		    sizeof(uint32_t));
	if (bytes < 0 || !find(&message, bytes, NETDEV_A_DEV_XDP_FEATURES, &features, sizeof(features)))
		return -EOPNOTSUPP;
	return features & NETDEV_XDP_ACT_BASIC ? FFPF_XDP_DRIVER : FFPF_XDP_GENERIC;
}

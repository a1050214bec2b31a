/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The XDP features that a driver declares, from the generic netlink family "netdev" (Linux 6.3 and newer). Asking is
 * free of side effects, unlike attaching a program to see.
 */
#include "doctor.h"
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From the kernel's linux/netdev.h, which distributions of our time do not ship. */
#define DEV_GET 1
#define ATTRIBUTE_IFINDEX 1
#define ATTRIBUTE_XDP_FEATURES 3

struct message {
	struct nlmsghdr header;
	struct genlmsghdr generic;
	char attributes[8192];
};

static void add_attribute(struct message *message, unsigned short type, const void *data, size_t size)
{
	struct nlattr attribute = {.nla_len = (unsigned short)(NLA_HDRLEN + size), .nla_type = type};
	char *at = (char *)message + NLMSG_ALIGN(message->header.nlmsg_len);

	memcpy(at, &attribute, sizeof(attribute));
	memcpy(at + NLA_HDRLEN, data, size);
	message->header.nlmsg_len += (unsigned)NLA_ALIGN(attribute.nla_len);
}

/* Sends a request with one attribute and reads the answer into the same message. 0 or -errno. */
static int ask(int fd, struct message *message, unsigned short family, unsigned char command, unsigned short type,
	       const void *data, size_t size)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t got;
	int error;

	*message = (struct message){
		.header = {.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN), .nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST},
		.generic = {.cmd = command, .version = 1},
	};
	add_attribute(message, type, data, size);
	if (sendto(fd, message, message->header.nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	got = recv(fd, message, sizeof(*message), 0);
	if (got < 0)
		return -errno;
	if (!NLMSG_OK(&message->header, (unsigned)got))
		return -EBADMSG;
	if (message->header.nlmsg_type == NLMSG_ERROR) {
		memcpy(&error, &message->generic, sizeof(error));
		return error ? error : -ENOMSG;
	}
	return 0;
}

/* Copies attribute `type` of an answer. 0, or -ENOENT. */
static int get_attribute(const struct message *message, unsigned short type, void *data, size_t size)
{
	const char *at = (const char *)message + NLMSG_LENGTH(GENL_HDRLEN);
	const char *end = (const char *)message + message->header.nlmsg_len;
	struct nlattr attribute;

	for (; at + NLA_HDRLEN <= end; at += NLA_ALIGN(attribute.nla_len)) {
		memcpy(&attribute, at, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || at + attribute.nla_len > end)
			break;
		if ((attribute.nla_type & NLA_TYPE_MASK) != type || attribute.nla_len < NLA_HDRLEN + size)
			continue;
		memcpy(data, at + NLA_HDRLEN, size);
		return 0;
	}
	return -ENOENT;
}

int netdev_xdp_features(unsigned index, uint64_t *features)
{
	static const char name[] = "netdev";
	struct timeval patience = {.tv_sec = 1};
	unsigned short family = 0;
	struct message message;
	uint32_t ifindex = index;
	uint64_t got;
	int fd, error;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	error = ask(fd, &message, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, name, sizeof(name));
	if (!error)
		error = get_attribute(&message, CTRL_ATTR_FAMILY_ID, &family, sizeof(family));
	if (error) {
		close(fd);
		return error == -ENOENT ? -EOPNOTSUPP : error;
	}
	error = ask(fd, &message, family, DEV_GET, ATTRIBUTE_IFINDEX, &ifindex, sizeof(ifindex));
	if (!error)
		error = get_attribute(&message, ATTRIBUTE_XDP_FEATURES, &got, sizeof(got));
	close(fd);
	if (!error)
		*features = got;
	return error;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket. It is looked at by the loop of the run, which wakes up many times a second anyway: no thread of
 * its own, no lock, and the threads of the data path know nothing of it.
 *
 * Who runs as the same user, or as root, may connect; the socket's mode says so, and the kernel's word on who
 * connected. A client gets an answer before its next request is read, so what is kept for it is bounded; one that is
 * silent, or does not take its answer, is let go after a while.
 */
#include "cli.h"
#include "control.h"
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MOST 8
#define SILENT_S 60 /* a client may be */
#define STUCK_S 10  /* an answer may be, until it is given up */
#define LEAVING_S                                                                                                      \
	2	    /* what a client still sends is taken and thrown away so long: else it might miss its last answer  \
		     */
#define MORE_MS 20  /* the next request is waited for after an answer */
#define SERVE_S 0.1 /* at once */

struct client {
	int fd;
	struct control_lines in;
	char *out; /* the answer that is being sent; NULL: none */
	size_t out_size, out_sent;
	struct control_copy copy;
	double since; /* something moved */
	bool last;    /* this answer is the last one */
	bool leaving; /* it is sent */
};

struct control {
	char *path;
	int fd;
	dev_t device; /* of the socket in the file system */
	ino_t inode;
	struct client *clients[CLIENTS_MOST];
	size_t n_clients;
	bool stop;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the socket */

/* Takes away what is left of a run that was killed: a socket at which nobody listens. EXIT_DONE: the path is free. */
static int make_room(const char *path, const struct sockaddr_un *address)
{
	struct stat st;
	int fd, error;

	if (lstat(path, &st) < 0) {
		if (errno == ENOENT)
			return EXIT_DONE;
		complain("--control %s: %s", path, strerror(errno));
		return request_status(-errno);
	}
	if (!S_ISSOCK(st.st_mode)) {
		complain("--control %s: there is something that is not a socket", path);
		return EXIT_REQUEST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	error = fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (error != ECONNREFUSED) {
		complain("--control %s: %s", path,
			 !error || error == EAGAIN ? "another process listens there" : strerror(error));
		return error == EACCES || error == EPERM ? EXIT_MISSING : EXIT_FAILED;
	}
	/* A link put there meanwhile would be taken away itself, not what it leads to. */
	if (unlink(path) < 0 && errno != ENOENT) {
		complain("--control %s: what another run left there can't be removed: %s", path, strerror(errno));
		return request_status(-errno);
	}
	return EXIT_DONE;
}

static int listen_at(struct control *c, const struct sockaddr_un *address)
{
	struct stat st;

	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* The mode is set before there is a name: at no time may others connect. */
	if (c->fd < 0 || fchmod(c->fd, 0600) < 0 || bind(c->fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
		return -errno;
	if (lstat(c->path, &st) < 0)
		return -errno;
	c->device = st.st_dev;
	c->inode = st.st_ino;
	return listen(c->fd, CLIENTS_MOST) < 0 ? -errno : 0;
}

int control_open(const char *path, struct control **out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int status, error;

	if (!*path || strlen(path) >= sizeof(address.sun_path)) {
		complain("--control %s: the path of a socket has 1 to %zu bytes", path, sizeof(address.sun_path) - 1);
		return EXIT_REQUEST;
	}
	strcpy(address.sun_path, path);
	status = make_room(path, &address);
	if (status)
		return status;
	struct control *c = calloc(1, sizeof(*c));
	if (!c || !(c->path = strdup(path))) {
		free(c);
		complain("out of memory");
		return EXIT_FAILED;
	}
	c->fd = -1;
	error = listen_at(c, &address);
	if (error) {
		complain("--control %s: %s", path, strerror(-error));
		control_close(c);
		return request_status(error);
	}
	*out = c;
	return EXIT_DONE;
}

/* ---- clients */

static void drop(struct control *c, size_t i)
{
	control_copy_drop(&c->clients[i]->copy);
	close(c->clients[i]->fd);
	free(c->clients[i]->out);
	free(c->clients[i]);
	c->clients[i] = c->clients[--c->n_clients];
}

void control_close(struct control *c)
{
	struct stat st;

	if (!c)
		return;
	while (c->n_clients)
		drop(c, 0);
	if (c->inode && !lstat(c->path, &st) && st.st_dev == c->device && st.st_ino == c->inode)
		unlink(c->path);
	if (c->fd >= 0)
		close(c->fd);
	free(c->path);
	free(c);
}

static void answer_with(struct client *client, json_t *answer)
{
	char *text = answer ? json_dumps(answer, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
	size_t size = text ? strlen(text) : 0;

	json_decref(answer);
	if (text) {
		client->out = text;
		client->out_size = size + 1;
		client->out_sent = 0;
		text[size] = '\n'; /* instead of the NUL: lengths count from here on */
	} else {
		client->last = true; /* out of memory: the end of the connection says so */
	}
}

static bool permitted(int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && (who.uid == 0 || who.uid == geteuid());
}

static void accept_client(struct control *c)
{
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client = fd >= 0 ? calloc(1, sizeof(*client)) : NULL;

	if (!client) {
		if (fd >= 0)
			close(fd);
		return;
	}
	client->fd = fd;
	client->since = now();
	if (!permitted(fd)) {
		answer_with(client, control_refusal("another user's run", EXIT_MISSING));
		client->last = true;
	}
	c->clients[c->n_clients++] = client;
}

static void handle_line(struct control *c, struct client *client, struct ffpf *h, const char *line, size_t len)
{
	struct control_request request;
	char why[256];

	if (!control_parse(line, len, &request, why, sizeof(why))) {
		answer_with(client, control_refusal(why, EXIT_REQUEST));
		return;
	}
	answer_with(client, control_answer(h, &request, &client->copy, &c->stop));
	control_request_free(&request);
}

/* False: the client has closed, too. */
static bool discard(struct client *client)
{
	char bytes[4096];
	ssize_t got = recv(client->fd, bytes, sizeof(bytes), 0);

	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Takes what has come, and answers a request if one is whole. False: the client is gone. */
static bool receive(struct control *c, struct client *client, struct ffpf *h)
{
	size_t room, len;
	char *to = control_lines_room(&client->in, &room);
	ssize_t got = room ? recv(client->fd, to, room, 0) : 0;
	const char *line;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (!got && room)
		return false;
	control_lines_add(&client->in, (size_t)got);
	client->since = now();
	line = control_lines_next(&client->in, &len);
	if (line) {
		handle_line(c, client, h, line, len);
	} else if (!room) {
		answer_with(client, control_refusal("the request is too long", EXIT_REQUEST));
		client->last = true;
	}
	return true;
}

/* False: the client is done with, or gone. */
static bool transmit(struct control *c, struct client *client, struct ffpf *h)
{
	ssize_t sent =
		send(client->fd, client->out + client->out_sent, client->out_size - client->out_sent, MSG_NOSIGNAL);
	const char *line;
	size_t len;

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	client->since = now();
	client->out_sent += (size_t)sent;
	if (client->out_sent < client->out_size)
		return true;
	free(client->out);
	client->out = NULL;
	if (client->last) {
		client->leaving = true;
		return shutdown(client->fd, SHUT_WR) == 0;
	}
	line = control_lines_next(&client->in, &len); /* the next may be here already */
	if (line)
		handle_line(c, client, h, line, len);
	return true;
}

/* One look at all sockets. Returns whether anything moved. */
static bool look(struct control *c, struct ffpf *h, int wait_ms)
{
	struct pollfd polls[CLIENTS_MOST + 1];
	bool room = c->n_clients < CLIENTS_MOST;
	size_t n = c->n_clients;
	double time = now();

	for (size_t i = 0; i < n; i++)
		polls[i] = (struct pollfd){c->clients[i]->fd, c->clients[i]->out ? POLLOUT : POLLIN, 0};
	polls[n] = (struct pollfd){c->fd, POLLIN, 0};
	bool moved = poll(polls, n + room, wait_ms) > 0;
	for (size_t i = n; i-- > 0;) { /* backwards: dropping one moves the last into its place */
		struct client *client = c->clients[i];
		bool stays = true;

		if (moved && polls[i].revents)
			stays = client->out	  ? transmit(c, client, h)
				: client->leaving ? discard(client)
						  : receive(c, client, h);
		if (!stays || (client->last && !client->out && !client->leaving) ||
		    time - client->since > (client->out	      ? STUCK_S
					    : client->leaving ? LEAVING_S
							      : SILENT_S))
			drop(c, i);
	}
	if (moved && room && polls[n].revents)
		accept_client(c);
	return moved;
}

bool control_serve(struct control *c, struct ffpf *h)
{
	double end;

	if (!c)
		return false;
	end = now() + SERVE_S;
	/* Who got an answer often asks at once for more. */
	for (int wait = 0; look(c, h, wait) && now() < end; wait = MORE_MS)
		;
	return c->stop;
}

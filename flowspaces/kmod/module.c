/* SPDX-License-Identifier: BSD-2-Clause */
/* See module.h. */
#include <flowspaces/kmod/module.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* Of a class's parameters and cells. */
#define CLASS_VERSION 1
#define ASK_AGAIN_NS 1000000000ull

#define BEGIN(type)                                                                                                    \
	{                                                                                                              \
		.size = sizeof(struct type), .abi = FFPF_KMOD_ABI                                                      \
	}

/* ---- is it there? ---------------------------------------------------------------------------- */

/* What was found when it was last looked for; each thread looks for itself. */
static __thread struct {
	uint64_t asked_ns; /* 0: never */
	const char *absent;
	unsigned n_classes;
	char classes[64][FFPF_KMOD_NAME];
} found;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const char *why_not(int err)
{
	switch (err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "the kernel module is not loaded (modprobe ffpf)";
	case EACCES:
	case EPERM:
		return "the kernel module may be used by root only (CAP_NET_ADMIN and CAP_BPF)";
	case EPROTO:
	case ENOTTY:
		return "the kernel module that is loaded is of another version";
	default:
		return "the kernel module can't be opened";
	}
}

static void list_classes(int fd, unsigned n)
{
	for (unsigned i = 0; i < n && found.n_classes < sizeof(found.classes) / sizeof(found.classes[0]); i++) {
		struct ffpf_kmod_class class = BEGIN(ffpf_kmod_class);

		class.index = i;
		if (ioctl(fd, FFPF_KMOD_IOC_CLASS, &class) < 0)
			return;
		if (class.version != CLASS_VERSION)
			continue;
		class.name[FFPF_KMOD_NAME - 1] = '\0';
		memcpy(found.classes[found.n_classes++], class.name, FFPF_KMOD_NAME);
	}
}

static void look(void)
{
	struct ffpf_kmod_version version = BEGIN(ffpf_kmod_version);
	int fd;

	if (found.asked_ns && now_ns() - found.asked_ns < ASK_AGAIN_NS)
		return;
	found.asked_ns = now_ns();
	found.n_classes = 0;
	found.absent = NULL;
	fd = open(FFPF_KMOD_DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		found.absent = why_not(errno);
		return;
	}
	if (ioctl(fd, FFPF_KMOD_IOC_VERSION, &version) < 0)
		found.absent = why_not(errno);
	else if (version.abi != FFPF_KMOD_ABI)
		found.absent = why_not(EPROTO);
	else
		list_classes(fd, version.n_classes);
	close(fd);
}

const char *ffpf_kmod_absent(void)
{
	look();
	return found.absent;
}

bool ffpf_kmod_has(const char *class)
{
	look();
	for (unsigned i = 0; i < found.n_classes; i++)
		if (!strcmp(found.classes[i], class))
			return true;
	return false;
}

/* ---- an instance ----------------------------------------------------------------------------- */

int ffpf_kmod_call(const struct ffpf_kmod *module, unsigned long request, void *argument, const char *what,
		   char why[FFPF_WHY_MAX])
{
	int err;

	if (ioctl(module->fd, request, argument) >= 0)
		return 0;
	err = errno;
	snprintf(why, FFPF_WHY_MAX, "the kernel module: %s: %s", what, strerror(err));
	return -err;
}

int ffpf_kmod_open(struct ffpf_kmod *module, char why[FFPF_WHY_MAX])
{
	struct ffpf_kmod_version version = BEGIN(ffpf_kmod_version);
	int err;

	*module = (struct ffpf_kmod){.fd = open(FFPF_KMOD_DEVICE, O_RDWR | O_CLOEXEC)};
	if (module->fd < 0) {
		err = errno;
		snprintf(why, FFPF_WHY_MAX, "%s", why_not(err));
		return -err;
	}
	err = ffpf_kmod_call(module, FFPF_KMOD_IOC_VERSION, &version, "asking for its version", why);
	if (!err && version.abi != FFPF_KMOD_ABI) {
		snprintf(why, FFPF_WHY_MAX, "%s", why_not(EPROTO));
		err = -EPROTO;
	}
	module->n_cpus = version.n_cpus;
	return err;
}

static void *map(const struct ffpf_kmod *module, size_t bytes, int protection, uint64_t offset, const char *what,
		 char why[FFPF_WHY_MAX])
{
	void *memory = mmap(NULL, bytes, protection, MAP_SHARED, module->fd, (off_t)offset);

	if (memory != MAP_FAILED)
		return memory;
	snprintf(why, FFPF_WHY_MAX, "the kernel module: mapping %s: %s", what, strerror(errno));
	return NULL;
}

/* Each CPU's rings lie apart in the file; here they stand one behind the other. */
static int map_rings(struct ffpf_kmod *module, char why[FFPF_WHY_MAX])
{
	const struct ffpf_kmod_create *made = &module->made;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	module->rings_bytes = (size_t)made->rings_stride * module->n_cpus;
	module->rings = mmap(NULL, module->rings_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (module->rings == MAP_FAILED) {
		module->rings = NULL;
		snprintf(why, FFPF_WHY_MAX, "the kernel module: no room for its rings: %s", strerror(errno));
		return -ENOMEM;
	}
	for (unsigned i = 0; i < module->n_cpus; i++)
		if (mmap(module->rings + (size_t)i * made->rings_stride, made->rings_bytes, PROT_READ,
			 MAP_SHARED | MAP_FIXED, module->fd,
			 (off_t)(made->rings_offset + i * made->rings_stride)) == MAP_FAILED) {
			snprintf(why, FFPF_WHY_MAX, "the kernel module: mapping its rings: %s", strerror(errno));
			return -ENOMEM;
		}
	module->pages_bytes = page * module->n_cpus;
	module->pages = map(module, module->pages_bytes, PROT_READ | PROT_WRITE, made->readers_offset,
			    "the readers' pages", why);
	return module->pages ? 0 : -ENOMEM;
}

static int make_bells(struct ffpf_kmod *module, unsigned n, char why[FFPF_WHY_MAX])
{
	module->bells = calloc(n, sizeof(*module->bells));
	if (!module->bells)
		return -ENOMEM;
	for (; module->n_bells < n; module->n_bells++) {
		module->bells[module->n_bells] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (module->bells[module->n_bells] < 0) {
			snprintf(why, FFPF_WHY_MAX, "a doorbell: %s", strerror(errno));
			return -errno;
		}
	}
	for (unsigned i = 0; i < module->n_cpus; i++) {
		struct ffpf_kmod_bell bell = BEGIN(ffpf_kmod_bell);
		int err;

		bell.cpu = i;
		bell.fd = module->bells[i % n];
		err = ffpf_kmod_call(module, FFPF_KMOD_IOC_BELL, &bell, "hanging up a doorbell", why);
		if (err)
			return err;
	}
	return 0;
}

int ffpf_kmod_create(struct ffpf_kmod *module, const struct ffpf_kmod_create *wanted, unsigned n_bells,
		     char why[FFPF_WHY_MAX])
{
	int err;

	module->made = *wanted;
	module->made.size = sizeof(module->made);
	module->made.abi = FFPF_KMOD_ABI;
	module->n_inflows = wanted->n_inflows;
	err = ffpf_kmod_call(module, FFPF_KMOD_IOC_CREATE, &module->made, "making its buffers", why);
	if (!err && wanted->n_inflows)
		err = map_rings(module, why);
	if (!err && wanted->n_inflows)
		err = make_bells(module, n_bells, why);
	return err;
}

void ffpf_kmod_bell_clear(void *arg, unsigned ring)
{
	const struct ffpf_kmod *module = arg;
	uint64_t rung;

	/* Nothing there: somebody else's turn. */
	while (read(module->bells[ring % module->n_bells], &rung, sizeof(rung)) < 0 && errno == EINTR)
		;
}

bool ffpf_kmod_status(const struct ffpf_kmod *module, uint32_t source, struct ffpf_kmod_status *out)
{
	*out = (struct ffpf_kmod_status)BEGIN(ffpf_kmod_status);
	out->source = source;
	return module->fd >= 0 && ioctl(module->fd, FFPF_KMOD_IOC_STATUS, out) >= 0;
}

int ffpf_kmod_start(struct ffpf_kmod *module, char why[FFPF_WHY_MAX])
{
	struct ffpf_kmod_plain plain = BEGIN(ffpf_kmod_plain);
	struct ffpf_kmod_status status;
	int err = ffpf_kmod_call(module, FFPF_KMOD_IOC_START, &plain, "starting", why);

	if (err || !ffpf_kmod_status(module, 0, &status) || !status.mbuf_bytes)
		return err;
	module->mbuf = map(module, status.mbuf_bytes, PROT_READ, module->made.mbuf_offset, "its functions' state", why);
	module->mbuf_bytes = status.mbuf_bytes;
	module->mbuf_stride = status.mbuf_stride;
	return module->mbuf ? 0 : -ENOMEM;
}

void ffpf_kmod_stop(struct ffpf_kmod *module)
{
	struct ffpf_kmod_plain plain = BEGIN(ffpf_kmod_plain);

	if (module->fd >= 0)
		(void)ioctl(module->fd, FFPF_KMOD_IOC_STOP, &plain);
}

void ffpf_kmod_close(struct ffpf_kmod *module)
{
	if (module->rings)
		munmap(module->rings, module->rings_bytes);
	if (module->pages)
		munmap(module->pages, module->pages_bytes);
	if (module->mbuf)
		munmap((void *)module->mbuf, module->mbuf_bytes);
	for (unsigned i = 0; i < module->n_bells; i++)
		close(module->bells[i]);
	free(module->bells);
	if (module->fd >= 0)
		close(module->fd);
	*module = (struct ffpf_kmod){.fd = -1};
}

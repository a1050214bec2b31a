/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel: its version, what this process may do, and the settings that matter to eBPF.
 */
#include "doctor.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define KERNEL(major, minor) ((major)*1000 + (minor))
static const char topic[] = "kernel";

static int kernel_version(struct utsname *name)
{
	int major = 0, minor = 0;

	uname(name);
	sscanf(name->release, "%d.%d", &major, &minor);
	return KERNEL(major, minor);
}

static void version(struct doctor *doctor)
{
	struct utsname name;
	int number = kernel_version(&name);

	if (number < KERNEL(5, 9)) {
		finding(doctor, LEVEL_MISSING, topic, "version",
			"%s: no XDP links, which detach with the process that holds them", name.release);
		advise(doctor, "run Linux 5.9 or newer; 6.6 has all that ffpf uses");
	} else if (number < KERNEL(5, 18)) {
		finding(doctor, LEVEL_WARNING, topic, "version",
			"%s: no XDP on packets of several buffers (large MTUs)", name.release);
		advise(doctor, "run Linux 6.6 or newer");
	} else if (number < KERNEL(6, 3)) {
		finding(doctor, LEVEL_NOTE, topic, "version",
			"%s: drivers do not say whether they have XDP; only attaching tells", name.release);
		advise(doctor, "run Linux 6.6 or newer");
	} else {
		finding(doctor, LEVEL_OK, topic, "version", "%s", name.release);
	}
}

unsigned doctor_capabilities(void)
{
	enum { NET_ADMIN = 12, SYS_ADMIN = 21, PERFMON = 38, BPF = 39 };
	unsigned long long effective = 0;
	FILE *in = fopen("/proc/self/status", "re");
	unsigned caps = 0;
	char line[256];

	while (in && fgets(line, sizeof(line), in))
		sscanf(line, "CapEff: %llx", &effective);
	if (in)
		fclose(in);
	if (effective >> NET_ADMIN & 1)
		caps |= CAPS_NET_ADMIN;
	if ((effective >> BPF & 1) || (effective >> SYS_ADMIN & 1))
		caps |= CAPS_BPF;
	if ((effective >> PERFMON & 1) || (effective >> SYS_ADMIN & 1))
		caps |= CAPS_PERFMON;
	return caps;
}

static void privileges(struct doctor *doctor)
{
	unsigned caps = doctor_capabilities();
	char lacking[64];

	snprintf(lacking, sizeof(lacking), "%s%s%s", caps & CAPS_BPF ? "" : " CAP_BPF",
		 caps & CAPS_NET_ADMIN ? "" : " CAP_NET_ADMIN", caps & CAPS_PERFMON ? "" : " CAP_PERFMON");
	if (!*lacking) {
		finding(doctor, LEVEL_OK, topic, "privileges", "uid %u with CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON",
			(unsigned)geteuid());
		return;
	}
	/* Without PERFMON programs load, but the verifier is stricter with them. */
	finding(doctor,
		(caps & (CAPS_BPF | CAPS_NET_ADMIN)) == (CAPS_BPF | CAPS_NET_ADMIN) ? LEVEL_WARNING : LEVEL_MISSING,
		topic, "privileges", "uid %u lacks%s; savefiles work, devices do not", (unsigned)geteuid(), lacking);
	advise(doctor, "sudo ffpf …, or: setcap cap_bpf,cap_net_admin,cap_perfmon+ep \"$(command -v ffpf)\"");
}

static void settings(struct doctor *doctor)
{
	long long jit = read_integer(-1, "/proc/sys/net/core/bpf_jit_enable"),
		  harden = read_integer(0, "/proc/sys/net/core/bpf_jit_harden");
	long long unprivileged = read_integer(-1, "/proc/sys/kernel/unprivileged_bpf_disabled");

	if (jit == 0) {
		finding(doctor, LEVEL_WARNING, topic, "JIT", "off: eBPF is interpreted, ten times slower or more");
		advise(doctor, "sysctl -w net.core.bpf_jit_enable=1");
	} else if (jit < 0) {
		finding(doctor, LEVEL_NOTE, topic, "JIT",
			"net.core.bpf_jit_enable can't be read; most kernels have it on for good");
	} else {
		finding(doctor, LEVEL_OK, topic, "JIT", "on%s", jit == 2 ? ", with debug output" : "");
	}
	if (harden == 2 || (harden == 1 && !(doctor_capabilities() & CAPS_BPF))) {
		finding(doctor, LEVEL_NOTE, topic, "JIT hardening", "on: constants are blinded, programs are slower");
		advise(doctor, "sysctl -w net.core.bpf_jit_harden=0, where nobody untrusted loads programs");
	}
	if (read_integer(0, "/proc/sys/kernel/bpf_stats_enabled") == 1) {
		finding(doctor, LEVEL_WARNING, topic, "statistics",
			"kernel.bpf_stats_enabled: each program run is timed, which slows it");
		advise(doctor, "sysctl -w kernel.bpf_stats_enabled=0");
	}
	if (unprivileged >= 0)
		finding(doctor, LEVEL_OK, topic, "unprivileged",
			"users without privileges may %sload eBPF (kernel.unprivileged_bpf_disabled=%lld)",
			unprivileged ? "not " : "", unprivileged);
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		finding(doctor, LEVEL_NOTE, topic, "BTF", "the kernel has none; ffpf does not need it, other tools do");
	else
		finding(doctor, LEVEL_OK, topic, "BTF", "/sys/kernel/btf/vmlinux");
}

static void memlock(struct doctor *doctor)
{
	struct utsname name;
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return;
	if (limit.rlim_cur == RLIM_INFINITY)
		finding(doctor, LEVEL_OK, topic, "locked memory", "unlimited");
	else if (kernel_version(&name) >= KERNEL(5, 11))
		finding(doctor, LEVEL_OK, topic, "locked memory",
			"%llu kB; this kernel does not count eBPF buffers in it",
			(unsigned long long)limit.rlim_cur >> 10);
	else {
		finding(doctor, LEVEL_WARNING, topic, "locked memory", "%llu kB: too little for buffers on this kernel",
			(unsigned long long)limit.rlim_cur >> 10);
		advise(doctor, "ulimit -l unlimited");
	}
}

static void processors(struct doctor *doctor)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	finding(doctor, LEVEL_OK, topic, "processors", "%ld online", n);
	if (n == 1) {
		finding(doctor, LEVEL_NOTE, topic, "processors",
			"with one processor, readers compete with the kernel's receive path");
		advise(doctor, "a larger --buffer absorbs bursts");
	}
}

void doctor_kernel(struct doctor *doctor)
{
	version(doctor);
	privileges(doctor);
	settings(doctor);
	memlock(doctor);
	processors(doctor);
}

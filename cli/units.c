/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers for people: three digits and a unit. Exact numbers are for --json,
 * and for counts of packets, which people compare.
 */
#include "cli.h"
#include <inttypes.h>
#include <math.h>
#include <time.h>

/* n in powers of 1000 with the prefix between number and unit; space separates them where the unit wants it. */
static char *scaled(char *buffer, double n, const char *space, const char *unit)
{
	static const char prefixes[][2] = {"", "k", "M", "G", "T", "P", "E"};
	size_t k = 0;
	double size = fabs(n);

	/* 999.5 would print as 1000. */
	while (size >= 999.5 && k + 1 < sizeof(prefixes) / sizeof(*prefixes)) {
		size /= 1000;
		n /= 1000;
		k++;
	}
	if (size >= 99.95 || (k == 0 && n == floor(n)))
		snprintf(buffer, UNIT_SIZE, "%.0f%s%s%s", n, space, prefixes[k], unit);
	else if (size >= 9.995)
		snprintf(buffer, UNIT_SIZE, "%.1f%s%s%s", n, space, prefixes[k], unit);
	else
		snprintf(buffer, UNIT_SIZE, "%.2f%s%s%s", n, space, prefixes[k], unit);
	return buffer;
}

char *human_count(char buffer[static UNIT_SIZE], double n, const char *unit)
{
	return scaled(buffer, n, *unit ? " " : "", unit);
}

char *human_bytes(char buffer[static UNIT_SIZE], double bytes)
{
	return scaled(buffer, bytes, " ", "B");
}

char *human_time(char buffer[static UNIT_SIZE], double seconds)
{
	unsigned long s = (unsigned long)seconds;

	if (seconds == 0)
		snprintf(buffer, UNIT_SIZE, "0 s");
	else if (seconds < 1e-6)
		snprintf(buffer, UNIT_SIZE, "%.0f ns", seconds * 1e9);
	else if (seconds < 1e-3)
		snprintf(buffer, UNIT_SIZE, "%.3g us", seconds * 1e6);
	else if (seconds < 1)
		snprintf(buffer, UNIT_SIZE, "%.3g ms", seconds * 1e3);
	else if (seconds < 60)
		snprintf(buffer, UNIT_SIZE, "%.2f s", seconds);
	else if (seconds < 3600)
		snprintf(buffer, UNIT_SIZE, "%lu:%02lu", s / 60, s % 60);
	else
		snprintf(buffer, UNIT_SIZE, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	return buffer;
}

char *human_moment(char buffer[static UNIT_SIZE], uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm;

	if (!ns || !localtime_r(&seconds, &tm))
		snprintf(buffer, UNIT_SIZE, "-");
	else
		snprintf(buffer, UNIT_SIZE, "%02d:%02d:%02d.%06u", tm.tm_hour, tm.tm_min, tm.tm_sec,
			 (unsigned)(ns % 1000000000 / 1000));
	return buffer;
}

char *human_value(char buffer[static UNIT_SIZE], double n, enum ffpf_unit unit)
{
	if (!isfinite(n)) {
		snprintf(buffer, UNIT_SIZE, "-");
		return buffer;
	}
	switch (unit) {
	case FFPF_UNIT_NS:
		return human_time(buffer, n / 1e9);
	case FFPF_UNIT_TIME:
		return human_moment(buffer, (uint64_t)n);
	case FFPF_UNIT_PPS:
		return human_count(buffer, n, "packet/s");
	case FFPF_UNIT_BPS:
		return human_count(buffer, n, "bit/s");
	default:
		/* Whole numbers in full, up to where a double can tell them apart. */
		snprintf(buffer, UNIT_SIZE, n == floor(n) && fabs(n) < 1e15 ? "%.0f" : "%.6g", n);
		return buffer;
	}
}

const char *unit_name(enum ffpf_unit unit)
{
	switch (unit) {
	case FFPF_UNIT_PACKETS:
		return "packets";
	case FFPF_UNIT_BYTES:
		return "bytes";
	case FFPF_UNIT_NS:
		return "ns";
	case FFPF_UNIT_PPS:
		return "packets/s";
	case FFPF_UNIT_BPS:
		return "bits/s";
	case FFPF_UNIT_CLASS:
		return "class";
	case FFPF_UNIT_TIME:
		return "time";
	default:
		return "";
	}
}

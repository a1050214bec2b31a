#!/usr/bin/env bash
# How large should a PBuf be? Ring sizes x readers x traffic x packet sizes, over the C writer in memory. See bench_buffers.c.
# Arguments: milliseconds a run (default 60), runs a median is taken of (default 5), microseconds a reader sleeps when nothing
# waits (default 20; 0: it yields).
set -euo pipefail
exec "${BENCH_DIR:-build/bench}/bench_buffers" "$@"

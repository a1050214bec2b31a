#!/usr/bin/env bash
# How large should a PBuf be? Ring sizes x readers x traffic x packet sizes, over the C writer in memory (bench_buffers.c), then
# over the kernel path (buffers_net.sh).
# Arguments: milliseconds a run (default 60), runs a median is taken of (default 5), microseconds a reader sleeps when nothing
# waits (default 20; 0: it yields).
set -euo pipefail
"${BENCH_DIR:-build/bench}/bench_buffers" "$@"
echo
exec bash bench/buffers_net.sh

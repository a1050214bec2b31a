#!/usr/bin/env bash
# How should a reader wait? Offered rates x ways of waiting: over the C writer with an eventfd as doorbell (bench_wakeups.c), then
# over the kernel path (wakeups_net.sh). Argument: milliseconds a run of the first part (default 200).
set -euo pipefail
"${BENCH_DIR:-build/bench}/bench_wakeups" "$@"
echo
exec bash bench/wakeups_net.sh

#!/usr/bin/env bash
# How should a reader wait? Offered rates x ways of waiting, over the C writer with an eventfd as doorbell. See bench_wakeups.c.
# Argument: milliseconds a run (default 200).
set -euo pipefail
exec "${BENCH_DIR:-build/bench}/bench_wakeups" "$@"

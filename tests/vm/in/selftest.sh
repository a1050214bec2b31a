#!/usr/bin/env bash
# The module's own tests: it does not load when one fails.
. "$(dirname "$0")/lib.sh"
insmod "${MODULE%.ko}-selftest.ko" selftest=1
check "it loads" "$?" 0
dmesg | grep selftest | sed 's/^\[[^]]*\] //'
check "tests that passed" "$(dmesg | grep -c "selftest: .*: pass\$")" 6
check "tests that failed" "$(dmesg | grep -c 'selftest: .*FAIL$')" 0
rmmod ffpf
check "it unloads" "$?" 0
finish

#!/usr/bin/env bash
# Every call with every wrong size, descriptor, index and state; who may open the device.
. "$(dirname "$0")/lib.sh"
topology
module
rx "$TOOLS/vm_kmod_args" v0
check "all calls answered as they should" "$?" 0
check "who may open it" "$(stat -c '%a %U' /dev/ffpf)" "600 root"
# A user's own namespaces give no power over it, nor does the file alone.
chmod 666 /dev/ffpf
rx setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all bash -c ': <>/dev/ffpf' 2>"$TMP/why"
check_text "without privilege" "$TMP/why" 'Operation not permitted'
unshare -Urn bash -c ': <>/dev/ffpf' 2>"$TMP/why"
check_text "in a user namespace of its own" "$TMP/why" 'Operation not permitted'
chmod 600 /dev/ffpf
check "nobody holds it" "$(users)" 0
rmmod ffpf
check "it unloads" "$?" 0
finish

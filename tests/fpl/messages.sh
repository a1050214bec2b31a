#!/usr/bin/env bash
# Every message that the language FPL can give is shown by a case of tests/fpl/*.t (messages.py).
. "$(dirname "$0")/../cli/common.bash"
python3 "$source/tests/fpl/messages.py" "$source" || fail "messages without a case"
finish

#!/usr/bin/env bash
# ffpf classes: every class of the lists is there, each with a manual that names its parameters and state.
. "$(dirname "$0")/common.bash"

run 0 classes
err_empty
cp "$tmp/out" "$tmp/list"
run 0 classes --json
err_empty
cp "$tmp/out" "$tmp/all"
json '.classes | length > 0'
json '.classes | all(has("name") and has("help") and has("parameters") and has("state") and (.role | IN("source","function","sink")))'
json '.classes | map(.name) | length == (unique | length)'
json '.classes | all(.parameters | map(select(.main)) | length <= 1)'
json '.classes | all(.help != "")'
# the lists in the source
for name in $(grep -rhoE '^FFPF_CLASS\([A-Za-z0-9_]+\)' "$source/classes/list.def" | sed 's/.*(\(.*\))/\1/'); do
	grep -q "^  $name " "$tmp/list" || fail "$name is not listed"
done
for name in $(jq -r '.classes[].name' "$tmp/all"); do
	grep -q "^  $name  " "$tmp/list" || fail "$name is not in the text"
	run 0 classes "$name"
	err_empty "$name"
	out_has "^$name: "
	for word in $(jq -r ".classes[] | select(.name == \"$name\") | .parameters[].name, .state[].name" "$tmp/all"); do
		out_has "^  $word" "classes $name"
	done
	run 0 classes --json "$name"
	json ".classes | map(.name) == [\"$name\"]"
done
run 2 classes pktcout
out_empty
err_has "did you mean 'pktcount'"
run 2 --class-path /nonexistent/folder classes
out_empty
err_has '^.*/nonexistent/folder'
finish

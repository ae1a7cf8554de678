# shellcheck shell=bash
# What lnsctl doctor says of the gateway, and of a client.

fix=

# row CHECK: of doctor's report
row() {
	{ gw lnsctl doctor --json 2>/dev/null || true; } | jq -c --arg check "$1" 'map(select(.check == $check))[0]'
}

# found CHECK PATTERN: it is not well, in these words; the fix is in $fix
found() {
	local said
	said=$(row "$1")
	json "$1" "$said" '(.ok | not) and (.text | test($like)) and (.fix | length) > 0' --arg like "$2"
	fix=$(field "$said" .fix)
	note "$1: $(field "$said" .text) | fix: $fix"
}

well() {
	json "$1" "$(row "$1")" .ok
}

# mended CHECK: doctor's own command does it; what follows in brackets is a remark
mended() {
	gw bash -c "${fix%% (*}" >/dev/null 2>&1 || fail "$1: '$fix' fails"
	well "$1"
}

# verdict ADDRESS: the row, of whoever asks
verdict() {
	{ gw lnsctl doctor --client "$1" --json 2>/dev/null || true; } | jq -c '.[] | select(.check == "verdict")'
}

verdict_is() {
	[[ $(verdict "$1" | jq -r .case) == "$2" ]]
}

# diagnosed ADDRESS CASE [PATTERN]: the text or the fix has the pattern, too; the fix is in $fix
diagnosed() {
	local said
	poll 15 verdict_is "$1" "$2" || fail "the verdict on $1 is $(verdict "$1"), should be $2"
	said=$(verdict "$1")
	json "$2" "$said" '(.text + " " + .fix) | test($like)' --arg like "${3:-.}"
	fix=$(field "$said" .fix)
	note "$2: $(field "$said" .text)${fix:+ | fix: $fix}"
}

# shellcheck shell=bash
# Sourced in the lab by everything: time, waiting, and what an assertion is. A case runs with set -e: the first assertion
# that does not hold ends it.

# The emulated kernel is slower: what takes time is meant for the fast one and stretched there. A deadline is longer than
# that, for a machine that others use, too: it costs nothing where the thing waited for comes.
case $(uname -m -r) in *-amd64*) pace=4 patience=4 ;; *) pace=1 patience=3 ;; esac
DIR=${DIR:-/tmp/lab}
# a pipe that nobody writes to: reading it with a time limit is a short wait
exec {nap}<> <(:)

# The last words of a case: why it failed. The first reason counts.
fail() {
	trap - ERR
	[[ -e $DIR/reason ]] || printf '%s\n' "$*" >"$DIR/reason"
	printf 'FAIL: %s\n' "$*" >&2
	exit 1
}

# A line of a case's result that is worth seeing although the case passed.
note() {
	printf '%s\n' "$*" >>"$DIR/notes"
}

# start LOG COMMAND...: in the background, with no word of ours when it is killed; $! is the command itself, so it cannot be
# a function
start() {
	local log=$1
	shift
	! declare -F "$1" >/dev/null || fail "start: $1 is a function"
	(trap - ERR && exec "$@") </dev/null >>"$log" 2>&1 &
}

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

# poll SECONDS COMMAND...: until it succeeds; false when the time is over. Without a process of its own: on a kernel that
# is itself a process, starting one is dear. For the same reason it pauses for as long as the command took: what is waited
# for needs the processor, too.
poll() {
	local now=${EPOCHREALTIME/./} pause
	local end=$((now + $1 * 1000000 * patience))
	shift
	until "$@" >/dev/null 2>&1; do
		pause=$((${EPOCHREALTIME/./} - now + 50000))
		((now + pause < end)) || return 1
		read -rt "$((pause / 1000000)).$(printf '%06d' $((pause % 1000000)))" -u "$nap" || true
		now=${EPOCHREALTIME/./}
	done
}

# wait_for SECONDS WHAT COMMAND...: the same, or the end of the case
wait_for() {
	local seconds=$1 what=$2
	shift 2
	poll "$seconds" "$@" || fail "$what: not within $seconds s"
}

# expect WHAT COMMAND...: holds now
expect() {
	local what=$1
	shift
	"$@" >/dev/null 2>&1 || fail "$what"
}

refuse() {
	local what=$1
	shift
	! "$@" >/dev/null 2>&1 || fail "$what"
}

equal() {
	[[ $2 == "$3" ]] || fail "$1: '$2', want '$3'"
}

# between WHAT VALUE LOW HIGH: whole numbers
between() {
	(($2 >= $3 && $2 <= $4)) || fail "$1: $2, want $3 to $4"
}


not() {
	! "$@"
}

says() {
	grep -qE -- "$2" "$1"
}

# json WHAT DOCUMENT FILTER [jq's options...]: the filter is true of the document
json() {
	local what=$1 document=$2 filter=$3
	shift 3
	jq -e "$@" "$filter" <<<"$document" >/dev/null 2>&1 || fail "$what: not ($filter): $(jq -c . <<<"$document" 2>&1 | head -c 900)"
}

field() {
	jq -r "$2" <<<"$1"
}

# shellcheck shell=bash
# Every command in README.md and docs/ that is ours is tried: what only looks is run against a daemon, what would change the
# machine is read by the tool and not done (--parse-only), targets of make must be there.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# verb_of WORD...: the first word that is no option
verb_of() {
	local word
	for word; do
		[[ $word == -* ]] || { printf '%s\n' "$word"; return; }
	done
}

# A mention may lack arguments; what it has must be there.
mentioned() {
	local verb word
	verb=$(verb_of "$@")
	[[ -z $verb && $# == 0 ]] || "$BIN/lnsctl" help "$verb" >/dev/null 2>&1 || return 1
	for word; do
		[[ $word != --* ]] || "$BIN/lnsctl" help --complete -- "$verb" -- | finds -xF -- "${word%%=*}" || return 1
	done
}

# The second word of a verb with words of its own is one of them.
second_is_known() {
	local verb=$1 second=${2-} known
	[[ -n $second && $second != -* && ! $second =~ ^[A-Z]+$ ]] || return 0
	known=$("$BIN/lnsctl" help --complete -- "$verb" '' 2>/dev/null)
	[[ $verb != @(bans|user|ipsec|import|client|cert) ]] || finds -xF -- "$second" <<<"$known"
}

try_lnsctl() {
	local place=$1 kind=$2 verb
	shift 2
	if [[ $kind == mention ]]; then
		mentioned "$@" || fault "$place: lnsctl $*: no such verb or option"
		return
	fi
	if ! "$BIN/lnsctl" "$@" --parse-only >/dev/null 2>"$DIR/err"; then
		fault "$place: lnsctl $*: $(head -n 1 "$DIR/err")"
		return
	fi
	verb=$(verb_of "$@")
	second_is_known "$verb" "${@:2}" || fault "$place: lnsctl $*: there is no '$2'"
	case $verb in
	status | sessions | tunnels | history | bans | version)
		ctl "$@" >/dev/null 2>"$DIR/err" || fault "$place: lnsctl $*: $(head -n 1 "$DIR/err")"
		;;
	check) ctl "$@" "$DIR/lnsd.conf" >/dev/null 2>"$DIR/err" || fault "$place: lnsctl $*: $(head -n 1 "$DIR/err")" ;;
	esac
}

try_lnsd() {
	local place=$1 word
	shift 2
	for word; do
		[[ $word != -* ]] || "$BIN/lnsd" -h | finds -E -- "(^| )$word([ ,]|$)" || fault "$place: lnsd has no $word"
	done
}

# Variables and targets; a target in build/ is a program whose source must be there.
try_make() {
	local place=$1 word
	shift 2
	for word; do
		case $word in
		-j*) ;;
		*=*) grep -rqw -- "${word%%=*}" Makefile tests/tools tests/lab tests/conformance || fault "$place: make knows no ${word%%=*}" ;;
		build/*) [[ -d tests/${word##*/} || -n $(find tests -name "${word##*/}.c") ]] || fault "$place: $word has no source" ;;
		*) grep -qE "^$word:" Makefile || fault "$place: make $word: no such target" ;;
		esac
	done
}

case_commands_in_readme_and_manuals_are_right() {
	local place kind command tried=0
	local -a words pages
	mapfile -t pages < <(find README.md docs -name '*.md' -o -name '*.[1-9]' | sort)
	lnsd_start
	lac a tunnel session serve
	while IFS=$'\t' read -r place kind command; do
		mapfile -t words < <(xargs -n 1 <<<"$command")
		"try_${words[0]}" "$place" "$kind" "${words[@]:1}"
		tried=$((tried + 1))
	done < <(python3 tests/daemon/commands.py "${pages[@]}")
	((tried > 50)) || fault "only $tried commands were found"
	printf '       %d commands\n' "$tried"
}

# What the case above must notice
case_commands_that_are_wrong_are_noticed() {
	local count before=${#FAULTS[@]}
	lnsd_start
	# shellcheck disable=SC2016 # Markdown's quotes
	printf '%s\n' '```' 'lnsctl frobnicate' 'lnsctl user frobnicate' 'lnsctl status --frobnicate' 'make frobnicate' \
		'lnsd -x' '```' '`lnsctl reload --frob`' >"$DIR/wrong.md"
	while IFS=$'\t' read -r place kind command; do
		mapfile -t words < <(xargs -n 1 <<<"$command")
		"try_${words[0]}" "$place" "$kind" "${words[@]:1}"
	done < <(python3 tests/daemon/commands.py "$DIR/wrong.md")
	count=$((${#FAULTS[@]} - before))
	FAULTS=("${FAULTS[@]:0:before}")
	equal 'wrong ones' 6 "$count"
}

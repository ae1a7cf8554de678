# shellcheck shell=bash
# Every verb of lnsctl with input that is wrong: wrong arguments, no rights, no daemon, a full disk, interrupted. Each must
# say so in a line or two, end with the code of the contract, and leave the files as they were. The verbs come from the tool
# itself: each must have its row in tests/daemon/verbs.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# walk_verbs COMMAND: calls it for each row of each verb, with its columns as VERB WRONG ALONE BARRED FULL GOOD...; HERE in
# them is the folder $HERE. VERB, a pattern, chooses among them.
walk_verbs() {
	local verb row good wrong alone barred full
	local -a verbs rows
	mapfile -t verbs < <("$BIN/lnsctl" help --complete -- '')
	for verb in "${verbs[@]}"; do
		# shellcheck disable=SC2053 # a pattern
		[[ $verb != help && $verb == ${VERB:-*} ]] || continue
		mapfile -t rows < <(grep -E "^$verb +\|" tests/daemon/verbs)
		((${#rows[@]})) || fault "$verb has no row in tests/daemon/verbs"
		for row in "${rows[@]}"; do
			IFS='|' read -r _ good wrong alone barred full <<<"${row//HERE/$HERE}"
			read -ra good <<<"$good"
			"$1" "$verb" "$wrong" "${alone// /}" "${barred// /}" "${full// /}" "${good[@]}"
		done
	done
}

# tool CODES COMMAND...: its exit code is one of these; anything else but 0 is told in one line or two, on standard error.
# It gets no terminal and half a minute, and returns the code.
tool() {
	local codes=$1 code lines
	shift
	timeout -k 5 30 "$@" </dev/null >"$DIR/out" 2>"$DIR/err"
	code=$?
	[[ ,$codes, == *,$code,* ]] || fault "${*##*/}: exit code $code, not $codes: $(head -c 300 "$DIR/err")"
	lines=$(wc -l <"$DIR/err")
	((code == 0 || lines > 0 || $(wc -l <"$DIR/out") > 1)) || fault "${*##*/}: nothing is said"
	((code < 2 || lines <= 2)) || fault "${*##*/}: $lines lines are said"
	return "$code"
}

wrong_arguments() {
	local verb=$1 wrong=$2 one
	local -a list words
	tool 2 "$BIN/lnsctl" "$verb" --no-such-option
	tool 2 "$BIN/lnsctl" "$verb" a b c d e f g h i j k l m n o p q r s t u v w x y z --complete
	IFS=';' read -ra list <<<"$wrong"
	for one in "${list[@]}"; do
		read -ra words <<<"$one"
		tool 2 "$BIN/lnsctl" "$verb" "${words[@]}"
	done
}

without_daemon() {
	tool "$3" "$BIN/lnsctl" "$1" "${@:6}"
}

# Nobody's neither root's nor of lnsd's group
without_rights() {
	tool "$4" setpriv --reuid 65534 --regid 65534 --clear-groups "$BIN/lnsctl" "$1" "${@:6}"
}

# What it says has nowhere to go: code 0 would be a lie.
full_output() {
	local code
	timeout 4 "$BIN/lnsctl" "$1" "${@:6}" </dev/null >"$DIR/out" 2>/dev/null
	code=$?
	[[ $code == 0 && -s $DIR/out ]] || return 0
	timeout 4 "$BIN/lnsctl" "$1" "${@:6}" </dev/null >/dev/full 2>"$DIR/err"
	code=$?
	[[ $code == 1 && -s $DIR/err ]] || fault "$1 into a full file: exit code $code: $(head -c 200 "$DIR/err")"
}

case_verbs_refuse_wrong_arguments() {
	local HERE=$DIR
	equal 'verbs that stand in the list twice' '' "$("$BIN/lnsctl" help --complete -- '' | sort | uniq -d)"
	walk_verbs wrong_arguments
}

case_verbs_without_daemon_or_rights() {
	local PATH=$PATH HERE=$DIR/here
	furnish
	walk_verbs without_daemon
	conf
	lnsd_start
	furnish
	chmod 755 "$DIR" "$HERE"
	walk_verbs without_rights
	walk_verbs full_output
}

# ---- completion

# completes WORD...: what bash offers for the last
completes() {
	PATH=$BIN:$PATH bash --norc --noprofile -c 'source conf/completion/lnsctl.bash; COMP_WORDS=(lnsctl "$@")
		COMP_CWORD=$#; _lnsctl; printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort | xargs
}

# completes_in_zsh WORD...: the same; its completion system is away, and what it is given is printed
completes_in_zsh() {
	PATH=$BIN:$PATH zsh -f -c 'fpath=($PWD/conf/completion $fpath); autoload -U _lnsctl
		compadd() { print -l -- ${(P)2} }; _files() { print files }
		words=(lnsctl "$@"); CURRENT=$#words; _lnsctl' zsh "$@" | sort | xargs
}

case_completion_knows_verbs_options_users_and_sessions() {
	local id
	lnsd_start
	lac a tunnel session serve
	id=$(json sessions '.[0].id')
	equal 'verbs' 'reload' "$(completes rel)"
	equal 'every verb' "$("$BIN/lnsctl" help --complete -- '' | sort | xargs)" "$(completes '')"
	equal 'what a verb takes first' 'add del list' "$(completes bans '')"
	equal 'options' '--confirm --confirmed' "$(completes reload --conf)"
	equal 'users' 'test' "$(completes --config "$DIR/lnsd.conf" user show '')"
	equal 'sessions' "$id" "$(completes show "${id:0:${#id}-1}" | tr ' ' '\n' | grep -x "$id")"
	equal 'files' "$DIR/lnsd.conf" "$(completes check "$DIR/lnsd.c")"
	equal 'files of an option' "$DIR/users" "$(completes --config "$DIR/us")"
	equal 'nothing' '' "$(completes version '')"
	if command -v zsh >/dev/null; then
		equal 'in zsh: what a verb takes first' 'add del list' "$(completes_in_zsh bans '')"
		equal 'in zsh: files' 'files' "$(completes_in_zsh check '')"
		equal 'in zsh: users' 'test' "$(completes_in_zsh --config "$DIR/lnsd.conf" user show '')"
	fi
}

# shellcheck shell=bash
# Every verb of lnsctl with input that is wrong: wrong arguments, no rights, no daemon, a full disk, interrupted. Each must
# say so in a line or two, end with the code of the contract, and leave the files as they were. The verbs come from the tool
# itself: each must have its row in tests/daemon/verbs.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# walk_verbs COMMAND: calls it with each verb, and the columns of its row as GOOD WRONG ALONE BARRED FULL
walk_verbs() {
	local verb row good wrong alone barred full
	while read -r verb; do
		[[ $verb != help ]] || continue
		if ! row=$(grep -E "^$verb +\|" tests/daemon/verbs); then
			fault "$verb has no row in tests/daemon/verbs"
			continue
		fi
		IFS='|' read -r _ good wrong alone barred full <<<"${row//lnsd.conf/$DIR/lnsd.conf}"
		read -ra good <<<"$good"
		"$1" "$verb" "$wrong" "${alone// /}" "${barred// /}" "${full// /}" "${good[@]}"
	done < <("$BIN/lnsctl" help --complete -- '')
}

# tool CODES COMMAND...: its exit code is one of these; anything else but 0 is told in one line or two, on standard error.
# It gets no terminal and half a minute.
tool() {
	local codes=$1 code lines
	shift
	timeout -k 5 30 "$@" </dev/null >"$DIR/out" 2>"$DIR/err"
	code=$?
	[[ ,$codes, == *,$code,* ]] || fault "${*##*/}: exit code $code, not $codes: $(head -c 300 "$DIR/err")"
	lines=$(wc -l <"$DIR/err")
	((code == 0 || lines > 0 || $(wc -l <"$DIR/out") > 1)) || fault "${*##*/}: nothing is said"
	((code < 2 || lines <= 2)) || fault "${*##*/}: $lines lines are said"
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

state_of() {
	find "$1" -type f -exec sha256sum {} + | sort
}

# The folder of the configuration on a disk without a free block
full_disk() {
	local before
	[[ -n $5 ]] || return 0
	before=$(state_of "$DIR/small")
	tool "$5" "$BIN/lnsctl" "$1" "${@:6}"
	[[ $(state_of "$DIR/small") == "$before" ]] || fault "$1: a full disk has changed the files"
}

# Killed at some moment: the files are as before, or as they are when it comes to its end; nothing lies beside them.
interrupted() {
	local signal pause before files pid
	[[ -n $5 ]] || return 0
	before=$(state_of "$DIR/whole")
	files=$(find "$DIR/whole" -type f | wc -l)
	for signal in INT TERM KILL; do
		for pause in 0 0.001 0.003 0.01 0.03; do
			cp -a "$DIR/whole" "$DIR/tried"
			mount --bind "$DIR/tried" "$DIR/whole"
			"$BIN/lnsctl" "$1" "${@:6}" </dev/null >/dev/null 2>&1 &
			pid=$!
			sleep "$pause"
			kill "-$signal" "$pid" 2>/dev/null
			wait "$pid" 2>/dev/null
			[[ $(state_of "$DIR/whole") == "$before" ]] || "$BIN/lnsctl" check "$DIR/whole/lnsd.conf" >/dev/null 2>&1 ||
				fault "$1 with $signal after $pause s: the files are broken"
			[[ $signal == KILL || $(find "$DIR/whole" -type f | wc -l) == "$files" ]] ||
				fault "$1 with $signal after $pause s: something lies beside the files"
			umount "$DIR/whole"
			rm -rf "$DIR/tried"
		done
	done
}

# in_folder NAME: the configuration and the users in a folder of their own
in_folder() {
	mkdir -p "$DIR/$1"
	cp -a "$DIR/lnsd.conf" "$DIR/users" "$DIR/$1/"
	sed -i "s|$DIR/users|$DIR/$1/users|" "$DIR/$1/lnsd.conf"
}

case_verbs_refuse_wrong_arguments() {
	equal 'verbs that stand in the list twice' '' "$("$BIN/lnsctl" help --complete -- '' | sort | uniq -d)"
	walk_verbs wrong_arguments
}

case_verbs_without_daemon_or_rights() {
	walk_verbs without_daemon
	conf
	lnsd_start
	chmod 755 "$DIR"
	walk_verbs without_rights
	walk_verbs full_output
}

# The verbs' rows name lnsd.conf: here it is in another folder.
case_verbs_on_a_full_disk_change_nothing() {
	local DIR=$DIR
	mkdir "$DIR/small"
	mount -t tmpfs -o size=64k tmpfs "$DIR/small"
	in_folder small
	cat /dev/zero >"$DIR/small/fill" 2>/dev/null
	ln -sf small/lnsd.conf "$DIR/lnsd.conf"
	walk_verbs full_disk
	umount "$DIR/small"
}

case_verbs_interrupted_leave_whole_files() {
	in_folder whole
	ln -sf whole/lnsd.conf "$DIR/lnsd.conf"
	walk_verbs interrupted
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

# shellcheck shell=bash
# Many who log in at once, and limits of the system that are met: who waits, who is refused, and who does not notice.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# pppd_does LINE...: what pppd does before it starts
pppd_does() {
	printf '%s\n' '#!/bin/sh' "$@" "exec '$BIN/tools/testpppd' \"\$@\"" >"$DIR/pppd"
	chmod 755 "$DIR/pppd"
	sed -i "s|^pppd = .*|pppd = $DIR/pppd|" "$DIR/lnsd.conf"
}

# A pppd that waits at a gate; while that is open, it goes through
pppd_at_gate() {
	mkfifo "$DIR/gate"
	pppd_does ": <'$DIR/gate'"
}

# The daemon as on a machine with two processors
start_on_two_processors() {
	echo 0-1 >"$DIR/online"
	mount --bind "$DIR/online" /sys/devices/system/cpu/online
	lnsd_start
	umount /sys/devices/system/cpu/online
}

at_gate() {
	[[ $(pgrep -cx pppd) == "$1" ]]
}

no_pppd() {
	! pgrep -x 'pppd|testpppd' >/dev/null
}

# logged NAME PATTERN: the ids of sessions in such lines, in order
logged() {
	sed -nE "s/$2/\1/p" "$DIR/$1.log"
}

lac_lines_are() {
	[[ $(grep -c "$2" "$DIR/$1.log") == "$3" ]]
}

case_storm_of_logins_starts_few_pppds_at_a_time() {
	local call calls=() gate
	for ((call = 0; call < 60; call++)); do calls+=(call); done
	pppd_at_gate
	start_on_two_processors
	"$LAC" 127.0.0.1 1701 tunnel "${calls[@]}" call cdn "until:$DIR/open" echo:1 serve >"$DIR/a.log" 2>&1 &
	LACS+=($!)
	wait_for 10 'who hangs up while he waits is gone' lines_are 1 'refused user="".* cause=user-request closed_by=client '
	equal 'pppds at the gate' 8 "$(pgrep -cx pppd)"
	equal 'pppds that were started' 8 "$(journal '^pppd starts ')"
	equal 'tunnels and sessions' '1 60' "$(json status '"\(.tunnels) \(.sessions)"')"
	exec {gate}<>"$DIR/gate"
	touch "$DIR/open"
	wait_for 30 'the LAC serves' has_line a '^serving'
	exec {gate}>&-
	wait_for 10 'all are up' lines_are 60 'login user="test"'
	equal 'echoes' 60 "$(grep -c '^echo .* back=1 wrong=0$' "$DIR/a.log")"
	equal 'pppds' 60 "$(pgrep -cx testpppd)"
	equal 'those that were slow' 0 "$(journal '^pppd is slow to start')"
	equal 'in start-up at the same time' 8 "$(awk '/^pppd starts / && ++n > most { most = n }
		/^pppd reads its line / { n-- } END { print most }' "$DIR/lnsd.log")"
	# all but the one that hung up
	equal 'the order of the starts' "$(logged a '^call ([0-9]+-[0-9]+)$' | head -n 60)" \
		"$(logged lnsd '^pppd starts session=([0-9]+-[0-9]+) .*')"
}

case_sessions_that_wait_end_with_the_daemon() {
	local call calls=() worker
	for ((call = 0; call < 20; call++)); do calls+=(call); done
	pppd_at_gate
	start_on_two_processors
	lac a tunnel "${calls[@]}" serve
	wait_for 5 'pppds at the gate' at_gate 8
	check 'reload' ctl reload
	check 'one that waits is ended' ctl disconnect "$(logged a '^call ([0-9]+-[0-9]+)$' | tail -n 1)"
	wait_for 5 'the client was told' has_line a '^cdn session=[0-9]+ result=3 error=0$'
	lnsd_stop || fault "the exit code is $?"
	wait_for 5 'no pppd is left' no_pppd
	wait_for 2 'the client was told' has_line a '^stopccn result=6 error=0$'
	equal 'pppds that were started' 8 "$(journal '^pppd starts ')"
	equal 'in the history' '{"admin":1,"shutdown":19}' \
		"$(json history 'group_by(.cause) | map({(.[0].cause): length}) | add | tojson')"

	start_on_two_processors
	lac b tunnel "${calls[@]}" serve
	wait_for 5 'pppds at the gate' at_gate 8
	worker=$(worker)
	kill -KILL "$worker"
	wait_for 10 'lnsd has ended' gone "$LNSD"
	wait "$LNSD"
	equal 'exit code' 1 $?
	LNSD=''
	wait_for 5 'no pppd is left' no_pppd
	equal 'pppds that were started' 8 "$(journal '^pppd starts ')"
}

# Whom the LAC has proved is known before he has a pppd: he counts, and what his account loses he loses.
case_proved_session_that_waits_counts_and_follows_its_account() {
	local call calls=() gate
	for ((call = 0; call < 8; call++)); do calls+=(call); done
	conf $'peer isp.address = 127.0.0.1\nproxy-auth = accept'
	printf '[%s]\npassword = plain:x\nsessions = 1\n' alice bob >>"$DIR/users"
	pppd_at_gate
	start_on_two_processors
	lac a tunnel "${calls[@]}" serve
	lac alice proxy:pap:alice:x tunnel call serve
	"$LAC" 127.0.0.1 1701 patience:20000 proxy:pap:bob:x tunnel session serve >"$DIR/bob.log" 2>&1 &
	LACS+=($!)
	wait_for 5 'both are known' lines_are 2 'what the LAC heard proves user="(alice|bob)"'
	lac again proxy:pap:alice:x tunnel call serve
	wait_for 5 'he counts' has_line lnsd 'does not let in user="alice".* cause=limit text="the user has 1 of 1 sessions"'
	sed -i '/^\[alice\]/,+2d' "$DIR/users"
	check 'reload' ctl reload
	said '^alice: 1 session ended: '
	wait_for 5 'the client was told' has_line alice '^cdn '
	wait_for 5 'refused lines' lines_are 1 'refused user="alice".* cause=user-removed closed_by=server '
	equal 'pppds that were started' 8 "$(journal '^pppd starts ')"
	exec {gate}<>"$DIR/gate"
	wait_for 10 'the other comes up' has_line bob '^serving'
	exec {gate}>&-
	equal 'as whom' bob "$(json sessions '.[] | select(.state == "up") | .user')"
	equal 'pppds' 10 "$(pgrep -cx testpppd)"
}

# Sixteen that hang are two rounds of five seconds.
case_pppds_that_hang_in_start_hold_up_others_for_seconds_only() {
	local call calls=()
	for ((call = 0; call < 16; call++)); do calls+=(call); done
	conf 'metrics.listen = 127.0.0.1:9170'
	# shellcheck disable=SC2016 # for the script
	pppd_does 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do' "mkdir '$DIR/hung.'\$i 2>/dev/null && exec sleep 600" 'done'
	start_on_two_processors
	"$LAC" 127.0.0.1 1701 patience:30000 tunnel "${calls[@]}" session serve >"$DIR/a.log" 2>&1 &
	LACS+=($!)
	wait_for 15 'one waits' sample_is 'lnsd_pppds{state="waiting"}' 1
	equal 'pppds' 16 "$(sample 'lnsd_pppds{state="running"}')"
	wait_for 20 'it comes up' has_line a '^serving'
	wait_for 5 'login lines' lines_are 1 'login user="test"'
	check 'what hangs is told' has_line lnsd '^pppd is slow to start session=[0-9]+-[0-9]+ pid=[0-9]+ '
	wait_for 10 'none waits' sample_is 'lnsd_pppds{state="waiting"}' 0
	lnsd_stop || fault "the exit code is $?"
}

# refused_by PATTERN: a session is refused by a limit that the log names
refused_by() {
	local before
	before=$(journal 'pppd could not be started')
	: >"$DIR/now.log"
	check "no session comes up: $1" ! lac_now tunnel session
	check "the client was told: $1" has_line now '^cdn session=[0-9]+ result=2 error=4$'
	equal "lines of the fault: $1" $((before + 1)) "$(journal 'pppd could not be started')"
	equal "line: $1" 1 "$(journal "^pppd could not be started session=[0-9]+-[0-9]+ .*: $1")"
}

# signals_of PID SigBlk|SigIgn: as a number, without 32 and 33, which are the C library's own and no program can change
signals_of() {
	echo $((0x$(sed -n "s/^$2:\t//p" "/proc/$1/status") & ~0x180000000))
}

# What the others have is not for it, nor what the daemon does with signals; and to start the next one costs no more.
case_pppd_is_given_its_link_and_nothing_else() {
	local pid tracer
	pppd_at_gate
	lnsd_start
	lac a tunnel call serve
	lac b tunnel call serve
	wait_for 5 'two pppds at the gate' at_gate 2
	for pid in $(pgrep -x pppd); do
		# 10 and 11 are the shell's own, which it is
		equal "descriptors of $pid" '0 /dev/null,1 /dev/null,2 /dev/null,3 socket' \
			"$(find "/proc/$pid/fd" -mindepth 1 ! -name '1?' -printf '%f %l\n' | sed 's/:.*//' | sort | paste -sd ,)"
		equal "blocked signals of $pid" 0 "$(signals_of "$pid" SigBlk)"
		equal "ignored signals of $pid" 0 "$(signals_of "$pid" SigIgn)"
		equal "the session that $pid leads" "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
	done
	# how the keeper starts one: the table of descriptors is shared until the child has one of its own
	timeout -k 1 20 strace -f -qq -e trace=clone,clone3,close_range -o "$DIR/calls" -p "$LNSD" &
	tracer=$!
	wait_for 5 'it is traced' grep -q 'TracerPid:.*[1-9]' "/proc/$LNSD/status"
	lac c tunnel call serve
	# before that a tracer that goes leaves both of them stopped
	wait_for 5 'the third is at the gate' at_gate 3
	kill "$tracer"
	wait "$tracer"
	check 'it shares the descriptors' finds 'clone(.*CLONE_FILES|' <"$DIR/calls"
	check 'until it has a few of its own' finds 'close_range([0-9]*, 4294967295, CLOSE_RANGE_UNSHARE) *= 0' <"$DIR/calls"
}

case_limit_of_the_system_that_is_met_is_named() {
	local free=3
	lnsd_start
	lac a tunnel session serve
	mount -o remount,max=1 /dev/pts
	refused_by 'no pseudo terminal is left: raise kernel\.pty\.max '
	mount -o remount,max=4096 /dev/pts
	check 'another lives' sessions_are 1
	check 'another session' lac_now tunnel session stop
	wait_for 5 'it has gone' sessions_are 1
	wait_for 5 'and its pppd' pppds_are 1
	# a pty, and nothing more
	while [[ -e /proc/$LNSD/fd/$free ]]; do ((++free)); done
	prlimit --pid "$LNSD" --nofile="$((free + 1)):"
	refused_by 'lnsd has no descriptor left: raise LimitNOFILE of the unit$'
	prlimit --pid "$LNSD" --nofile=1024:
	check 'another lives' sessions_are 1
	check 'a session after it' lac_now tunnel session echo:50 stop
	equal 'refused lines' 2 "$(journal 'refused user="".* cause=no-resources closed_by=server ')"
}

case_limit_on_processes_that_is_met_is_named() {
	lnsd_start "$BIN/tools/without" processes
	refused_by 'no more processes are allowed: raise TasksMax or LimitNPROC of the unit, or kernel\.pid_max$'
	check 'no descriptor of it is left' test "$(find "/proc/$LNSD/fd" -lname '*ptmx' | wc -l)" == 0
	check 'the daemon lives' ctl status
}

# shellcheck shell=bash
# The cases: one function each, in the words of host.sh.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

has_line() {
	grep -qaE "$2" "$DIR/$1.log"
}

# one JSON value of lnsctl's: json VERB [ARG] FILTER
json() {
	ctl "${@:1:$#-1}" --json | jq -r "${!#}"
}

sessions_are() {
	[[ $(json sessions length) == "$1" ]]
}

strays_are() {
	[[ $(json status .dropped.path) == "$1" ]]
}

pppds_are() {
	[[ $(pgrep -cx testpppd) == "$1" ]]
}

case_three_sessions_in_one_tunnel() {
	lnsd_start
	lac a tunnel session session session echo:300 serve
	equal 'sessions' 3 "$(json sessions length)"
	equal 'distinct addresses' 3 "$(json sessions 'map(.address) | unique | length')"
	equal 'state and user' 'up test' "$(json sessions '.[0] | "\(.state) \(.user)"')"
	equal 'peer' '127.0.0.1' "$(json sessions '.[0].peer')"
	equal 'a missing key' '' "$(json sessions '["id", "tunnel_id", "user", "address", "address6", "routes", "allow",
		"rate", "peer", "peer_port", "nat", "client", "since", "uptime_s", "state", "ifname", "data_path", "data_path_reason", "rx_bytes", "tx_bytes",
		"rx_packets", "tx_packets", "setup_ms", "ipsec"] - (.[0] | keys) | join(" ")')"
	equal 'frames from the client' 301 "$(json sessions '.[0].rx_packets')"
	equal 'tunnel' 'lac.test 3 established' "$(json tunnels '.[0] | "\(.host_name) \(.sessions) \(.state)"')"
	equal 'status' '1 3 0 3' "$(json status '"\(.tunnels) \(.sessions) \(.half_open) \(.logins_today)"')"
	equal 'show' 1000000 "$(json show "$(json sessions '.[1].id')" .session.tx_speed)"
	local unprotected='{"protected":false,"cipher":null,"spi_in":null,"spi_out":null,"reqid":null,"mark":null,"rekeys":null,"shares_nat_with":[]'
	equal 'ipsec of a session' "$unprotected}" "$(json sessions '.[0].ipsec | tojson')"
	equal 'ipsec of a tunnel' "$unprotected,\"sas\":[]}" "$(json show "$(json tunnels '.[0].id')" '.tunnel.ipsec | tojson')"
	equal 'login lines' 3 "$(journal ' ?login user="test" session=')"
	check 'show of nobody is refused' ! ctl show 1-1
}

case_no_first_frame_is_lost() {
	local ms
	lnsd_start
	for _ in 1 2 3 4 5; do lac_now tunnel session session stop || fault 'a session did not come up'; done
	while read -r ms; do
		at_most 'ms from ICRQ to the answer of the first frame' 1000 "$ms"
	done < <(sed -nE 's/.*after_ms=([0-9]+).*/\1/p' "$DIR/now.log")
}

case_disconnect_ends_one_or_all() {
	local address
	lnsd_start
	lac a tunnel session session session serve
	address=$(json sessions '.[1].address')
	check 'disconnect by address' ctl disconnect "$address"
	wait_for 5 'two are left' sessions_are 2
	wait_for 5 'the client was told' has_line a '^cdn session=[0-9]+ result=3 error=0$'
	equal 'who is left' false "$(json sessions "map(.address) | contains([\"$address\"])")"
	check 'disconnect of nobody is refused' ! ctl disconnect nobody
	said nobody
	check 'disconnect by ID' ctl disconnect "$(json sessions '.[0].id')"
	wait_for 5 'one is left' sessions_are 1
	check 'disconnect all' ctl disconnect all
	wait_for 5 'none is left' sessions_are 0
	wait_for 5 'no pppd is left' pppds_are 0
	wait_for 5 '3 logout lines' lines_are 3 'logout user="test".* cause=admin closed_by=admin '
}

case_client_hangs_up() {
	lnsd_start
	lac a tunnel session session cdn sleep:300 serve
	wait_for 5 'one is left' sessions_are 1
	lac_now tunnel session stop
	wait_for 5 'one pppd is left' pppds_are 1
	wait_for 5 '2 logout lines' lines_are 2 'logout user="test".* cause=user-request closed_by=client '
	equal 'login lines' 3 "$(journal 'login user="test"')"
}

case_reload_is_all_or_nothing() {
	lnsd_start
	lac a tunnel session serve
	conf server.hello=77s log.level=debug
	check 'reload' ctl reload
	conf server.hello=88s server.max-tunnels=lots
	check 'a wrong file is refused' ! ctl reload
	said 'lnsd.conf:[0-9]+: \[server\]'
	conf
	kill -HUP "$LNSD"
	sleep 0.3
	check 'the session lives' sessions_are 1
	check 'the worker kept up' ! has_line lnsd 'did not reach the worker'
	check 'data flows' lac_now tunnel session echo:50 stop
}

case_odd_datagrams() {
	lnsd_start
	lac a tunnel session serve
	"$BIN/tools/flood" 127.0.0.1 1701 size 0 1 2 5 6 12 13 4096 4097 65507 >/dev/null
	check 'the session lives' sessions_are 1
	equal 'tunnels' 1 "$(json status .tunnels)"
	check 'data flows' lac_now tunnel session echo:50 stop
}

case_datagram_of_another_path_changes_nothing_and_is_told() {
	local tid header i
	lnsd_start
	lac a tunnel session serve
	tid=$(json tunnels '.[0].id')
	printf -v header '\\xc8\\x02\\0\\x14\\x%02x\\x%02x\\0\\0\\0\\x03\\0\\x01' $((tid >> 8)) $((tid & 255))
	# StopCCNs, each from a port of its own
	for i in {1..20}; do
		printf '%b' "$header\\x80\\x08\\0\\0\\0\\0\\0\\x04" | socat -u - UDP:127.0.0.1:1701
	done
	wait_for 5 'all are counted' strays_are 20
	check 'the session lives' sessions_are 1
	equal 'lines: ten, then one for ten seconds' 10 \
		"$(journal 'dropped datagram of another path than its tunnel.s peer=127.0.0.1:[0-9]+ mark=0x00000000')"
}

case_random_bytes_for_ten_seconds() {
	local worker before after count sent
	lnsd_start
	lac a tunnel session session serve
	worker=$(worker)
	lac_now tunnel session echo:200 stop
	before=$(rss_kb "$worker")
	"$BIN/tools/flood" -r 100000 -s 10 127.0.0.1 1701 random >"$DIR/flood" &
	LACS+=($!)
	for count in 1 2 3; do
		sleep 2
		check "data flows under the flood ($count)" lac_now tunnel session echo:200 stop
		check "lnsctl answers under the flood ($count)" ctl status
	done
	wait "${LACS[-1]}"
	((before * 11 / 10 + 512 >= (after = $(rss_kb "$worker")))) || fault "the worker grew from $before to $after kB"
	read -r sent _ <"$DIR/flood"
	((sent > 200000)) || fault "only $sent datagrams were sent"
	equal 'sessions' 2 "$(json status .sessions)"
	equal 'refused or dropped sessions' 0 "$(journal 'refused user=|cause=(lost-carrier|protocol-error)')"
}

case_pppd_that_does_not_read_stalls_itself_only() {
	local worker ticks
	lnsd_start
	lac a tunnel session session say:stall push:3000 forget echo:1000 serve
	worker=$(worker)
	ticks=$(cpu_ticks "$worker")
	sleep 1
	at_most 'processor ticks while nothing happens' 3 $(($(cpu_ticks "$worker") - ticks))
	check 'frames were dropped' test "$(json sessions '.[1].id' | xargs -I{} "$BIN/lnsctl" show {} --json | jq .session.rx_dropped)" -gt 0
	check 'another tunnel is served' lac_now tunnel session echo:200 stop
	check 'it can be ended' ctl disconnect "$(json sessions '.[1].id')"
	wait_for 10 'its pppd is gone' pppds_are 1
}

case_pppd_dies() {
	lnsd_start
	lac a tunnel session session say:crash sleep:500 serve
	wait_for 5 'the client was told' has_line a '^cdn '
	check 'the other lives' sessions_are 1
	wait_for 5 '1 logout lines' lines_are 1 'logout user="test".* cause=pppd-died closed_by=server '
}

case_wrong_password() {
	printf 'user test\npassword wrong\n' >"$DIR/options"
	conf "ppp.options-file = $DIR/options"
	lnsd_start
	check 'no session comes up' ! lac_now tunnel session
	check 'the client was told' has_line now '^cdn '
	equal 'refused lines' 1 "$(journal 'refused user="test".* cause=wrong-password closed_by=server ')"
	equal 'login lines' 0 "$(journal 'login user=')"
	equal 'failures' 1 "$(json status .failures_today)"
	check 'the password is not in the log' ! grep -q 'wrong[^- ]*"' "$DIR/lnsd.log"
}

case_user_has_no_more_sessions_than_allowed() {
	sed -i 's/^max-sessions-per-user = .*/max-sessions-per-user = 2/' "$DIR/lnsd.conf"
	lnsd_start
	lac a tunnel session session serve
	check 'a third does not come up' ! lac_now tunnel session
	check 'the client was told' has_line now '^cdn '
	equal 'refused lines' 1 "$(journal 'refused user="test".* cause=limit closed_by=server text="the user has 2 of 2 sessions"')"
	equal 'sessions' 2 "$(json sessions length)"
	check 'one ends' ctl disconnect "$(json sessions '.[0].id')"
	wait_for 5 'its pppd is gone' pppds_are 1
	check 'another takes its place' lac_now tunnel session stop
}

case_scripts_are_told_of_the_call() {
	local id
	printf 'notes %s\n' "$DIR/notes" >"$DIR/options"
	conf "ppp.options-file = $DIR/options"
	lnsd_start
	lac a 'calling:+49 30 "1"' called:5551234 sub-address:7 tunnel session serve
	id=$(json sessions '.[0].id')
	equal 'what pppd was told' "proved=0 user=test session=$id calling=+49 30 \\\"1\\\" called=5551234 sub_address=7 serial=1 tx=1000000 rx=1000000" \
		"$(cat "$DIR/notes")"
	equal 'the login line' 1 \
		"$(journal 'login user="test".* serial=1 calling="\+49 30 \\"1\\"" called="5551234" tx_bps=1000000 rx_bps=1000000$')"
}

# A pppd that is slow to start finds its session over. The line that it opens by its name must not be the next session's:
# that one is set up meanwhile, and hears of one pppd only.
case_late_pppd_has_no_line_of_another() {
	cat >"$DIR/pppd" <<-END
		#!/bin/sh
		if mkdir "$DIR/late" 2>/dev/null; then
			trap '' TERM
			sleep 2
			touch "$DIR/woke"
		fi
		exec "$BIN/tools/testpppd" "\$@"
	END
	chmod 755 "$DIR/pppd"
	sed -i "s|^pppd = .*|pppd = $DIR/pppd|" "$DIR/lnsd.conf"
	lnsd_start
	check 'a call that is over before it is asked for anything' lac_now tunnel call sleep:500 stop
	lac a tunnel session serve
	equal 'the late one still sleeps' no "$([[ -e $DIR/woke ]] && echo yes || echo no)"
	wait_for 5 'the late one wakes' test -e "$DIR/woke"
	wait_for 5 'the late one has gone' has_line lnsd '^pppd ended '
	equal 'frames to the client' 2 "$(json sessions '.[0].tx_packets')"
}

case_call_right_after_another_has_its_place() {
	cat >"$DIR/pppd" <<-END
		#!/bin/sh
		if mkdir "$DIR/stays" 2>/dev/null; then
			trap '' TERM
			exec sleep 60
		fi
		exec "$BIN/tools/testpppd" "\$@"
	END
	chmod 755 "$DIR/pppd"
	sed -i "s|^pppd = .*|pppd = $DIR/pppd|" "$DIR/lnsd.conf"
	printf '[server]\nmax-sessions = 1\n' >>"$DIR/lnsd.conf"
	lnsd_start
	check 'a call ends, and its pppd takes its time' lac_now tunnel call sleep:500 stop
	check 'the next has its place' lac_now tunnel session stop
	wait_for 10 'both pppds have ended' lines_are 2 '^pppd ended '
}

case_pppd_cannot_start() {
	printf '#!/nonexistent\n' >"$DIR/pppd"
	chmod 755 "$DIR/pppd"
	sed -i "s|^pppd = .*|pppd = $DIR/pppd|" "$DIR/lnsd.conf"
	lnsd_start
	check 'no session comes up' ! lac_now tunnel session
	equal 'refused lines' 1 "$(journal 'refused user="".* cause=pppd-(start|died) ')"
	equal 'what to do' 1 "$(journal '^pppd could not be started .*: No such file or directory: check ppp\.pppd: ')"
	check 'the daemon lives' ctl status
}

case_ipv6() {
	lnsd_start
	"$LAC" ::1 1701 tunnel session echo:100 serve >"$DIR/six.log" 2>&1 &
	LACS+=($!)
	wait_for 5 'the LAC serves' has_line six '^serving'
	equal 'peer' '::1' "$(json sessions '.[0].peer')"
}

case_end_by_sigterm() {
	local began=$SECONDS
	lnsd_start
	lac a tunnel session session serve
	lac b tunnel session serve
	lnsd_stop || fault "the exit code is $?"
	at_most 'seconds' 10 $((SECONDS - began))
	wait_for 2 'one client was told' has_line a '^stopccn result=6 error=0$'
	wait_for 2 'the other too' has_line b '^stopccn result=6 error=0$'
	wait_for 5 '3 logout lines' lines_are 3 'logout user="test".* cause=shutdown closed_by=server '
	check 'no pppd is left' pppds_are 0
	check 'the control socket is gone' ! test -e /run/lnsd/ctl
}

case_second_daemon_is_refused() {
	lnsd_start
	check 'it does not start' ! timeout 10 "$BIN/lnsd" -c "$DIR/lnsd.conf"
	said 'already running'
	check 'the first one lives' ctl status
	check 'and serves' lac_now tunnel session echo:50 stop
}

case_port_taken() {
	socat -u UDP4-RECV:1701 - >/dev/null &
	LACS+=($!)
	sleep 0.3
	check 'it does not start' ! timeout 10 "$BIN/lnsd" -c "$DIR/lnsd.conf"
	said '1701'
	equal 'lines' 1 "$(wc -l <"$DIR/said")"
	check 'nothing is left behind' ! test -e /run/lnsd/ctl
}

case_worker_is_locked_in() {
	local status
	lnsd_start
	status=$(</proc/"$(worker)"/status)
	has() {
		grep -qE "^$1:[[:space:]]+$2$" <<<"$status" || fault "$1 is $(grep "^$1:" <<<"$status")"
	}
	has Seccomp 2
	has NoNewPrivs 1
	has CapEff 0000000000002000
	has CapPrm 0000000000002000
	has CapInh 0+
	has CapBnd 0+
	has CapAmb 0+
	has Uid '64321[[:space:]]+64321[[:space:]]+64321[[:space:]]+64321'
	has Gid '64321[[:space:]]+64321[[:space:]]+64321[[:space:]]+64321'
	has Groups '[[:space:]]*'
}

# Eight datagrams of data for a tunnel that there is not, in one piece, and a ninth, broken
train_under_a_mark() {
	python3 - <<-'X'
		import socket, struct
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, 77)
		data = struct.pack("!HHHHH", 0x4002, 100, 9999, 9999, 0) + bytes(90)
		udp, udp_segment = 17, 103
		s.sendmsg([data * 8], [(udp, udp_segment, struct.pack("=H", 100))], 0, ("127.0.0.1", 1701))
		s.sendto(b"x", ("127.0.0.1", 1701))
	X
}

dropped_are() {
	[[ $(json status '.dropped | add') == "$1" ]]
}

# Joined by the kernel, perhaps of two clients: nobody's, and from then on it joins none. The sandbox lets the worker say so.
case_train_under_a_mark_ends_trains() {
	local before
	lnsd_start
	before=$(worker)
	train_under_a_mark
	wait_for 5 'the first train is dropped' dropped_are 1
	train_under_a_mark
	wait_for 5 'the second train comes in one by one' dropped_are 10
	equal 'worker' "$before" "$(worker)"
}

case_worker_never_runs_as_root() {
	users 0
	check 'it does not start' ! timeout 10 "$BIN/lnsd" -c "$DIR/lnsd.conf"
	said 'lnsd has uid 0: the worker never runs as root'
}

case_worker_killed() {
	local id
	lnsd_start
	lac a tunnel session session serve
	id=$(json sessions '.[0].id')
	check 'one ends before' ctl disconnect "$id"
	wait_for 5 'its entry' entries_are 1
	kill -KILL "$(worker)"
	wait_for 10 'lnsd has ended' gone "$LNSD"
	wait "$LNSD"
	equal 'exit code' 1 $?
	LNSD=''
	wait_for 5 'no pppd is left' pppds_are 0
	check 'it says so' has_line lnsd 'worker was killed by signal 9'
	equal 'who was connected is in the history' "shutdown server test lnsd's worker died, and nobody knows how much has passed; admin" \
		"$(json history '"\(.[0].cause) \(.[0].closed_by) \(.[0].user) \(.[0].text); \(.[1].cause)"')"
	equal 'each once' 2 "$(json history length)"
}

# A socket in systemd's place takes what the keeper tells of itself, one after the other.
case_worker_that_hangs_is_ended() {
	local worker before
	socat -u UNIX-RECV:"$DIR/notify" OPEN:"$DIR/notified",creat,append &
	LACS+=($!)
	wait_for 5 'a socket for notes' test -S "$DIR/notify"
	pulses() {
		grep -o WATCHDOG=1 "$DIR/notified" | wc -l
	}
	# shellcheck disable=SC2317 # called by check
	pulses_are_more_than() {
		(($(pulses) > $1))
	}
	lnsd_start env NOTIFY_SOCKET="$DIR/notify" WATCHDOG_USEC=6000000
	lac a tunnel session serve
	wait_for 5 'three signs of life' pulses_are_more_than 2
	worker=$(worker)
	kill -STOP "$worker"
	before=$(pulses)
	wait_for 10 'lnsd has ended' gone "$LNSD"
	wait "$LNSD"
	equal 'exit code' 1 $?
	LNSD=''
	check 'it says why' has_line lnsd 'the worker hangs: no answer for 4000 ms'
	check 'signs of life of a worker that has stopped' ! pulses_are_more_than $((before + 1))
	wait_for 5 'no pppd is left' pppds_are 0
	check 'the worker has ended' gone "$worker"
	equal 'who was connected is in the history' 'shutdown' "$(json history '.[].cause')"
}

case_keeper_killed() {
	local worker
	lnsd_start
	lac a tunnel session serve
	worker=$(worker)
	kill -KILL "$LNSD"
	wait "$LNSD" 2>/dev/null
	LNSD=''
	wait_for 5 'the worker has ended' gone "$worker"
	wait_for 5 'the client was told' has_line a '^stopccn '
	check 'it says so' has_line lnsd 'the keeper is gone'
	wait_for 5 '1 logout lines' lines_are 1 'logout user="test"'
}

case_control_socket_bears_bad_clients() {
	local i
	lnsd_start
	ask() {
		timeout 10 socat -t 8 - UNIX-CONNECT:/run/lnsd/ctl
	}
	equal 'not JSON' false "$(echo hello | ask | jq -r .ok)"
	equal 'unknown verb' false "$(echo '{"verb": "format"}' | ask | jq -r .ok)"
	equal 'no argument' false "$(echo '{"verb": "show"}' | ask | jq -r .ok)"
	equal 'a line too long' false "$(head -c 5000 /dev/zero | tr '\0' ' ' | ask | jq -r .ok)"
	equal 'in pieces' true "$( (printf '{"verb":'; sleep 0.2; printf '"status"}\n') | ask | jq -r .ok)"
	for ((i = 0; i < 40; i++)); do
		sleep 20 | socat -u - UNIX-CONNECT:/run/lnsd/ctl 2>/dev/null &
	done
	sleep 0.5
	check 'lnsctl is served after 40 silent clients' ctl status
	check 'data flows' lac_now tunnel session echo:50 stop
}

case_idle_means_asleep() {
	local worker before
	switches() {
		awk '/^voluntary_ctxt_switches/ {print $2}' "/proc/$1/status"
	}
	lnsd_start
	lac a tunnel session session serve
	worker=$(worker)
	sleep 1
	before=$(switches "$worker")
	sleep 3
	at_most 'times that an idle worker woke up in 3 s' 1 $(($(switches "$worker") - before))
}

# mark_all MARK: what comes to our port carries it, as if an SA or a rule of the host's had put it on; what leaves is
# counted by whether it does
mark_all() {
	nft -f - <<-END || fault 'nft does not work here'
		table inet marks {
			counter with {}
			counter without {}
			chain in { type filter hook input priority 0; udp dport 1701 meta mark set $1; }
			chain out {
				type filter hook output priority 0
				udp sport 1701 meta mark $1 counter name with accept
				udp sport 1701 counter name without
			}
		}
	END
}

marked() {
	nft -j list counter inet marks "$1" | jq '[.nftables[].counter.packets // empty] | add'
}

case_mark_of_ours_that_no_client_has_is_kept_out() {
	mark_all 0x20000007
	lnsd_start
	check 'no tunnel comes up' ! lac_now tunnel
	equal 'answers' 0 $(($(marked with) + $(marked without)))
	equal 'tunnels' 0 "$(json status .tunnels)"
	(($(json status .dropped.unprotected) > 2)) || fault 'status does not count what was dropped'
	(($(journal 'dropped unprotected datagram peer=127.0.0.1:[0-9]+ mark=0x20000007') > 2)) || fault 'no line says so'
	nft delete table inet marks
}

case_mark_of_others_is_passed_over() {
	mark_all 0x30000007
	lnsd_start
	check 'data flows' lac_now tunnel session echo:50 stop
	equal 'answers with the mark' 0 "$(marked with)"
	(($(marked without) > 50)) || fault "only $(marked without) answers"
	equal 'dropped' 0 "$(json status .dropped.unprotected)"
	nft delete table inet marks
}

case_marks_are_told_by_the_kernel_or_by_the_socket() {
	check 'SO_RCVMARK and SO_MARK' "$BIN/tools/marks"
	said 'passed: 1 socket'
	check 'groups of sockets' "$BIN/tools/without" rcvmark "$BIN/tools/marks"
	said 'passed: 1024 socket'
}

case_kernel_without_rcvmark() {
	mark_all 0x20000007
	lnsd_start "$BIN/tools/without" rcvmark
	equal 'line that says so' 1 "$(journal 'no SO_RCVMARK .*: 1024 sockets an address .* at most 1023')"
	check 'mark of ours that no client has' ! lac_now tunnel
	(($(json status .dropped.unprotected) > 2)) || fault 'status does not count what was dropped'
	nft delete table inet marks
	mark_all 0x30000007
	check 'mark of others' lac_now tunnel session echo:50 stop
	equal 'answers with the mark' 0 "$(marked with)"
	(($(marked without) > 50)) || fault "only $(marked without) answers"
	nft delete table inet marks
	check 'no mark' lac_now tunnel session session echo:50 stop
	equal 'addresses' '["0.0.0.0:1701","[::]:1701"]' "$(json status '.listen | tojson')"
}

case_kernel_that_tells_no_marks_is_refused_where_ipsec_is_required() {
	sed -i 's,^require = no,require = yes,' "$DIR/lnsd.conf"
	check 'no start' ! timeout 10 "$BIN/tools/without" 'rcvmark,groups' "$BIN/lnsd" -c "$DIR/lnsd.conf"
	equal 'one line' 1 "$(wc -l <"$DIR/said")"
	said 'the kernel tells nothing .*: use a later kernel, or set ipsec.require = no'
	conf
	lnsd_start "$BIN/tools/without" 'rcvmark,groups'
	check 'plain peers work' lac_now tunnel session echo:50 stop
}

# standin_start [COMMAND...]: the worker, with a keeper that `told` commands (tests/tools/standin.c)
standin_start() {
	mkfifo "$DIR/told"
	"$@" "$BIN/tools/standin" <"$DIR/told" >"$DIR/asked.log" 2>"$DIR/lnsd.log" &
	LACS+=($!)
	exec {TOLD}>"$DIR/told"
	wait_for 10 'the worker is ready' grep -q '^ready' "$DIR/asked.log"
}

told() {
	printf '%s\n' "$*" >&"$TOLD"
}

tunnels_are() {
	[[ $(json tunnels length) == "$1" ]]
}

# A client's whole life as the worker sees it: its mark is `$2`; the worker runs by `${@:3}`
protected_life() {
	local mark=$1 tid
	mark_all "$mark"
	standin_start "${@:2}"
	check 'nobody is let in before the keeper names him' ! lac_now tunnel
	told sa "$mark" 0
	lac a tunnel serve
	equal 'tunnels' 1 "$(json tunnels length)"
	equal 'answers without the mark' 0 "$(marked without)"
	tid=$(json tunnels '.[0].id')
	equal 'ipsec' "true AES_GCM_16_256 0x0000a001 0x0000b001 16389 $mark 2" "$(json show "$tid" '.tunnel.ipsec |
		"\(.protected) \(.cipher) \(.spi_in) \(.spi_out) \(.reqid) \(.mark) \(.rekeys)"')"
	equal 'its SAs' 'in 0x0000a001 true 65 5000000000 1234 out 0x0000b001 true 65 5000000000 1234' \
		"$(json show "$tid" '.tunnel.ipsec.sas | map("\(.direction) \(.spi) \(.current) \(.age_s) \(.bytes) \(.packets)") | join(" ")')"
	equal 'questions to the keeper' 2 "$(grep -c "^count $mark" "$DIR/asked.log")"
	told gone "$mark"
	wait_for 3 'the tunnel goes with its SA' tunnels_are 0
	equal 'reason' 1 "$(journal 'tunnel down tid=.* cause=ipsec-gone closed_by=server')"
	check 'nobody is let in after that' ! lac_now tunnel
	equal 'SAs given back' 0 "$(grep -c '^drop' "$DIR/asked.log")"
	told sa "$mark" 0
	check 'it comes and goes' lac_now tunnel stop
	sleep 4
	check 'and comes again in time' lac_now tunnel stop
	sleep 4
	equal 'SAs given back before their time' 0 "$(grep -c '^drop' "$DIR/asked.log")"
	wait_for 3 'the SA is given back' grep -q "^drop $mark" "$DIR/asked.log"
	equal 'answers without the mark' 0 "$(marked without)"
	told end
	exec {TOLD}>&-
	nft delete table inet marks
}

case_client_through_its_sa() {
	protected_life 0x20000007
}

case_client_through_its_sa_without_rcvmark() {
	protected_life 0x20000007 "$BIN/tools/without" rcvmark
}

case_many_sessions_come_and_go_with_their_lac() {
	local step steps=()
	for ((step = 0; step < 200; step++)); do steps+=(session); done
	lnsd_start
	lac a tunnel "${steps[@]}" serve
	equal 'sessions' 200 "$(json sessions length)"
	equal 'distinct addresses' 200 "$(json sessions 'map(.address) | unique | length')"
	check 'disconnect' ctl disconnect "$(json sessions '.[100].id')"
	wait_for 5 'one less' sessions_are 199
	check 'its tunnel is ended' ctl disconnect "$(json tunnels '.[0].id')"
	wait_for 10 'no session is left' sessions_are 0
	wait_for 10 'no pppd is left' pppds_are 0
	wait_for 5 '200 logout lines' lines_are 200 'logout user="test".* cause=admin'
	check 'and their addresses are free' lac_now tunnel "${steps[@]}" stop
}

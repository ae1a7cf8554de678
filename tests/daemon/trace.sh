# shellcheck shell=bash
# Control messages as they pass and as they were, and the live view of sessions.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# trace_start NAME ARG...: in the background, output in NAME.log, until the daemon has it
trace_start() {
	local before
	before=$(journal 'trace begins')
	timeout 60 "$BIN/lnsctl" trace "${@:2}" >"$DIR/$1.log" 2>"$DIR/$1.err.log" &
	TRACE=$!
	wait_for 10 "trace $1 has begun" lines_are $((before + 1)) 'trace begins'
}

# Ctrl-C; gives the exit code
trace_stop() {
	pkill -INT -P "$TRACE"
	wait "$TRACE"
}

case_trace_shows_messages_with_their_avps() {
	lnsd_start
	trace_start seen 127.0.0.1
	lac a tunnel session echo:5 serve
	wait_for 5 'ICCN is seen' has_line seen ' in  ICCN '
	check 'Ctrl-C ends it well' trace_stop
	equal 'SCCRQ' 1 "$(grep -cE '^[0-9:.]{12} in  SCCRQ +Ns 0 Nr 0  tunnel 0 session 0  127\.0\.0\.1:[0-9]+' "$DIR/seen.log")"
	equal 'SCCRP' 1 "$(grep -cE '^[0-9:.]{12} out SCCRP +Ns 0 Nr 1 ' "$DIR/seen.log")"
	check 'its AVPs' has_line seen '^ +Host Name: lac\.test$'
	check 'no data message' ! has_line seen ' data '
	check 'of another peer nothing is shown' ctl trace 192.0.2.77 --for 1s
	equal 'of another peer' '' "$(cat "$DIR/said")"
}

case_trace_of_a_user_who_comes_later() {
	lnsd_start
	trace_start seen test --json
	lac a tunnel session serve
	lac_now tunnel session cdn stop
	wait_for 5 'the messages before the log-in are told' has_line seen '"type": ?"SCCRQ"'
	wait_for 5 'StopCCN is seen' has_line seen '"type": ?"StopCCN"'
	check 'Ctrl-C ends it well' trace_stop
	equal 'one JSON document' array "$(jq -r type "$DIR/seen.log")"
	equal 'what its StopCCN says' 'Result Code' \
		"$(jq -r '[.[] | select(.type == "StopCCN") | .avps[] | .name] | map(select(. == "Result Code"))[0]' "$DIR/seen.log")"
}

case_trace_into_a_file_that_tcpdump_reads() {
	lnsd_start
	trace_start seen test --pcap "$DIR/seen.pcapng" --data
	lac a tunnel session echo:20 serve
	lac_now tunnel session echo:20 stop
	wait_for 5 'the end is written' grep -qa . "$DIR/seen.pcapng"
	check 'Ctrl-C ends it well' trace_stop
	equal 'mode of the file' 600 "$(stat -c %a "$DIR/seen.pcapng")"
	tcpdump -nvr "$DIR/seen.pcapng" >"$DIR/dump.log" 2>&1
	check 'control messages' has_line dump 'MSGTYPE\((ICCN|StopCCN)\)'
	check 'data messages' has_line dump 'l2tp:\[.?L?\]?.*\{'
	check 'no bad checksum' ! has_line dump 'bad'
	check 'the count is said' has_line seen.err '^[0-9]+ datagrams in '
	# the user's password, as PAP sent it
	check 'no password' ! grep -qaF "$(printf '\x04test\x04test')" "$DIR/seen.pcapng"
}

case_trace_that_reads_nothing_holds_up_nobody() {
	local memory
	lnsd_start
	lac a tunnel session serve
	trace_start seen test --data
	pkill -STOP -P "$TRACE"
	# what there is room for is full then
	lac_now tunnel session echo:1000 stop || fault 'data did not flow'
	memory=$(rss_kb "$(worker)")
	lac_now tunnel session echo:3000 stop || fault 'data did not flow'
	wait_for 10 'the session lives, alone' sessions_are 1
	at_most 'kB more of memory' 2000 $(($(rss_kb "$(worker)") - memory))
	pkill -CONT -P "$TRACE"
	wait_for 10 'how much it missed is told' has_line seen '^… [0-9]+ left out'
	check 'Ctrl-C ends it well' trace_stop
}

case_traces_are_few() {
	local i pids=()
	lnsd_start
	for i in 1 2 3 4; do
		trace_start "seen$i" test
		pids+=("$TRACE")
	done
	check 'a fifth is refused' ! ctl trace test
	said '4 traces run already: end one of them'
	TRACE=${pids[0]}
	check 'Ctrl-C ends it well' trace_stop
	trace_start again test
	check 'no user, no trace' ! ctl trace
	said "A user, a peer's address or an ID is needed"
	check 'a wrong time' ! ctl trace test --for ever
	said 'a time such as 30s, 10m or 2h is needed'
	check 'a file that cannot be made' ! ctl trace test --pcap /nowhere/file
	said '/nowhere/file: No such file or directory'
}

case_tunnel_that_died_is_remembered() {
	local id
	lnsd_start
	lac a tunnel session serve
	id=$(json tunnels '.[0].id')
	equal 'of a live tunnel' 'SCCRQ SCCRP SCCCN' "$(json trace --past "$id" '[.[0].messages[] | select(.type != "ZLB") | .type] | .[0:3] | join(" ")')"
	equal 'by its user' "$id" "$(json trace --past test '.[0].tunnel_id')"
	lac_now tunnel session cdn stop
	equal 'a tunnel that ended as it should is not kept' 0 "$(json trace --past length)"
}

case_tunnel_that_died_badly_is_remembered() {
	echo secret >"$DIR/secret"
	chmod 600 "$DIR/secret"
	conf server.tunnel-secret-file="$DIR/secret"
	lnsd_start
	lac_now tunnel session stop
	equal 'why' '127.0.0.1 wrong-password server' "$(json trace --past '.[0] | "\(.peer) \(.cause) \(.closed_by)"')"
	equal 'its messages, the last word too' 'in SCCRQ, out SCCRP, in SCCCN, out StopCCN' \
		"$(json trace --past '[.[0].messages[] | select(.type != "ZLB") | "\(.direction) \(.type)"] | .[0:4] | join(", ")')"
	check 'as a table' ctl trace --past 127.0.0.1
	said '^Tunnel [0-9]+ of 127\.0\.0\.1:[0-9]+, never established, ended .*: wrong-password'
	said '^[0-9:.]{12}  *out  *StopCCN  *[0-9]+  *[0-9]+  *0  *[0-9]+'
	check 'of nobody there is none' ctl trace --past nobody
	said 'No tunnel of that name is there or died badly'
}

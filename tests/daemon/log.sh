# shellcheck shell=bash
# The time line, where there is no journal: files.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

# pluto_says TEXT...: lines of now in pluto's file
pluto_says() {
	local line
	for line; do
		printf '%s: %s\n' "$(LC_ALL=C date '+%b %e %H:%M:%S.%6N')" "$line" >>"$DIR/pluto.log"
	done
}

log_has() {
	grep -qaE "$1" "$DIR/seen.log"
}

case_log_without_a_journal() {
	conf ipsec.log-file="$DIR/pluto.log"
	pluto_says '"lnsd-psk-1"[3] 127.0.0.1 #5: responding to Main Mode from unknown peer 127.0.0.1:500' \
		'| a key: 0123456789abcdef0123456789abcdef' \
		'"lnsd-psk-1"[3] 127.0.0.1 #6: IPsec SA established transport mode {ESP=>0x01 <0x02}'
	lnsd_start
	timeout 60 "$BIN/lnsctl" log test -f --config "$DIR/lnsd.conf" >"$DIR/seen.log" 2>&1 &
	LOG=$!
	lac_now tunnel session echo:10 cdn stop
	wait_for 10 'the end of the session is followed' log_has ' account  logout user="test" .* cause=user-request '
	log_has ' ike  *"lnsd-psk-1"\[3\] .* IPsec SA established' || fault 'the IKE exchange is not there'
	pkill -INT -P "$LOG"
	wait "$LOG" || fault 'Ctrl-C did not end it well'
	equal 'as JSON' 'ike ike account account' \
		"$(ctl log test --json --config "$DIR/lnsd.conf" | jq -r '[.[].stage] | join(" ")')"
	check 'of nobody' ctl log nobody --config "$DIR/lnsd.conf"
	said '^Nothing is in the log of nobody\.$'
	check 'debugging is left out' ! grep -a 0123456789 "$DIR/seen.log"
	check 'a wrong time' ! ctl log --since tomorrow
	said '^lnsctl: --since tomorrow: '
	check 'a file that is not there' ! ctl log --file /nowhere/log
	said '^lnsctl: /nowhere/log: No such file or directory$'
}

case_log_of_a_file_with_times() {
	lnsd_start
	lac_now tunnel session stop
	wait_for 5 'logout' lines_are 1 'logout user="test"'
	sed "s/^/$(date -u +%FT%TZ) /" "$DIR/lnsd.log" >"$DIR/stamped"
	check 'the file is read' ctl log test --file "$DIR/stamped"
	said '^[0-9:.]{12}  l2tp     tunnel up tid=[0-9]+ '
	said '^ +took L2TP [0-9]+ ms, PPP [0-9]+ ms: [0-9]+ ms$'
}

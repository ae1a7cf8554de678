# shellcheck shell=bash
# Cases about what remains of a session: journal, history, and what the client was told, in the words of host.sh and cases.sh.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

entries_are() {
	[[ $(json history length) == "$1" ]]
}

# entry FILTER: of the newest one
entry() {
	json history ".[0] | $1"
}

case_history_has_what_was_and_survives_restarts() {
	lnsd_start
	lac a tunnel session echo:50 serve
	equal 'who is connected is not in it' 0 "$(json history length)"
	local id address
	id=$(json sessions '.[0].id')
	address=$(json sessions '.[0].address')
	check 'disconnect' ctl disconnect "$address"
	wait_for 5 'one entry' entries_are 1
	equal 'who, where, why' "$id test $address 127.0.0.1 false admin admin" \
		"$(entry '"\(.id) \(.user) \(.address) \(.peer) \(.refused) \(.cause) \(.closed_by)"')"
	equal 'a missing key' '' "$(json history '["id", "user", "address", "address6", "peer", "client", "start", "end", "duration_s",
		"rx_bytes", "tx_bytes", "cause", "closed_by", "text"] - (.[0] | keys) | join(" ")')"
	equal 'bytes' true "$(entry '.rx_bytes > 1000 and .tx_bytes > 1000')"
	equal 'mode and owner' '640 root:64321' "$(stat -c '%a %U:%g' /var/lib/lnsd/history)"
	equal 'folder' '750 root:64321' "$(stat -c '%a %U:%g' /var/lib/lnsd)"
	lac b tunnel session session serve
	check 'the daemon ends' lnsd_stop
	check 'it is read without one' ctl history
	said '^[0-9-]+ [0-9:]+ +[0-9]+s +test +10\.99\.0\.[0-9]+ +127\.0\.0\.1 .* shutdown +server '
	equal 'those whom it ended are in it' 3 "$(json history length)"
	lnsd_start
	check 'another login' lac_now tunnel session stop
	wait_for 5 'four entries' entries_are 4
	equal 'newest first' 'user-request shutdown shutdown admin' "$(json history '[.[].cause] | join(" ")')"
	equal 'the last one' 1 "$(json history --last 1 length)"
	equal 'of an address' true "$(json history "$address" ". | length >= 1 and all(.address == \"$address\")")"
	equal 'since tomorrow' 0 "$(json history --since "$(date -d tomorrow +%F)" length)"
}

case_history_has_refusals_with_the_reason() {
	printf 'user test\npassword guess\n' >"$DIR/options"
	conf "ppp.options-file = $DIR/options"
	lnsd_start
	lac_now tunnel session stop
	wait_for 5 'the refusal' entries_are 1
	equal 'refusal' 'true test null 0 wrong-password server wrong password' \
		"$(entry '"\(.refused) \(.user) \(.address) \(.duration_s) \(.cause) \(.closed_by) \(.text)"')"
	equal 'log-ins' 0 "$(json history --logins length)"
	check 'no password is in it' ! grep -q guess /var/lib/lnsd/history
}

case_history_that_cannot_be_written_is_a_problem_and_nothing_else() {
	mkdir -p /var/lib/lnsd/history
	lnsd_start
	check 'a session comes and goes' lac_now tunnel session echo:20 stop
	wait_for 5 'the problem' problems_are 1
	equal 'text' 'the history cannot be written: /var/lib/lnsd/history: Is a directory' "$(json status '.problems[0].text')"
	check 'another one, too' lac_now tunnel session echo:20 stop
	wait_for 5 'both have a line' lines_are 2 'logout user="test"'
	rmdir /var/lib/lnsd/history
	check 'a third' lac_now tunnel session stop
	wait_for 5 'it is over' problems_are 0
	wait_for 5 'it is there' entries_are 1
	conf log.history-size=0
	check 'reload' ctl reload
	check 'none is kept' lac_now tunnel session stop
	wait_for 5 'its line' lines_are 4 'logout user="test"'
	equal 'entries' 1 "$(json history length)"
}

# 200 sessions end at once: the wall and the keeper take all of their entries
case_history_of_many_that_end_at_once_is_whole() {
	local steps=() i
	for ((i = 0; i < 200; i++)); do steps+=(session); done
	lnsd_start
	lac a tunnel "${steps[@]}" serve
	check 'all end' ctl disconnect all
	wait_for 20 'every entry is there' entries_are 200
	equal 'each once' 200 "$(json history '[.[].id] | unique | length')"
}

# The ways in which a session ends; a.log is of the LAC that hears of it.
end_by_admin() {
	lac a tunnel session serve
	ctl disconnect all
}

end_by_client() {
	lac a tunnel session cdn serve
}

end_by_pppd() {
	lac a tunnel session serve
	pkill -KILL -x testpppd
}

end_by_password() {
	printf 'user test\npassword guess\n' >"$DIR/options"
	lac_now tunnel session
	mv "$DIR/now.log" "$DIR/a.log"
}

end_by_pool() {
	lac b tunnel session serve
	"$LAC" 127.0.0.1 1701 tunnel session >"$DIR/a.log" 2>&1
}

end_by_shutdown() {
	lac a tunnel session serve
	lnsd_stop
}

# The newest entry of the history says what the newest line of the log says, and what the client was told.
case_cause_is_one_in_log_history_and_cdn() {
	local way cause by heard line
	while read -r way cause by heard; do
		finish_case
		begin_case
		: >"$DIR/options"
		conf "ppp.options-file = $DIR/options" 'network.pool = 10.99.0.10'
		lnsd_start
		"end_by_$way" >/dev/null 2>&1
		wait_for 5 "$way: its entry" has_cause "$cause"
		line=$(grep -aE '^(logout|refused) ' "$DIR/lnsd.log" | grep -a " cause=$cause " | tail -n 1)
		equal "$way: log and history" "${line#* cause=}" \
			"$(json history "map(select(.cause == \"$cause\"))[0] | \"\\(.cause) closed_by=\\(.closed_by) text=\\\"\\(.text)\\\"\"")"
		equal "$way: by whom" "$by" "$(json history "map(select(.cause == \"$cause\"))[0].closed_by")"
		[[ $heard == - ]] || wait_for 5 "$way: the client hears $heard" has_line a "^$heard"
	done <<-'TABLE'
		admin admin admin cdn.*result=3
		client user-request client -
		pppd pppd-died server cdn.*result=4
		password wrong-password server cdn.*result=3
		pool no-address server cdn.*result=4
		shutdown shutdown server stopccn.*result=6
	TABLE
}

# has_cause CAUSE: some entry has it
has_cause() {
	[[ $(json history "map(select(.cause == \"$1\")) | length") -gt 0 ]]
}

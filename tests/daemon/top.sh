# shellcheck shell=bash
# The live view of sessions, on a terminal of tmux's.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

tm() {
	tmux -S "$DIR/tmux" "$@"
}

# top_start COLUMNS LINES ARG...
top_start() {
	tm -f /dev/null new-session -d -x "$1" -y "$2" "$BIN/lnsctl ${*:3} top; echo \"ended \$?\"; sleep 60"
	wait_for 10 'top shows itself' screen_has '^lnsd [0-9:]+ '
}

screen_has() {
	tm capture-pane -p >"$DIR/screen" && grep -qE "$1" "$DIR/screen"
}

screen_shows() {
	wait_for 10 "the screen shows '$1'" screen_has "$1"
}

top_end() {
	tm send-keys q
	screen_shows '^ended 0'
	tm kill-server
}

case_top_shows_rates_on_a_small_screen() {
	lnsd_start
	top_start 80 24
	screen_shows '^lnsd .*  0 sessions  in 0  out 0  by rate$'
	screen_shows 'Nobody is connected\.'
	lac a tunnel session session serve
	screen_shows '^lnsd .*  2 sessions '
	screen_shows '^USER  *ADDRESS  *PEER  *IN  *OUT  *UP'
	"$LAC" 127.0.0.1 1701 tunnel session flow:100:60 >"$DIR/b.log" 2>&1 &
	LACS+=($!)
	screen_shows '^test  *10\.99\.0\.[0-9]+  *127\.0\.0\.1  *[0-9.]+ [kM]b/s  *'
	equal 'lines that are too long' 0 "$(awk 'length($0) > 80' "$DIR/screen" | wc -l)"
	screen_shows '^q quit  sort by:  r rate  i in  o out  t total  a age  u user'
	tm send-keys u
	screen_shows ' by user$'
	tm resize-window -x 120 -y 30
	screen_shows ' OUT  *UP  *RX  *TX  *CLIENT'
	tm resize-window -x 20 -y 4
	tm resize-window -x 80 -y 24
	screen_shows '^q quit  sort by:'
	top_end
}

case_top_with_ten_thousand_sessions() {
	python3 tests/daemon/crowd.py "$DIR/crowd" 10000 &
	LACS+=($!)
	wait_for 10 'the crowd is there' test -S "$DIR/crowd"
	top_start 80 24 "--socket $DIR/crowd"
	screen_shows '^lnsd .*  10000 sessions '
	wait_for 30 'the fastest is first' screen_has '^user05000  *10\.99\.19\.136  *192\.0\.2\.1  *[0-9.]+ [kM]b/s'
	equal 'rows' 21 "$(grep -c '^user' "$DIR/screen")"
	tm send-keys u
	screen_shows ' by user$'
	screen_shows '^user00001 '
	tm send-keys NPage
	screen_shows '  22-42$'
	screen_shows '^user00022 '
	tm send-keys End
	screen_shows '^user10000 '
	tm send-keys Home
	screen_shows '^user00001 '
	tm send-keys C-c
	screen_shows '^ended 0'
	tm kill-server
	equal 'once, as JSON' '10000 user05000' "$(ctl --socket "$DIR/crowd" top --json | jq -r '"\(length) \(.[0].user)"')"
}

case_top_without_a_terminal_or_a_daemon() {
	check 'no daemon' ! ctl top
	said 'lnsd does not answer'
	lnsd_start
	check 'nobody' ctl top
	equal 'an empty table' 1 "$(wc -l <"$DIR/said")"
	lac a tunnel session serve
	equal 'keys' '' "$(json top '["id", "user", "address", "peer", "client", "state", "uptime_s", "rx_bytes", "tx_bytes",
		"rx_bps", "tx_bps"] - (.[0] | keys) | join(" ")')"
	check 'a table' ctl top --once
	said '^test  *10\.99\.0\.10  *127\.0\.0\.1  '
	top_start 80 24
	kill -KILL "$LNSD"
	screen_shows '^lnsd does not answer'
	top_end
}

# shellcheck shell=bash
# Metrics: what Prometheus reads, who is refused, and who holds up nobody.
# shellcheck disable=SC2153,SC2154 # variables are shared with host.sh

METRICS=http://127.0.0.1:9170/metrics

# fetch [CURL'S ARGUMENTS...]: what curl prints
fetch() {
	curl --silent --show-error --noproxy '*' --max-time 15 "$@"
}

# code [CURL'S ARGUMENTS...]: the status of the answer
code() {
	fetch --output /dev/null --write-out '%{http_code}' "$@"
}

# sample NAME: one sample's value, by name and labels
sample() {
	fetch "$METRICS" | awk -v name="$1" '$1 == name { print $2 }'
}

sample_is() {
	[[ $(sample "$1") == "$2" ]]
}

# Metrics that the daemon gives, one a line: NAME TYPE
given() {
	fetch "$METRICS" | awk '$1 == "#" && $2 == "TYPE" { print $3, $4 }'
}

case_metrics_are_what_happened() {
	conf 'metrics.listen = 127.0.0.1:9170'
	lnsd_start
	lac a tunnel session session echo:300 serve
	wait_for 5 'two sessions' sample_is 'lnsd_sessions{state="up"}' 2
	fetch "$METRICS" >"$DIR/first"
	check 'the format is right' promtool check metrics <"$DIR/first"
	equal 'what promtool says' '' "$(cat "$DIR/said")"
	equal 'type' 'text/plain; version=0.0.4; charset=utf-8' "$(fetch --output /dev/null --write-out '%{content_type}' "$METRICS")"
	has_sample() {
		grep -qxE "$1" "$DIR/first" || fault "there is no sample $1, but: $(grep -F "${1%% *}" "$DIR/first")"
	}
	has_sample 'lnsd_build_info\{version="[0-9.]+"\} 1'
	has_sample 'lnsd_tunnels 1'
	has_sample 'lnsd_half_open_tunnels 0'
	has_sample 'lnsd_logins_total\{cause="accepted"\} 2'
	has_sample 'lnsd_logins_total\{cause="wrong-password"\} 0'
	has_sample 'lnsd_setup_seconds_count\{stage="total"\} 2'
	has_sample 'lnsd_setup_seconds_bucket\{stage="l2tp",le="\+Inf"\} 2'
	has_sample 'lnsd_process_resident_memory_bytes\{process="worker"\} [0-9]{6,}'
	has_sample 'lnsd_process_resident_memory_bytes\{process="keeper"\} [0-9]{6,}'
	has_sample 'lnsd_process_cpu_seconds_total\{process="worker"\} [0-9]+\.[0-9]{3}'
	equal 'packets from clients' "$(json sessions 'map(.rx_packets) | add')" "$(sample lnsd_receive_packets_total)"
	equal 'bytes to clients' "$(json sessions 'map(.tx_bytes) | add')" "$(sample lnsd_transmit_bytes_total)"
	equal 'status' 127.0.0.1:9170 "$(json status .metrics)"
	check 'status for people' ctl status
	said '^metrics at: +127.0.0.1:9170$'
	wait_for 15 'what the keeper counts' sample_is 'lnsd_pppds{state="running"}' 2
	equal 'addresses' 2 "$(sample lnsd_pool_addresses_used)"
	check 'one ends' ctl disconnect "$(json sessions '.[0].id')"
	wait_for 5 'it is counted' sample_is 'lnsd_logouts_total{cause="admin"}' 1
	wait_for 5 'and not there any more' sample_is 'lnsd_sessions{state="up"}' 1
	check 'what it carried is not forgotten' test "$(sample lnsd_receive_packets_total)" -ge 301
	printf 'user test\npassword wrong\n' >"$DIR/options"
	echo "[ppp]
options-file = $DIR/options" >>"$DIR/lnsd.conf"
	check 'reload' ctl reload
	check 'no session comes up' ! lac_now tunnel session
	wait_for 5 'the refusal is counted' sample_is 'lnsd_logins_total{cause="wrong-password"}' 1
}

case_metrics_refuse_what_is_not_theirs() {
	conf 'metrics.listen = 127.0.0.1:9170'
	lnsd_start
	equal 'GET' 200 "$(code "$METRICS")"
	equal 'with a query' 200 "$(code "$METRICS?x=1")"
	equal 'another path' 404 "$(code "${METRICS%/*}/")"
	equal 'a path below' 404 "$(code "$METRICS/x")"
	equal 'a path with dots' 404 "$(code --path-as-is "${METRICS%/*}/../metrics")"
	equal 'POST' 405 "$(code --request POST "$METRICS")"
	equal 'POST with a body' 405 "$(code --data x "$METRICS")"
	equal 'POST with a large body' 413 "$(code --data "$(printf '%2000s' x)" "$METRICS")"
	equal 'DELETE' 405 "$(code --request DELETE "$METRICS")"
	equal 'HEAD' 405 "$(code --head "$METRICS")"
	equal 'what is allowed' GET "$(fetch --request PUT --output /dev/null --write-out '%header{allow}' "$METRICS")"
	equal 'an unknown method' 501 "$(code --request BREW "$METRICS")"
	check 'a header without end' ! fetch --fail --header "X: $(printf '%20000s' x)" "$METRICS"
	printf 'GET\r\n\r\n' | socat - TCP:127.0.0.1:9170,shut-none >/dev/null 2>&1
	head -c 100000 /dev/urandom | socat - TCP:127.0.0.1:9170 >/dev/null 2>&1
	equal 'GET after all of that' 200 "$(code "$METRICS")"
	check 'the daemon lives' ctl status
}

# A place is 5 s long, and there are 16.
case_metrics_of_bad_scrapers_hold_up_nobody() {
	local ticks
	conf 'metrics.listen = 127.0.0.1:9170'
	lnsd_start
	lac a tunnel session serve
	# one that asks and reads nothing, with a window as small as there is; one that trickles; others that say nothing
	socat -u - TCP:127.0.0.1:9170,rcvbuf=1024 < <(printf 'GET /metrics HTTP/1.1\r\n\r\n' && sleep 60) &
	LACS+=($!)
	socat -u - TCP:127.0.0.1:9170 2>/dev/null < <(printf 'GET /metrics HTTP/1.1\r\nX: ' && while printf y; do sleep 1; done 2>/dev/null) &
	LACS+=($!)
	for _ in {3..20}; do
		socat -u TCP:127.0.0.1:9170 - >/dev/null 2>&1 &
		LACS+=($!)
	done
	wait_for 5 'all places are taken' connections_are 16
	ticks=$(cpu_ticks "$(worker)")
	check 'data flows' lac_now tunnel session echo:500 stop
	check 'lnsctl answers' ctl status
	sleep 1
	at_most 'processor ticks while they wait' 20 $(($(cpu_ticks "$(worker)") - ticks))
	check 'their time is over, and the next is served' curl --silent --noproxy '*' --max-time 40 --output "$DIR/text" "$METRICS"
	check 'with all of it' grep -q '^lnsd_radius_records_lost_total 0$' "$DIR/text"
	equal 'a hundred in turn' 100 "$(for _ in {1..100}; do code "$METRICS" && echo; done | grep -cx 200)"
	wait_for 10 'nobody is left' connections_are 0
	check 'the session lives' sessions_are 1
}

# connections_are COUNT: of the worker, accepted
connections_are() {
	local held=0 fd inodes
	inodes=$(awk '$2 ~ /:23D2$/ && $4 != "0A" { print $10 }' /proc/net/tcp)
	for fd in "/proc/$(worker)/fd"/*; do
		[[ $(readlink "$fd") =~ ^socket:\[([0-9]+)\]$ && $'\n'$inodes$'\n' == *$'\n'${BASH_REMATCH[1]}$'\n'* ]] && ((held++))
	done
	((held == $1))
}

answers_at_path() {
	[[ $(code --unix-socket /run/lnsd/metrics http://x/metrics) == 200 ]]
}

case_metrics_at_a_path() {
	conf "metrics.listen = /run/lnsd/metrics"
	lnsd_start
	equal 'mode' '660 0:64321' "$(stat -c '%a %u:%g' /run/lnsd/metrics)"
	equal 'GET' 200 "$(code --unix-socket /run/lnsd/metrics http://x/metrics)"
	equal 'status' /run/lnsd/metrics "$(json status .metrics)"
	check 'a second daemon does not take it' ! timeout 10 "$BIN/lnsd" -c "$DIR/lnsd.conf"
	equal 'GET again' 200 "$(code --unix-socket /run/lnsd/metrics http://x/metrics)"
	lnsd_stop || fault "the exit code is $?"
	check 'it is gone with the daemon' ! test -e /run/lnsd/metrics
	# one that died leaves its socket, and another's file stays
	lnsd_start
	wait_for 10 'it serves' answers_at_path
	kill -KILL "$LNSD"
	wait "$LNSD" 2>/dev/null
	wait_for 10 'no lnsd is left' no_lnsd
	check 'its socket is still there' test -S /run/lnsd/metrics
	lnsd_start
	wait_for 10 'the next takes its place' answers_at_path
	lnsd_stop || fault "the exit code is $?"
	mkdir -p /run/lnsd
	echo mine >/run/lnsd/metrics
	check 'a file is in the way' ! timeout 10 "$BIN/lnsd" -c "$DIR/lnsd.conf"
	said 'metrics.listen: /run/lnsd/metrics cannot be made: Address already in use'
	equal 'it is as before' mine "$(cat /run/lnsd/metrics)"
}

# A client's link-local address has an interface, whose name nobody may look up.
case_metrics_over_ipv6() {
	ip address add fe80::1/64 dev lo
	conf 'metrics.listen = [::]:9170'
	lnsd_start
	equal 'IPv6' 200 "$(code 'http://[::1]:9170/metrics')"
	equal 'IPv4' 200 "$(code "$METRICS")"
	equal 'a link-local address' 200 "$(code 'http://[fe80::1%25lo]:9170/metrics')"
	check 'the daemon lives' ctl status
	equal 'status' '[::]:9170' "$(json status .metrics)"
	ip address del fe80::1/64 dev lo
}

case_metrics_port_taken() {
	socat -u TCP4-LISTEN:9170,bind=127.0.0.1,reuseaddr - >/dev/null &
	LACS+=($!)
	sleep 0.3
	conf 'metrics.listen = 127.0.0.1:9170'
	check 'it does not start' ! timeout 10 "$BIN/lnsd" -c "$DIR/lnsd.conf"
	said 'metrics.listen: TCP port 9170 on 127.0.0.1 cannot be opened: Address already in use'
	equal 'lines' 1 "$(wc -l <"$DIR/said")"
	check 'nothing is left behind' ! test -e /run/lnsd/ctl
}

case_metrics_are_not_there_unless_asked_for() {
	lnsd_start
	equal 'status' null "$(json status .metrics)"
	equal 'TCP sockets that listen' 0 "$(awk '$4 == "0A"' /proc/net/tcp /proc/net/tcp6 | wc -l)"
	conf 'metrics.listen = 127.0.0.1:9170'
	check 'reload' ctl reload
	said '^needs a restart '
	said '^ *\[metrics\] listen +none -> 127.0.0.1:9170$'
	check 'nothing listens before that' ! fetch "$METRICS"
}

# Metrics named in a file, one a line, without what a histogram adds
named_in() {
	grep -ohE '\blnsd_[a-z_0-9]+' "$@" | sed -E 's/^(lnsd_setup_seconds)_(bucket|sum|count)$/\1/' | sort -u
}

# Every expression of the dashboard, as rules that promtool can check
dashboard_rules() {
	jq '{groups: [{name: "dashboard", rules: [[.. | objects | select(has("expr")) | .expr] | to_entries[] | {record: "panel:\(.key)",
		expr: (.value | gsub("\\$__rate_interval"; "5m"))}]}]}' conf/grafana/lnsd.json
}

# shellcheck disable=SC2016 # the backquotes are those of the tables
case_metrics_are_those_of_manual_rules_and_dashboard() {
	conf 'metrics.listen = 127.0.0.1:9170'
	lnsd_start
	given >"$DIR/given"
	cut -d ' ' -f 1 "$DIR/given" | sort >"$DIR/names"
	equal 'metrics and the table of docs/metrics.md' '' \
		"$(diff <(sort "$DIR/given") <(sed -nE 's/^\| `(lnsd_[a-z_0-9]+)` \| ([a-z]+) \|.*/\1 \2/p' docs/metrics.md | sort))"
	equal 'labels and the table' '' "$(diff \
		<(fetch "$METRICS" | sed -nE 's/^(lnsd_[a-z_0-9]+)\{([^}]*)\}.*/\1 \2/p' | sed -E 's/_(bucket|sum|count) / /; s/,le="[^"]*"//
			s/="[^"]*"//g' | sort -u) \
		<(sed -nE 's/^\| `(lnsd_[a-z_0-9]+)` \| [a-z]+ \| (`[^|]*`) \|.*/\1 \2/p' docs/metrics.md | grep -v '^lnsd_radius_' |
			sed 's/`//g; s/, /,/g' | sort))"
	equal 'reasons and their table' '' "$(diff <(fetch "$METRICS" | sed -nE 's/^lnsd_drops_total\{reason="(.*)"\}.*/\1/p' | sort) \
		<(sed -n '/^The reasons of/,$p' docs/metrics.md | sed -nE 's/^\| `([a-z_]+)` .*/\1/p' | sort))"
	equal 'in the dashboard and not there' '' "$(comm -23 <(named_in conf/grafana/lnsd.json) "$DIR/names")"
	equal 'in the rules and not there' '' "$(comm -23 <(named_in conf/prometheus/lnsd.rules.yml) "$DIR/names")"
	equal 'in their test and not there' '' "$(comm -23 <(named_in tests/prometheus/lnsd.rules.test.yml) "$DIR/names")"
	equal 'in no panel of the dashboard' 'lnsd_build_info lnsd_draining lnsd_half_open_tunnels_limit lnsd_ipsec_info lnsd_tunnels_limit' \
		"$(comm -13 <(jq '.panels' conf/grafana/lnsd.json >"$DIR/panels" && named_in "$DIR/panels") "$DIR/names" | paste -sd ' ')"
	check 'the rules are right' promtool check rules conf/prometheus/lnsd.rules.yml
	said 'SUCCESS: [0-9]+ rules found'
	check 'they do what they say' promtool test rules tests/prometheus/lnsd.rules.test.yml
	dashboard_rules >"$DIR/dashboard.yml"
	check 'the expressions of the dashboard are right' promtool check rules "$DIR/dashboard.yml"
	said 'SUCCESS: [0-9]{2} rules found'
}

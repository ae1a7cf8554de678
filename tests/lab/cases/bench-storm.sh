# shellcheck shell=bash
# bench
# Storms of log-ins, pppd at both ends, a tunnel each: how many come up, how fast, and what the daemon takes for one; xl2tpd
# and lnsd in turn.
USERS=()
for ((i = 1; i <= 100; i++)); do USERS+=("user$i pass$i"); done
wire_plain_to 10.9.0.5

callers() {
	client 5 ip -o -4 addr show | grep -c ' s[0-9]* .* peer ' || true
}

callers_up() {
	(($(callers) == $1))
}

# storm DAEMON COUNT: "came-up milliseconds CPU-in-us"
storm() {
	local daemon=$1 count=$2 i before began took
	speed_start "$daemon" >&2
	client_open 5
	for ((i = 1; i <= count; i++)); do caller 5 "s$i" "user$i" "pass$i" >"$DIR/c5/options.of.$i"; done
	before=$(daemon_cpu_us)
	began=$(now_ms)
	for ((i = 1; i <= count; i++)); do
		client_lac 5 patience:60000 again:1000 tunnel call "pppd:$(<"$DIR/c5/options.of.$i")" serve
	done
	poll 40 callers_up "$count" || true
	took=$(($(now_ms) - began))
	echo "$(callers) $took $(($(daemon_cpu_us) - before))"
	client_kill 5
	speed_stop "$daemon" >&2
}

for count in 50 100; do
	for daemon in xl2tpd lnsd; do
		storm $daemon $count >"$DIR/storm.$daemon"
		read -r up took cpu <"$DIR/storm.$daemon"
		((up > 0)) || fail "$daemon: nobody came up"
		declare "cpu_$daemon=$((cpu / up))"
		note "$count at once, $daemon: $up up in $((took / 1000)) s, $(ratio $((up * 1000)) "$took") a second, CPU of the daemon $((cpu / up)) us a session"
	done
	# shellcheck disable=SC2154 # declared above
	note "CPU a session, lnsd's to xl2tpd's: $(ratio "$cpu_lnsd" "$cpu_xl2tpd") (bar 0.2)"
done

# shellcheck shell=bash
# bench
# One log-in, from SCCRQ to the address at the client: xl2tpd and lnsd in turn, the median of five. Beside it for how long the
# processor had nothing to do meanwhile, which is what waiting for timers costs, what the daemon took of it, and what it takes to
# start a pppd.
gw_set auth.methods mschapv2
wire_plain_to 10.9.0.5

gateway_forgets() {
	if [[ $1 == lnsd ]]; then gw_is_idle; else not gw_has_pppd; fi
}

# address_ms: when the client's interface had an address after it had dialled
address_ms() {
	local at
	for at in $(sed -nE 's/^\[([^]]*)\].*inet 10\..*/\1/p' "$DIR/addresses" | date -f - +%s%3N); do
		((at >= $(<"$DIR/c5/dialled"))) && echo "$at" && return
	done
}

idle_ms() {
	awk '$1 == "cpu" { print $5 * 10 }' /proc/stat
}

# dials DAEMON: of each of the five the milliseconds it took, and was idle, and the daemon's microseconds
dials() {
	local i idle cpu
	for i in 1 2 3 4 5; do
		client_open 5
		start "$DIR/addresses" ip netns exec c5 ip -ts -o -4 monitor address
		idle=$(idle_ms)
		cpu=$(daemon_cpu_us)
		client_l2tp 5 alice secret
		client_connected 5
		echo "$(($(address_ms) - $(<"$DIR/c5/dialled"))) $(($(idle_ms) - idle)) $(($(daemon_cpu_us) - cpu))"
		client_hangup 5
		wait_for 15 "the call ends" client_gone 5
		wait_for 15 "the gateway forgets it" gateway_forgets "$1"
		client_kill 5
	done
}

# column N: of all dials, the median
column() {
	# shellcheck disable=SC2046 # numbers
	median_of $(awk -v n="$1" '{ print $n }' "$DIR/dials.$daemon")
}

pppd_starts_ms() {
	local began
	began=$(now_ms)
	for _ in 1 2 3 4 5 6 7 8 9 10; do pppd --version >"$DIR/version" 2>&1; done
	echo $((($(now_ms) - began) / 10))
}

declare -A took idle
note "to start a pppd that ends at once: $(pppd_starts_ms) ms; a log-in has one at each end"
for daemon in xl2tpd lnsd; do
	speed_start $daemon
	dials $daemon >"$DIR/dials.$daemon"
	speed_stop $daemon
	took[$daemon]=$(column 1)
	idle[$daemon]=$(column 2)
	note "$daemon: $(cut -d ' ' -f 1 "$DIR/dials.$daemon" | paste -sd ' ') ms, median ${took[$daemon]} ms, of which it waits ${idle[$daemon]} ms; CPU of the daemon $(($(column 3) / 1000)) ms"
done
note "SCCRQ to an address: lnsd's is $(ratio "${took[lnsd]}" "${took[xl2tpd]}") of xl2tpd's (bar 0.1, and 250 ms)"

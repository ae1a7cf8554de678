# shellcheck shell=bash
# bench
# One log-in, from SCCRQ to the address at the client: xl2tpd and lnsd in turn, the median of five. Beside it for how long the
# processor had nothing to do meanwhile, which is what waiting for timers costs, what the daemon took of it, and what it takes to
# start a pppd. Then the same for a caller with a light PPP of its own.
gw_set auth.methods chap
XL2TPD_ASKS=chap
wire_plain_to 10.9.0.5

gateway_forgets() {
	if [[ $1 == lnsd ]]; then gw_is_idle; else not gw_has_pppd; fi
}

# address_ms: when the client's interface had an address; nothing is asked meanwhile, which would take the processor from the pppds
address_ms() {
	local line
	while read -rt 15 -u "$news" line; do
		[[ $line == *' inet 10.'* ]] || continue
		line=${line#[}
		date -d "${line%%]*}" +%s%3N
		return
	done
	fail 'no address'
}

idle_ms() {
	awk '$1 == "cpu" { print $5 * 10 }' /proc/stat
}

# dials DAEMON: of each of the five the milliseconds it took, and was idle, and the daemon's microseconds
dials() {
	local i idle cpu news at
	for i in 1 2 3 4 5; do
		client_open 5
		exec {news}< <(exec ip netns exec c5 ip -ts -o -4 monitor address)
		idle=$(idle_ms)
		cpu=$(daemon_cpu_us)
		client_l2tp 5 alice secret
		at=$(address_ms)
		exec {news}<&-
		echo "$((at - $(<"$DIR/c5/dialled"))) $(($(idle_ms) - idle)) $(($(daemon_cpu_us) - cpu))"
		client_hangup 5
		wait_for 15 "the call ends" client_gone 5
		wait_for 15 "the gateway forgets it" gateway_forgets "$1"
		client_kill 5
	done
}

# calls DAEMON: the same by a caller with a PPP of its own, so that only the gateway's pppd starts: milliseconds to the address,
# and to the gateway's first answer to a ping
calls() {
	client_open 5
	for _ in 1 2 3 4 5; do
		client 5 lac "$GW" 1701 tunnel call dial:alice:secret ping cdn stop >"$DIR/c5/lac.log"
		sed -nE 's/^(address|answered) .*after_ms=//p' "$DIR/c5/lac.log" | paste -sd ' '
		wait_for 15 "the gateway forgets it" gateway_forgets "$1"
	done
	client_kill 5
}

# column FILE N: of all lines, the median
column() {
	# shellcheck disable=SC2046 # numbers
	median_of $(awk -v n="$2" '{ print $n }' "$DIR/$1.$daemon")
}

pppd_starts_ms() {
	local began
	began=$(now_ms)
	for _ in 1 2 3 4 5 6 7 8 9 10; do pppd --version >"$DIR/version" 2>&1; done
	echo $((($(now_ms) - began) / 10))
}

declare -A took own
note "to start a pppd that ends at once: $(pppd_starts_ms) ms"
for daemon in xl2tpd lnsd; do
	speed_start $daemon
	dials $daemon >"$DIR/dials.$daemon"
	calls $daemon >"$DIR/calls.$daemon"
	speed_stop $daemon
	took[$daemon]=$(column dials 1)
	own[$daemon]=$(column calls 2)
	note "$daemon, a pppd at each end: $(cut -d ' ' -f 1 "$DIR/dials.$daemon" | paste -sd ' ') ms, median ${took[$daemon]} ms, of which it waits $(column dials 2) ms; CPU of the daemon $(column dials 3) us"
	note "$daemon, a caller without pppd: $(cut -d ' ' -f 2 "$DIR/calls.$daemon" | paste -sd ' ') ms to the first answer, median ${own[$daemon]} ms; to the address $(column calls 1) ms"
done
note "SCCRQ to an address: lnsd's is $(ratio "${took[lnsd]}" "${took[xl2tpd]}") of xl2tpd's; of a caller without pppd $(ratio "${own[lnsd]}" "${own[xl2tpd]}") (bar 250 ms)"

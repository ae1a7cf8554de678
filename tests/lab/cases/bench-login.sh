# shellcheck shell=bash
# bench
# One log-in, from SCCRQ to the address at the client: xl2tpd and lnsd in turn, the median of five; and lnsd's behind IPsec.
gw_set auth.methods mschapv2
wire_plain_to 10.9.0.5

gateway_forgets() {
	if [[ $1 == lnsd ]]; then gw_is_idle; else not gw_has_pppd; fi
}

# dials DAEMON: milliseconds of the five
dials() {
	local i
	for i in 1 2 3 4 5; do
		client_l2tp 5 alice secret
		client_connected 5
		client_dial_time 5
		client_hangup 5
		wait_for 15 "the call ends" client_gone 5
		wait_for 15 "the gateway forgets it" gateway_forgets "$1"
		client_kill 5
	done
}

declare -A took
for daemon in xl2tpd lnsd; do
	speed_start $daemon
	dials $daemon >"$DIR/dials.$daemon"
	speed_stop $daemon
	# shellcheck disable=SC2046 # numbers
	took[$daemon]=$(median_of $(<"$DIR/dials.$daemon"))
	note "$daemon: $(paste -sd ' ' "$DIR/dials.$daemon") ms, median ${took[$daemon]} ms"
done
note "SCCRQ to an address: lnsd's is $(ratio "${took[lnsd]}" "${took[xl2tpd]}") of xl2tpd's (bar 0.1, and 250 ms)"

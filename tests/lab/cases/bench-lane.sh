# shellcheck shell=bash
# bench
# TCP both ways through the kernel's L2TP, lnsd and then xl2tpd as the gateway, without ESP and with it.
ROUNDS=5 SECONDS_EACH=3
declare -A UP=() DOWN=()

# iperf N OPTION...: Mbit/s
iperf() {
	local n=$1 pid
	shift
	start "$DIR/iperf" ip netns exec lan iperf3 -s -1
	pid=$!
	wait_for 10 "iperf3 listens" lan bash -c "ss -ltnH 'sport = :5201' | grep ." >&2
	client "$n" iperf3 -c "$LAN" -t $SECONDS_EACH -J "$@" | jq '.end.sum_received.bits_per_second / 1e6 | round'
	ended 10 "$pid" || true
}

# measure N NAME: and the client hangs up
measure() {
	local i
	client_connected "$1"
	expect "$2: pings" pings "$1" "$LAN"
	for ((i = 0; i < ROUNDS; i++)); do
		UP[$2]+=" $(iperf "$1")"
		DOWN[$2]+=" $(iperf "$1" -R)"
	done
	client_hangup "$1"
	wait_for 10 "client $1 hangs up" client_gone "$1"
}

# Without lnsd there is nobody who could tell clients apart by their marks.
ipsec_for_xl2tpd() {
	cat >/etc/ipsec.d/xl2tpd.conf <<-X
		config setup
		    uniqueids=no
		    ikev1-policy=accept
		conn l2tp
		    left=$GW
		    leftprotoport=17/1701
		    right=%any
		    rightprotoport=17/%any
		    type=transport
		    authby=secret
		    ikev2=no
		    auto=add
		    pfs=no
		    rekey=no
	X
	(umask 077 && echo "%any %any : PSK \"$KEY\"" >/etc/ipsec.d/xl2tpd.secrets)
	rm -f /etc/ipsec.d/lnsd.*
}

# told WHAT NAME OTHER
told() {
	# shellcheck disable=SC2086 # numbers
	note "| $1 | $(median_of ${UP[$2]}) | $(median_of ${UP[$3]}) | $(median_of ${DOWN[$2]}) | $(median_of ${DOWN[$3]}) |"
}

wire_plain_to 10.9.0.5 10.9.0.2
gw_set server.data-path auto
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
json "lnsd" "$(session_of alice)" '.data_path == "kernel"'
measure 5 plain
lnsd_stop
xl2tpd_start no
client_dial 5
measure 5 xl2tpd
xl2tpd_stop
note "| Mbit/s, medians of $ROUNDS | up, lnsd | up, xl2tpd | down, lnsd | down, xl2tpd |"
told "without ESP" plain xl2tpd

gw_set ipsec.require yes
gw_set ipsec.manage yes
gw_start
client_up 1 alice secret
json "lnsd" "$(session_of alice)" '.data_path == "kernel"'
measure 1 esp
lnsd_stop
pluto_stop
ipsec_for_xl2tpd
pluto_start
xl2tpd_start no
client_dial_again 1
measure 1 xl2tpd-esp
xl2tpd_stop
told "with ESP" esp xl2tpd-esp

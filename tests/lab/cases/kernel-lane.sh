# shellcheck shell=bash
# Data through the kernel's L2TP, with ESP: the log-in, pings, TCP both ways, the counters; a reload that keeps it; and
# every way to its end, after which nothing of it is left in the kernel.
gw_set server.data-path auto

nothing_in_the_kernel() {
	[[ -z $(gw ip -o link show type ppp) ]] && not gw grep -q "SESSION 'sess\|TUNNEL 'tunl" /proc/net/pppol2tp &&
		not gw bash -c "ss -uanH 'sport = :1701 and state connected' | grep -q ."
}

# goes_by_the_kernel WHEN [N USER]
goes_by_the_kernel() {
	json "$1" "$(session_of "${3:-alice}")" '.state == "up" and .data_path == "kernel" and .data_path_reason == "kernel L2TP is loaded"'
	gw grep -q "SESSION 'sess" /proc/net/pppol2tp || fail "$1: the kernel has no session"
	expect "$1: pings" pings "${2:-1}" "$LAN"
}

# again: a log-in after what ended the one before
again() {
	wait_for 10 "client 1 hangs up" client_gone 1
	client_dial_again 1
	client_connected 1
	goes_by_the_kernel "$1"
}

counters_are_right() {
	local s link
	link=$(gw ip -j -s link show dev "$(field "$(session_of alice)" .ifname)")
	s=$(session_of alice)
	json "bytes" "$s" '.rx_bytes > 20e6 and .tx_bytes > 20e6 and
		([.rx_bytes / $l[0].stats64.rx.bytes, .tx_bytes / $l[0].stats64.tx.bytes] | all(. > 0.95 and . < 1.1))' --argjson l "$link"
	json "packets" "$s" '[.rx_packets / $l[0].stats64.rx.packets, .tx_packets / $l[0].stats64.tx.packets] | all(. > 0.95 and . < 1.05)' --argjson l "$link"
	json "status" "$(status)" '.data_path == "kernel" and .rx_bytes > 20e6 and .tx_bytes > 20e6'
}

gw_start
client_up 1 alice secret
goes_by_the_kernel "log-in"
note "setup_ms $(field "$(session_of alice)" '.setup_ms | "l2tp \(.l2tp), ppp \(.ppp), total \(.total)"'); SCCRQ to a usable interface at the client: $(client_dial_time 1) ms"
address=$(up_word 1 local)
expect "client pings the gateway" pings 1 "$POOL_GATEWAY"
carry "client 1" lan "$LAN" 5001
carry lan "client 1" "$address" 5002
counters_are_right
gw_set server.data-path kernel
gw_write
expect "reload" gw lnsctl reload
goes_by_the_kernel "after a reload"
gw_set server.data-path auto
gw_write
expect "reload" gw lnsctl reload

client_hangup 1
wait_for 10 "nothing stays after the client hung up" nothing_in_the_kernel
expect "the log has the counters" logged 'logout user="?alice"? .*rx_bytes=[0-9]{8,} tx_bytes=[0-9]{8,} cause=user-request closed_by=client'
again "after it hung up"
gw lnsctl disconnect alice >/dev/null
wait_for 10 "nothing stays after lnsctl disconnect" nothing_in_the_kernel
again "after lnsctl disconnect"
kill -KILL "$(pgrep -f '^/usr/sbin/pppd .*lnsd-pppd.so')"
wait_for 10 "nothing stays after pppd was killed" nothing_in_the_kernel
again "after pppd was killed"
lnsd_stop
wait_for 10 "nothing stays after the daemon's end" nothing_in_the_kernel
lnsd_start
again "after the daemon's end"
kill -KILL "$(gw_worker)"
wait "$LNSD" || true
wait_for 10 "nothing stays after the worker was killed" nothing_in_the_kernel
lnsd_start
# xl2tpd holds on to a tunnel of which nobody told it
client_up 5 bob hunter2
goes_by_the_kernel "after the worker was killed" 5 bob
kill -KILL "$LNSD"
wait "$LNSD" || true
wait_for 10 "nothing stays after the keeper was killed" nothing_in_the_kernel

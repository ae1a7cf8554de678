# shellcheck shell=bash
# A kernel that refuses in the middle of it, one without L2TP, and one that does not tell marks: the session is served by a
# pty, the reason is told, and nothing is left of what was begun.
gw_set server.data-path auto
gw_set ipsec.require no
gw_set ipsec.manage no
wire_plain_to 10.9.0.5

# serves REASON: by a pty
serves() {
	json "$1" "$(session_of alice)" '.state == "up" and .data_path == "pty" and (.data_path_reason | test($why))' --arg why "$1"
	expect "pings, $1" pings 5 "$LAN"
	refuse "the kernel has a session, $1" gw grep "SESSION 'sess" /proc/net/pppol2tp
	refuse "a connected socket is left, $1" gw bash -c "ss -uanH 'sport = :1701 and state connected' | grep ."
	client_hangup 5
	wait_for 10 "client 5 hangs up" client_gone 5
	wait_for 10 "nothing of it stays" gw_is_idle
	lnsd_stop
}

gw_write
LNSD_UNDER=(without lines)
lnsd_start
client_l2tp 5 alice secret
client_connected 5
expect "one line says what" logged 'goes through a pty and not through the kernel: the kernel refused: Operation not permitted'
serves 'the kernel refused: Operation not permitted'
LNSD_UNDER=(without l2tp)
lnsd_start
client_dial 5
client_connected 5
json "status" "$(status)" '.data_path == "pty" and (.data_path_reason | test("has no L2TP"))'
serves 'the kernel has no L2TP'
LNSD_UNDER=(without rcvmark)
lnsd_start
client_dial 5
client_connected 5
serves 'does not tell'

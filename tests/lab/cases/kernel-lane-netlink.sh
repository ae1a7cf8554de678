# shellcheck shell=bash
# kernel: stock
# Where the kernel has L2TP's generic netlink, tunnel and session are made by it: seen with iproute2's own tool. They go
# with the session, and with the daemon.
gw_set server.data-path auto

has_tunnels() {
	(($(gw ip l2tp show tunnel | grep -c '^Tunnel') == $1 && $(gw ip l2tp show session | grep -c '^Session') == $1))
}

wire_plain_to 10.9.0.5
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
json "alice" "$(session_of alice)" '.state == "up" and .data_path == "kernel"'
expect "a tunnel and a session" has_tunnels 1
expect "the tunnel has the ids" says <(gw ip l2tp show tunnel) "Tunnel $(field "$(session_of alice)" .tunnel_id), encap UDP"
expect "client pings behind the gateway" pings 5 "$LAN"
carry "client 5" lan "$LAN" 5001
json "counters" "$(session_of alice)" '.rx_bytes > 20e6 and .rx_packets > 14000 and .tx_packets > 100'
client_hangup 5
wait_for 10 "nothing stays" has_tunnels 0
wait_for 10 "client 5 hangs up" client_gone 5
wait_for 10 "its tunnel goes" gw_is_idle
client_dial 5
client_connected 5
expect "a tunnel and a session" has_tunnels 1
kill -KILL "$LNSD"
wait "$LNSD" || true
wait_for 10 "nothing stays after the keeper was killed" has_tunnels 0

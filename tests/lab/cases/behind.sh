# shellcheck shell=bash
# kernel: stock
# Networks behind users: routed while the user is there, and usable as a source by nobody else. What the gateway has
# itself stays its own. A user who dials again takes them along, and the older session has them back.
has_route() {
	gw ip route show proto 76 "$1" | grep "dev $2 " >/dev/null
}

# ifname PEER: of the session from there
ifname() {
	field "$(sessions)" ".[] | select(.peer == \"$1\") | .ifname"
}

gw_user alice routes "192.168.7.0/24, 172.16.0.128/25, 2001:db8:7::/48"
gw_user bob routes 192.168.9.0/24
gw ip route add 192.168.9.0/24 via "$LAN" metric 77
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
first=$(ifname 10.9.0.5)
wait_for 5 "the network behind alice" has_route 192.168.7.0/24 "$first"
expect "the one over IPv6" says <(gw ip -6 route show proto 76) "^2001:db8:7::/48 dev $first "
refuse "part of the gateway's own network" has_route 172.16.0.128/25 "$first"
expect "the log says why" logged 'route 172.16.0.128/25 user="?alice"?.* not set: it covers 172.16.0.1/24 of the gateway'
client 5 ip addr add 192.168.7.1/24 dev lo
expect "who is behind alice is reached" lan ping -q -c 3 -W 3 192.168.7.1
expect "and reaches others" pings 5 "$LAN" -I 192.168.7.1

client_l2tp 16 alice secret
client_connected 16
second=$(ifname 10.9.0.16)
wait_for 5 "alice's newer session has it" has_route 192.168.7.0/24 "$second"
client_hangup 16
wait_for 5 "the older one has it again" has_route 192.168.7.0/24 "$first"
wait_for 10 "client 16 hung up" client_gone 16
client_kill 16

client_l2tp 16 bob hunter2
client_connected 16
wait_for 5 "what the gateway has a route to stays its own" logged 'route 192.168.9.0/24 user="?bob"?.* not set: the gateway has a route to it'
equal "routes of the gateway's own" "$(gw ip route show 192.168.9.0/24)" "192.168.9.0/24 via $LAN dev lan0 metric 77 "
before=$(gw_counter spoofed)
client 16 ip addr add 192.168.7.9/32 dev lo
client 16 ping -q -c 3 -i 0.3 -W 1 -I 192.168.7.9 "$LAN" || true
equal "nobody else uses it" "$(($(gw_counter spoofed) - before))" 3
client_hangup 5
client_hangup 16
wait_for 10 "the sessions go" status_is sessions 0
equal "routes that stay" "$(gw ip route show proto 76)$(gw ip -6 route show proto 76)" ''
gw ip route del 192.168.9.0/24

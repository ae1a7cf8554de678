# shellcheck shell=bash
# ipsec.require = no: plain peers beside protected ones, even from the very address and port of the protected ones. Each is
# answered in its own way.
gw_set ipsec.require no
wire_plain_to 10.9.0.5 10.9.0.2
net_more 6
gw_start
refuse "there is a guard" gw_guard
clients_up '1 alice secret' '2 bob hunter2'
equal "datagrams in clear to protected clients" "$(wire_count 10.9.0.2)" 0
client_l2tp 5 carol s3same
client_connected 5
client_l2tp 6 carol s3same
client_connected 6
for n in 1 2 5 6; do flow $n 100; done
flows_end "protected and plain at once"
json "who is protected" "$(sessions)" '[.[] | "\(.user) \(.peer):\(.peer_port) \(.ipsec.protected)"] | sort ==
	["alice 10.9.0.2:1701 true", "bob 10.9.0.2:1701 true", "carol 10.9.0.2:1701 false", "carol 10.9.0.5:1701 false"]'
gw_bound alice bob
# some of the hundred leave as a train, which whoever watches the wire takes for one
between "datagrams in clear to the plain client" "$(wire_count 10.9.0.5)" 10 1000
client_hangup 6
wait_for 10 "client 6 hangs up" client_gone 6
clear=$(wire_count 10.9.0.2)
flow 1 50
flow 2 50
flows_end "the protected ones after it has left"
equal "datagrams in clear to protected clients" "$(wire_count 10.9.0.2)" "$clear"

# And what the runs count as foreign is seen when it is there: L2TP for a tunnel that client 5 never had, from lnsd's port
client_hangup 5
wait_for 10 "client 5 hangs up" client_gone 5
lnsd_stop
equal "foreign datagrams" "$(foreign 5)" 0
printf '\xc8\x02\x00\x0c\x12\x34\x00\x00\x00\x00\x00\x00' | gw socat -u - "UDP4-SENDTO:10.9.0.5:1701,bind=$GW:1701"
is_foreign() {
	[[ $(foreign 5) == 1 ]]
}
wait_for 5 "a foreign datagram is counted" is_foreign

# shellcheck shell=bash
# kernel: stock
# What a client may do on the wire: what its list allows and nothing else, also at the gateway itself; no other client,
# until client-to-client says so; no source but its own. It leaves with the gateway's address, and its MSS is clamped.
served() {
	client "$1" timeout $((3 * pace)) socat -u "TCP:$2:$3,connect-timeout=$((2 * pace))" - | grep -c here
}

start "$DIR/lan.5001" ip netns exec lan socat TCP-LISTEN:5001,fork,reuseaddr 'SYSTEM:echo here $SOCAT_PEERADDR'
start "$DIR/lan.5002" ip netns exec lan socat TCP-LISTEN:5002,fork,reuseaddr SYSTEM:'echo here'
start "$DIR/gw.5003" ip netns exec gw socat TCP-LISTEN:5003,fork,reuseaddr SYSTEM:'echo here'
start "$DIR/syn" ip netns exec lan tcpdump -nlvi eth0 'tcp[tcpflags] & tcp-syn != 0'
gw_user alice allow "$LAN:tcp/5001"
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain
client_l2tp 5 alice secret
client_l2tp 16 bob hunter2
client_connected 5
client_connected 16
alice=$(up_word 5 local) bob=$(up_word 16 local)
json "what alice may" "$(session_of alice)" ".allow == [\"$LAN:tcp/5001\"] and .routes == [] and .rate == \"none\""
json "what bob may" "$(session_of bob)" '.allow == [] and .routes == [] and .rate == "none"'

expect "alice reaches what she may" served 5 "$LAN" 5001
refuse "alice reaches another port" served 5 "$LAN" 5002
refuse "alice pings" pings 5 "$LAN"
refuse "alice reaches the gateway itself" served 5 "$POOL_GATEWAY" 5003
between "refused packets are counted" "$(gw_counter refused)" 3 1000
expect "bob reaches all: a port" served 16 "$LAN" 5002
expect "bob reaches all: pings" pings 16 "$LAN"
expect "bob reaches the gateway" served 16 "$POOL_GATEWAY" 5003
expect "who may reach alice is answered" lan ping -q -c 2 -W 3 "$alice"

refuse "bob reaches alice" pings 16 "$alice"
gw_set network.client-to-client yes
gw_write
expect "reload" gw lnsctl reload
client 5 ip route replace "$bob" dev vpn0
client 16 ip route replace "$alice" dev vpn0
expect "bob reaches alice" pings 16 "$alice"
gw_set network.client-to-client no
gw_write
expect "reload" gw lnsctl reload
refuse "bob reaches alice again" pings 16 "$alice"

before=$(gw_counter spoofed)
client 16 ip addr add 10.99.0.77/32 dev lo
client 16 ping -q -c 3 -i 0.3 -W 1 -I 10.99.0.77 "$LAN" || true
client 16 ip addr add 172.16.0.9/32 dev lo
client 16 ping -q -c 2 -i 0.3 -W 1 -I 172.16.0.9 "$LAN" || true
equal "spoofed packets dropped" "$(($(gw_counter spoofed) - before))" 5

expect "bob leaves with the gateway's address" says <(client 16 timeout $((3 * pace)) socat -u "TCP:$LAN:5001" -) 'here 172.16.0.1$'
wait_for 5 "the MSS of a SYN is clamped" says "$DIR/syn" '172.16.0.1.*mss 1360,'
gw_set network.mtu 1300
gw_set network.nat no
gw_write
expect "reload" gw lnsctl reload
expect "bob leaves with his own address" says <(client 16 timeout $((3 * pace)) socat -u "TCP:$LAN:5001" -) "here $bob\$"
wait_for 5 "the MSS of a SYN is clamped to the new MTU" says "$DIR/syn" "$bob.*mss 1260,"
client_start 16 "$DIR/synack" tcpdump -nlvi vpn0 -c 1 'tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)'
wait_for 5 "a watch" says "$DIR/synack" listening
client 16 timeout $((3 * pace)) socat -u "TCP:$LAN:5001" - >/dev/null || true
wait_for 5 "the MSS of the answer is clamped" says "$DIR/synack" 'mss 1260,'

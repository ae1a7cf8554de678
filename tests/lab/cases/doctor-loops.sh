# shellcheck shell=bash
# Ways back that lead into a tunnel, by the networks behind a user or by a route of somebody's own, into another's tunnel or
# a client's own: `lnsctl doctor` names the route, and its command mends it.

gw_set ipsec.log-file "$DIR/pluto.log"
gw_user alice routes '10.8.0.0/24, 10.7.0.0/24'
# client 16 is beyond a router
net_more 16
ip -n c16 addr add 10.8.0.16/32 dev eth0
ip -n c16 route add "$GW" dev eth0 src 10.8.0.16
ip -n gw route add 10.8.0.0/16 via 10.9.0.16
gw_start

# the network behind alice has client 16's address
client_up 5 alice secret
alice=$(field "$(session_of alice)" .ifname)
IKE_TIMEOUT=1 refuse "an SA by a lost way" client_ipsec 16 "$KEY"
diagnosed 10.8.0.16 return-path-lost "by $alice, the session of .alice., as the route 10.8.0.0/24"
client_kill 16
keep=${fix##*keep it: }
expect "the command that mends it" gw bash -c "${fix%% (*}"
expect "the one that keeps it" gw bash -c "${keep%)}"
json "alice's networks" "$(gw lnsctl user show alice --json)" '.routes | tostring | test("10.7.0.0/24") and (test("10.8") | not)'
client_up 16 carol s3same
well route-loops

ip -n gw route add 10.8.0.16/32 dev "$alice"
found route-loops "10.8.0.16 leads into a tunnel: .* $alice, the session of .alice."
mended route-loops
expect "carol goes on" pings 16 "$LAN"

# into its own
ip -n gw route add 10.9.0.5/32 dev "$alice"
gw ping -q -c 2 -i 0.2 -W 1 "$(field "$(session_of alice)" .address)" || true
diagnosed 10.9.0.5 return-path-lost "by $alice, the session of .alice., as the route 10.9.0.5/32"
found route-loops "10.9.0.5 leads into a tunnel"
mended route-loops
wait_for 5 "alice goes on" pings 5 "$LAN"
ip -n gw route del 10.8.0.0/16

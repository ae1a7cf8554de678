# shellcheck shell=bash
# A LAC with a tunnel secret: each side asks the other to prove that it has it. One that has another, or none, is told
# so and gets no tunnel; peers of no section need none.
gw_set 'peer isp.address' 10.9.0.5
gw_set 'peer isp.secret-file' "$(gw_secret isp 'open sesame')"
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain
client_set 5 secret 'open sesame'
client_l2tp 5 alice secret
client_connected 5
expect "the LAC's client pings behind the gateway" pings 5 "$LAN"
tid=$(field "$(tunnels)" '.[0].id')
json "tunnel" "$(gw lnsctl show "$tid" --json)" '.tunnel.authenticated and .tunnel.peer_name == "isp"'
client_l2tp 16 bob hunter2
client_connected 16
json "the other's tunnel" "$(tunnels)" '[.[] | select(.state == "established")] | length == 2'
client_hangup 5
wait_for 10 "client 5 hangs up" client_gone 5
client_kill 5

refused=0
refusals_are() {
	(($(grep -cE 'tunnel (refused|down).*(secret|not authenticated|challenge|response)' "$DIR/lnsd.log") >= $1))
}
for secret in 'open barley' ''; do
	rm -f "$DIR/c5/xl2tpd.log"
	client_set 5 secret "$secret"
	client_l2tp 5 alice secret
	wait_for 15 "a LAC with the secret '$secret' is refused" refusals_are "$((++refused))"
	refuse "client 5 has an address" client_has_address 5
	client_kill 5
done
refuse "a secret is in the log" logged 'sesame|barley'
expect "the other one is served" pings 16 "$LAN"

# shellcheck shell=bash
# lnsctl dial: the gateway opens a tunnel to a LAC and has it call a number; who answers there is a client like any other.
gw_set 'peer isp.address' 10.9.0.5
gw_set 'peer isp.secret-file' "$(gw_secret isp 'open sesame')"
wire_plain_to 10.9.0.5
gw_start_plain
client_open 5
client_lac 5 'secret:open sesame' patience:30000 listen:10.9.0.5:1701 accept "pppd:$(caller 5 vpn0 alice secret)" answer:1 serve
wait_for 10 "the LAC listens" says "$DIR/c5/lac.log" '^listening'
gw lnsctl dial isp 5551234 >"$DIR/dialled"
expect "the LAC was told the number" says "$DIR/c5/lac.log" '^asked to dial 5551234$'
wait_for 15 "who was called is logged in" has_session alice
client_connected 5
expect "and reaches what is behind the gateway" pings 5 "$LAN"
json "session" "$(session_of alice)" '.state == "up" and .id == $id' --arg id "$(tr -dc '0-9-' <"$DIR/dialled")"
refuse "a second number is busy" gw lnsctl dial isp 5550000
expect "the LAC was asked" says "$DIR/c5/lac.log" '^asked to dial 5550000$'
expect "the first one stays" pings 5 "$LAN"
gw lnsctl disconnect alice
wait_for 10 "and can be hung up" has_no_session alice

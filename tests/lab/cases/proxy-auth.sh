# shellcheck shell=bash
# Callers of a LAC whose word goes: one whose answer to the LAC is right is not asked again, by a real pppd on both sides,
# and is a session like any other; one whose answer is wrong is asked. And where PPP stopped has a name.
gw_set ipsec.require no
gw_set auth.methods 'mschapv2'
gw_set 'peer isp.address' 10.9.0.5
gw_set 'peer isp.proxy-auth' accept
wire_plain_to 10.9.0.5
mkdir -p /etc/ppp/ip-up.d
# shellcheck disable=SC2016 # the script's own words
printf '#!/bin/sh\n%s\n' 'env | grep -E "^(PEERNAME|LNSD_SESSION|CALL|SUB_|TX_|RX_)" | sort | tr "\n" " " >'"$DIR/told" \
	>/etc/ppp/ip-up.d/told
chmod 755 /etc/ppp/ip-up.d/told
gw_start
client_open 5

# talkative NAME USER PASSWORD: a caller that logs what it is told
talkative() {
	local options
	options=$(caller 5 "$@")
	echo debug >>"$options"
	echo "$options"
}

# vpn0 has another password than the LAC heard: whoever asked it would turn it away
client_lac 5 patience:30000 proxy:chap:alice:secret framing:2 'calling:+49 30 1' called:5551234 tunnel \
	call "pppd:$(talkative vpn0 alice other)" serve
client_connected 5
expect "the proved one reaches what is behind the gateway" pings 5 "$LAN"
s=$(session_of alice)
json "session" "$s" '.state == "up" and .user == "alice"'
expect "the log says who proved it" logged 'what the LAC heard proves user="alice"'
equal "login lines" "$(grep -c 'login user="alice"' "$DIR/lnsd.log")" 1
wait_for 5 "the scripts ran" test -s "$DIR/told"
equal "what they were told" "$(<"$DIR/told")" \
	"CALLED_NUMBER=5551234 CALLING_NUMBER=+49 30 1 CALL_SERIAL_NUMBER=1 LNSD_SESSION=$(field "$s" .id) PEERNAME=alice RX_CONNECT_SPEED=1000000 TX_CONNECT_SPEED=1000000 "
expect "the LAC was told the ACCMs" says "$DIR/c5/lac.log" '^sli session=[0-9]+ send=00000000 receive=00000000$'
expect "authentication was not asked for" not says "$DIR/c5/pppd.vpn0.log" 'rcvd \[LCP ConfReq.*<auth'
gw lnsctl disconnect alice
wait_for 10 "and can be hung up" has_no_session alice
client_kill 5
rm -f "$DIR/c5/up"

# the LAC heard a wrong password, the gateway hears the right one
client_lac 5 patience:30000 proxy:pap:bob:guess tunnel call "pppd:$(talkative vpn0 bob hunter2)" serve
client_connected 5
expect "the log says why it is asked" logged 'what the LAC heard does not let in user="bob".*cause=wrong-password'
expect "it was asked" says "$DIR/c5/pppd.vpn0.log" 'rcvd \[LCP ConfReq.*<auth chap MS-v2>'
expect "it reaches what is behind the gateway" pings 5 "$LAN"
client_kill 5

# nobody speaks PPP; one refuses to say who it is; both end by a name of their own
options=$(caller 5 vpn1 carol s3same)
printf '%s\n' refuse-mschap-v2 refuse-mschap refuse-chap refuse-pap refuse-eap >>"$options"
client_lac 5 patience:60000 tunnel call "pppd:$options" call serve
wait_for 20 "one refuses" logged 'refused .*cause=method .*text="the client refused to say who it is"'
wait_for 60 "one is silent" logged 'refused .*cause=lcp-silent closed_by=server'

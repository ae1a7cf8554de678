# shellcheck shell=bash
# IPsec encrypts: compression and encryption of PPP's own are refused without a word in the log, and who only asks for
# them is served all the same; who insists on MPPE hangs up itself.
wire_plain_to 10.9.0.5
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
lines_before=$(grep -ciE 'ccp|mppe|unsupported|protocol.?reject' "$DIR/lnsd.log" || true)

client_redial 5 alice secret '!noccp' 'bsdcomp 15' 'deflate 15'
client_connected 5
wait_for 10 "CCP is refused" says "$DIR/c5/pppd.log" 'rcvd \[LCP ProtRej.*80 ?fd'
expect "it asked for compression" says "$DIR/c5/pppd.log" 'sent \[CCP ConfReq'
expect "it reaches what is behind the gateway" pings 5 "$LAN"
json "session" "$(session_of alice)" '.state == "up"'

client_redial 5 bob hunter2 '!noccp' require-mppe
wait_for 20 "who insists hangs up" logged 'user="?bob"?.*closed_by=client'
equal "lines about it" "$(grep -ciE 'ccp|mppe|unsupported|protocol.?reject' "$DIR/lnsd.log" || true)" "$lines_before"
client_redial 5 alice secret
client_connected 5

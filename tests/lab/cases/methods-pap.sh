# shellcheck shell=bash
# auth.methods with pap: offered last, and good for a password that the users' file has as a hash.
wire_plain_to 10.9.0.5
gw_set ipsec.require no
gw_set ipsec.manage no
gw_set auth.methods 'mschapv2, chap, pap'
gw_write
# the hash of "secret"
printf '[hashed]\npassword = nt:878d8014606cda29677a44efa1353fc7\n' >>/etc/lnsd/users
lnsd_start
only_pap=(refuse-mschap-v2 refuse-mschap refuse-eap refuse-chap)

client_l2tp 5 alice secret
client_connected 5
refuse "PAP was asked for though the client can do better" says "$DIR/c5/pppd.log" 'rcvd .*<auth pap>'

client_redial 5 hashed secret "${only_pap[@]}"
client_connected 5
expect "PAP was asked for" says "$DIR/c5/pppd.log" 'rcvd \[LCP ConfReq.*<auth pap>'
expect "it reaches what is behind the gateway" pings 5 "$LAN"
json "session" "$(session_of hashed)" '.state == "up"'

client_redial 5 alice wrong "${only_pap[@]}"
wait_for 10 "a wrong password" logged 'refused user="?alice"?.*cause=wrong-password'
refuse "a password is in a log" logged '"secret"'

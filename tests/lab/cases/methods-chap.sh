# shellcheck shell=bash
# auth.methods = mschapv2, chap: the stronger is offered first, and CHAP with MD5 to who does not want it; a user whose
# password is a hash is told so.
wire_plain_to 10.9.0.5
gw_set ipsec.require no
gw_set ipsec.manage no
gw_set auth.methods 'mschapv2, chap'
gw_write
# the hash of "secret"
printf '[hashed]\npassword = nt:878d8014606cda29677a44efa1353fc7\n' >>/etc/lnsd/users
lnsd_start
only_md5=(refuse-mschap-v2 refuse-mschap refuse-eap refuse-pap)

client_l2tp 5 alice secret
client_connected 5
asked() {
	grep -o 'rcvd \[LCP ConfReq.*<auth [^>]*>' "$DIR/c5/pppd.log" | sed 's/.*<auth //; s/>//' | sort -u | paste -sd ,
}
equal "who can do both is asked for" "$(asked)" 'chap MS-v2'
expect "it reaches what is behind the gateway" pings 5 "$LAN"

client_redial 5 bob hunter2 "${only_md5[@]}"
client_connected 5
equal "who wants MD5 is asked for" "$(asked)" 'chap MD5,chap MS-v2'
expect "the stronger came first" test "$(grep -m 1 -o '<auth [^>]*>' "$DIR/c5/pppd.log")" = '<auth chap MS-v2>'
expect "it reaches what is behind the gateway" pings 5 "$LAN"
json "session" "$(session_of bob)" '.state == "up"'

client_redial 5 bob wrong "${only_md5[@]}"
wait_for 10 "a wrong password" logged 'refused user="?bob"?.*cause=wrong-password'
client_redial 5 hashed secret "${only_md5[@]}"
wait_for 10 "a hash does not go with CHAP" logged 'refused user="?hashed"?.*cause=method .*text="CHAP needs a plain: password'
client_redial 5 hashed secret
client_connected 5

# pap is not in the list: who wants nothing else is not let in
client_redial 5 bob hunter2 refuse-chap refuse-mschap-v2 refuse-mschap refuse-eap
wait_for 20 "PAP is not offered" logged 'refused .*cause=method .*text="the client refused to say who it is"'
refuse "PAP was asked for" says "$DIR/c5/pppd.log" 'rcvd .*<auth pap>'

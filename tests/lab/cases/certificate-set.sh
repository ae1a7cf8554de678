# shellcheck shell=bash
# ipsec.certificate is set while somebody is connected by the pre-shared key, who does not notice; a certificate that is not
# there is said, and keeps nobody out. A client with one connects by IKEv2. Without the key, certificates are the only way.

says_problem() {
	problems | jq -e --arg t "$1" 'any(.text | test($t))'
}

has_no_problem() {
	problems | jq -e '. == []'
}

# gw_reload: with what the case has set
gw_reload() {
	gw_write
	expect "lnsctl reload" gw lnsctl reload
}

bob_is() {
	field "$(session_of bob)" '"\(.id) \(.ipsec.spi_in)"'
}

pki_authority lab-ca
pki_issue lab-ca phone 2 rsa
pki_export phone
gw_set server.listen "$GW"
gw_start
expect "the log says that the key is shared" logged 'all clients share the pre-shared key'
client_up 2 bob hunter2
bob=$(bob_is)

gw_set ipsec.certificate gateway
gw_reload
wait_for 90 "the missing certificate in the status" says_problem "no certificate 'gateway'"
gw lnsctl check | grep "no certificate 'gateway'" >/dev/null || fail "lnsctl check says nothing of it"
pki_issue lab-ca gateway 3 phone --extSAN dns:gw.example --extKeyUsage serverAuth
gw_set ipsec.ikev2 yes
gw_reload
wait_for 90 "the connections" gw_has_conns 'lnsd-cert-1 lnsd-cert-v2-1 lnsd-psk-1 lnsd-v2-1'
wait_for 10 "no problem" has_no_problem
json "doctor" "$(gw lnsctl doctor --json || true)" 'any(.check == "certificate" and .ok and (.text | test("gateway, valid until")))'
expect "client 2 pings on" pings 2 "$LAN"
equal "bob's session and SA" "$(bob_is)" "$bob"

client_set 3 certificate "$DIR/pki/phone.p12"
client_set 3 version 2
client_up 3 carol s3same
expect "IKEv2 with a certificate" says "$DIR/pluto.log" '"lnsd-cert-v2-1"\[.*authenticated peer.*RSA'
expect "client 3 pings behind the gateway" pings 3 "$LAN"
gw_bound bob carol
client_close 2

rm /etc/lnsd/psk
expect "lnsctl reload without the key" gw lnsctl reload
wait_for 90 "the connections without the key" gw_has_conns 'lnsd-cert-1 lnsd-cert-v2-1'
wait_for 10 "no problem without the key" has_no_problem
refuse "the key is still there" grep PSK /etc/ipsec.d/lnsd.secrets
expect "client 3 pings on" pings 3 "$LAN"

# shellcheck shell=bash
# A client with a certificate does not notice that the gateway's has gone; a renewed one is shown to the next client, and
# nobody who has the pre-shared key notices that.

# shows_problem TEXT, or that there is none
shows_problem() {
	problems | jq -e --arg t "$1" 'if $t == "" then . == [] else any(.text | test($t)) end'
}

bob_is() {
	field "$(session_of bob)" '"\(.id) \(.ipsec.spi_in)"'
}

pki_authority lab-ca
pki_issue lab-ca phone 2 rsa
pki_issue lab-ca gateway 3 phone
pki_export phone
gw_set server.listen "$GW"
gw_set ipsec.certificate gateway
gw_start
client_set 1 certificate "$DIR/pki/phone.p12"
clients_up '1 alice secret' '2 bob hunter2'
bob=$(bob_is)

pki_forget gateway
expect "lnsctl reload" gw lnsctl reload
wait_for 90 "the certificate that has gone in the status" shows_problem "no certificate 'gateway'"
expect "the connections are as they were" gw_has_conns 'lnsd-cert-1 lnsd-psk-1'
expect "client 1 pings on" pings 1 "$LAN"

client_kill 1
pki_issue lab-ca gateway 9 phone
expect "lnsctl reload with the new one" gw lnsctl reload
wait_for 90 "no problem" shows_problem ''
expect "the connections with it" gw_has_conns 'lnsd-cert-1 lnsd-psk-1'
client_set 3 certificate "$DIR/pki/phone.p12"
client_up 3 carol s3same
expect "what client 3 was shown" swanctl 3 --list-certs
expect "the new one" says "$DIR/c3/swanctl.log" 'serial: *09'
expect "client 2 pings on" pings 2 "$LAN"
equal "bob's session and SA" "$(bob_is)" "$bob"

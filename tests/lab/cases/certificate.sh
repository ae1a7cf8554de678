# shellcheck shell=bash
# A client with a certificate beside one with the pre-shared key, behind one NAT. One of another authority gets nobody in,
# and a right one nobody past PPP.

pki_authority lab-ca
pki_issue lab-ca gateway 2 rsa --extSAN dns:gw.example --extKeyUsage serverAuth
pki_issue lab-ca phone 3 gateway
pki_export phone
pki_authority other-ca
pki_issue other-ca stranger 2 gateway
pki_export stranger
pki_forget other-ca stranger

# one address: a conn of each kind
gw_set server.listen "$GW"
gw_set ipsec.certificate gateway
gw_start
expect "the certificate's connection" gw_has_conns 'lnsd-cert-1 lnsd-psk-1'
expect "the log says that IKEv1 is deprecated" logged 'IKEv1 is deprecated'

client_set 1 certificate "$DIR/pki/phone.p12"
client_protected 1
client_l2tp 1 alice dragon77
wait_for 10 "alice is told of her wrong password" says "$DIR/c1/pppd.log" 'CHAP authentication failed|E=691'
refuse "alice has an address" client_has_address 1
client_hangup 1
wait_for 10 "her pppd ends" client_gone 1
client_kill 1
clients_up '1 alice secret' '2 bob hunter2'
expect "IKEv1 with RSA" says "$DIR/pluto.log" '"lnsd-cert-1"\[.*auth=RSA_SIG'
expect "IKEv1 with the key" says "$DIR/pluto.log" '"lnsd-psk-1"\[.*auth=PRESHARED_KEY'
flow_on 1
flow_on 2
client_rekey 1 child
wait_for 6 "the rekeying with a certificate" gw_rekeyed alice 1
flows_end "by certificate and by key, behind one NAT"
gw_bound alice bob

# who would take the gateway's certificate, and has another authority's
client_set 5 certificate "$DIR/pki/stranger.p12"
install -D -t "$DIR/c5/x509ca" "$DIR/pki/lab-ca.pem"
refuse "an SA with another authority's certificate" client_ipsec_wrong 5 "$KEY"
expect "pluto says why" says "$DIR/pluto.log" 'certificate CN=stranger invalid'
json "sessions" "$(sessions)" 'length == 2'

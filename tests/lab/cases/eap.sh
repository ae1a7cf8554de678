# shellcheck shell=bash
# auth.methods = eap: EAP-MSCHAPv2 with the users' passwords, EAP-TLS with certificates; the account's state counts for both,
# and a certificate with another name lets nobody in.
wire_plain_to 10.9.0.5
gw_set ipsec.require no
gw_set ipsec.manage no
gw_set auth.methods eap
gw_write
printf '[off]\npassword = plain:x\ndisabled = yes\n' >>/etc/lnsd/users
refusals() {
	(($(grep -cE "refused $1" "$DIR/lnsd.log") >= $2))
}

tls=$DIR/tls
mkdir -p "$tls"
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=lab-ca -days 9 -keyout "$tls/ca.key" -out "$tls/ca.pem" 2>"$tls/log"
for name in gateway alice bob off stranger; do
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$tls/$name.key" -out "$tls/$name.csr" 2>>"$tls/log"
	openssl x509 -req -in "$tls/$name.csr" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -CAcreateserial -days 9 -out "$tls/$name.pem" 2>>"$tls/log"
done
printf '* * - %s %s %s *\n' "$tls/gateway.pem" "$tls/ca.pem" "$tls/gateway.key" >/etc/ppp/eaptls-server
chmod 600 /etc/ppp/eaptls-server
lnsd_start

client_open 5
# a certificate that it cannot read, so that it asks for something else than TLS
printf '%s\n' "ca $tls/ca.pem" 'cert /none.pem' 'key /none.key' 'remotename gateway' >"$DIR/c5/ppp/options"
client_l2tp 5 alice secret
wait_for 15 "the password is right" says "$DIR/c5/pppd.log" 'rcvd \[EAP Request .*MSCHAPv2 Success'
# pppd up to 2.5.2 says so under another id than it asked, and its own client insists on the same
if poll 5 client_has_address 5; then
	expect "it reaches what is behind the gateway" pings 5 "$LAN"
else
	expect "it is the client that does not take it" says "$DIR/c5/pppd.log" 'MS-CHAPv2 mutual authentication failed'
	note "pppd's own client does not take the MSCHAPv2 Success of this pppd"
fi
# in place of TLS
expect "EAP was asked for" says "$DIR/c5/pppd.log" 'rcvd \[LCP ConfReq.*<auth eap>'
expect "MSCHAPv2 in it" says "$DIR/c5/pppd.log" 'EAP.*MSCHAPv2'
client_redial 5 alice wrong
wait_for 10 "a wrong password" logged 'refused user="?alice"?.*cause=wrong-password'
client_redial 5 off x
wait_for 10 "a disabled account" logged 'refused user="?off"?.*cause=disabled'

: >"$DIR/c5/ppp/options"
# tls NAME CERTIFICATE
tls() {
	client_redial 5 "$1" none "ca $tls/ca.pem" "cert $tls/$2.pem" "key $tls/$2.key" 'remotename gateway'
}

tls bob bob
client_connected 5
json "session" "$(session_of bob)" '.state == "up" and .user == "bob"'
expect "TLS in it" says "$DIR/c5/pppd.log" 'EAP.*TLS'
expect "it reaches what is behind the gateway" pings 5 "$LAN"
tls off off
wait_for 15 "a disabled account" refusals 'user="?off"?.*cause=disabled' 2
tls stranger stranger
wait_for 15 "a certificate of nobody in the file" logged 'refused user="?stranger"?.*cause=unknown-user'
tls alice bob
wait_for 15 "somebody else's certificate" says "$DIR/c5/pppd.log" 'EAP: peer reports authentication failure'
wait_for 10 "the reason is ours, whoever hangs up first" logged 'refused .*cause=wrong-password closed_by=server text="EAP did not prove who the client is'
refuse "it has an address" client_has_address 5

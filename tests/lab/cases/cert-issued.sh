# shellcheck shell=bash
# Clients with what lnsctl cert has made for them. One is revoked: it is out at once and gets in no more, and nobody else
# notices. Certificates are renewed while people are connected. A full disk leaves nothing behind.

# issue N NAME: client N is given a certificate of this name
issue() {
	local made
	made=$(gw lnsctl cert client "$2" --output "$DIR/$2.p12" --json)
	client_set "$1" certificate "$DIR/$2.p12"
	client_set "$1" unlock "$(field "$made" .password)"
}

# session_is USER: its ID and SA
session_is() {
	field "$(session_of "$1")" '"\(.id) \(.ipsec.spi_in)"'
}

# states NAME: of all certificates of this name
states() {
	gw lnsctl cert list --json | jq -r --arg name "$1" '[.[] | select(.name == $name) | .state] | join(" ")'
}

gw_added_again() {
	(($(grep -c '"lnsd-cert-1": added' "$DIR/pluto.log") > 1))
}

# nothing of the case before
mkdir -p /etc/lnsd
rm -rf /var/lib/ipsec/nss/* /etc/lnsd/ca
gw ipsec checknss
gw lnsctl cert ca --bits 2048
gw lnsctl cert server gw.example --san "gw.example,$GW"
issue 1 phone
issue 3 tablet
equal "the CA's key" "$(stat -c %a /etc/lnsd/ca/ca.key)" 600
equal "the client's key" "$(stat -c %a "$DIR/phone.p12")" 600
refuse "the password is kept" grep -r "$(setting 1 unlock none)" /etc/lnsd

mkdir "$DIR/full"
mount -t tmpfs -o size=4k none "$DIR/full"
refuse "a certificate on a full disk" gw lnsctl cert client laptop --output "$DIR/full/laptop.p12"
equal "what it left" "$(ls "$DIR/full")$(states laptop)" ''
umount "$DIR/full"

gw_set server.listen "$GW"
gw_set ipsec.certificate gw.example
gw_start
wait_for 30 "the certificate's connection" gw_has_conns 'lnsd-cert-1 lnsd-psk-1'
clients_up '1 alice secret' '2 bob hunter2' '3 carol s3same'
expect "a certificate and a password" says "$DIR/pluto.log" '"lnsd-cert-1"\[.*peer certificate .CN=phone'
bob=$(session_is bob)
carol=$(session_is carol)

gw lnsctl cert revoke phone
wait_for 10 "alice is out" has_no_session alice
client_kill 1
refuse "an SA with a revoked certificate" client_ipsec_wrong 1 "$KEY"
expect "pluto says why" says "$DIR/pluto.log" 'CERT payload bogus or revoked'
client_kill 1
gw lnsctl cert revoke phone
equal "phone" "$(states phone)" revoked

gw lnsctl cert renew tablet --output "$DIR/tablet.p12" --days 900
equal "tablet" "$(states tablet)" "valid valid"
equal "carol's session and SA" "$(session_is carol)" "$carol"
expect "client 3 pings on" pings 3 "$LAN"
client_close 3

serial=$(gw lnsctl cert renew gw.example --days 900 --json | jq -r '.serial | ascii_downcase | gsub("(?<a>..)"; .a + ":") | .[:-1]')
gw lnsctl reload
wait_for 30 "the connection with the new one" gw_added_again
issue 4 camera
client_up 4 carol s3same
expect "what client 4 was shown" swanctl 4 --list-certs
expect "the new one" says "$DIR/c4/swanctl.log" "serial: *$serial"
equal "bob's session and SA" "$(session_is bob)" "$bob"
expect "client 2 pings on" pings 2 "$LAN"

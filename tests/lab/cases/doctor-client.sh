# shellcheck shell=bash
# Whatever keeps a client from its login, `lnsctl doctor --client` names it: each case is made here, and told by its name.

# blocked NS CHAIN RULE...: iptables of somebody on the way
blocked() {
	ip netns exec "$1" iptables-legacy -I "${@:2}" -j DROP
}

let_through() {
	ip netns exec "$1" iptables-legacy -D "${@:2}" -j DROP
}

gw_set ipsec.log-file "$DIR/pluto.log"
gw_set auth.ban-after 20
gw_start
client_open 5

blocked c5 OUTPUT -p udp --dport 500
refuse "an SA with nothing on the wire" client_ipsec_wrong 5 "$KEY"
diagnosed 10.9.0.5 nothing-arrived 'UDP 500 or 4500'
let_through c5 OUTPUT -p udp --dport 500
client_kill 5

refuse "an SA in spite of the wrong key" client_ipsec_wrong 5 'not the key'
diagnosed 10.9.0.5 wrong-psk '1 try.*/etc/lnsd/psk'
client_kill 5

refuse "an SA with a foreign IKE proposal" client_ipsec_wrong 5 "$KEY" "$GW" aes192-sha1-modp1536
diagnosed 10.9.0.5 no-common-proposal 'AES_CBC .192., HMAC_SHA1, MODP1536; allowed: aes256-sha2;dh14'
client_kill 5
refuse "an SA with a foreign ESP proposal" client_ipsec_wrong 5 "$KEY" "$GW" aes256-sha256-modp2048 aes192-sha1
diagnosed 10.9.0.5 no-common-proposal 'ESP.*allowed: aes_gcm'
client_kill 5

blocked c5 OUTPUT -p esp
client_protected 5
client_l2tp 5 alice secret
diagnosed 10.9.0.5 protocol-blocked 'IP protocol 50'
let_through c5 OUTPUT -p esp
client_kill 5

client_protected 5
client 5 socat -u - "UDP4:$GW:1701,bind=:1701" <<<'no L2TP'
diagnosed 10.9.0.5 no-l2tp 'SCCRQ'
lnsd_stop
diagnosed 10.9.0.5 no-daemon 'systemctl start lnsd'
lnsd_start
client_kill 5

blocked c5 INPUT -p esp
client_protected 5
client_l2tp 5 alice secret
diagnosed 10.9.0.5 return-path-lost 'lost'
let_through c5 INPUT -p esp

client_kill 5
expect "a ban" gw lnsctl bans add 10.9.0.5
diagnosed 10.9.0.5 banned 'lnsctl bans del 10.9.0.5'
expect "its end" gw lnsctl bans del 10.9.0.5

client_protected 1
diagnosed 10.9.0.2 nat-without-encapsulation AssumeUDPEncapsulationContextOnSendRule
blocked nat2 FORWARD -p udp --dport 4500
refuse "an SA without UDP 4500" client_ipsec_wrong 3 "$KEY"
diagnosed 10.9.0.3 protocol-blocked 'UDP 4500'
let_through nat2 FORWARD -p udp --dport 4500

# who may see nothing says so
gw setpriv --reuid nobody --regid nogroup --clear-groups lnsctl doctor --client 10.9.0.5 --json >"$DIR/nobody" 2>/dev/null ||
	true
json "an ordinary user" "$(<"$DIR/nobody")" 'map(select(.text | test("cannot be seen by you"))) | length >= 2'

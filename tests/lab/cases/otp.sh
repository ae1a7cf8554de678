# shellcheck shell=bash
# Password and one-time code in one field: with MS-CHAPv2, CHAP and PAP; one step of drift either way; none twice, also
# after a restart; what is wrong with a code is said where it can be told.
secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
wire_plain_to 10.9.0.5
gw_set ipsec.require no
gw_set ipsec.manage no
gw_set auth.methods 'mschapv2, chap, pap'
gw_set auth.max-sessions-per-user 5
USERS=($'alice secret\notp = '"$secret" $'bob hunter2\notp = '"$secret" $'carol s3same\notp = '"$secret" 'dora plain')
gw_write
# the hash of "secret"
printf '[hashed]\npassword = nt:878d8014606cda29677a44efa1353fc7\notp = %s\n' "$secret" >>/etc/lnsd/users
lnsd_start
only_md5=(refuse-mschap-v2 refuse-mschap refuse-eap refuse-pap)
only_pap=(refuse-mschap-v2 refuse-mschap refuse-eap refuse-chap)

# code SECONDS: of so many seconds from now
code() {
	oathtool --totp --base32 --now "@$(($(date +%s) + $1))" "$secret"
}

# A call may take its time, and a code is one of its step: what is early or late by a step must be so until it is looked at.
step_begins() {
	(($(date +%s) % 30 < 5))
}

# refused N CAUSE TEXT: the N-th line of a refusal
refused() {
	(($(grep -cE "refused .*cause=$1 .*text=\"$2" "$DIR/lnsd.log") >= $3))
}

client_l2tp 5 alice "secret$(code 0)"
client_connected 5
expect "it reaches what is behind the gateway" pings 5 "$LAN"
# one code serves one user once, with whatever method
used=$(code 0)
client_redial 5 bob "hunter2$used" "${only_md5[@]}"
client_connected 5
client_redial 5 bob "hunter2$used" "${only_pap[@]}"
wait_for 10 "a used code is refused" refused wrong-code 'the one-time code was used before' 1
client_redial 5 carol "s3same$(code 30)" "${only_pap[@]}"
client_connected 5
client_hangup 5
wait_for 30 "a step begins" step_begins
client_redial 5 hashed "secret$(code -30)" "${only_pap[@]}"
client_connected 5

# two steps are too many
client_redial 5 dora plain
client_connected 5
client_hangup 5
wait_for 30 "a step begins" step_begins
client_redial 5 alice "secret$(code 75)"
wait_for 10 "a code of two steps ahead is refused" refused wrong-code 'the one-time code is one of [0-9]+ s ahead' 1
client_redial 5 alice "secret"
wait_for 10 "a missing code is told" refused wrong-code 'the one-time code is missing' 1
client_redial 5 alice 'secret00000'
wait_for 10 "MS-CHAPv2 cannot tell what was wrong" refused wrong-password 'wrong password or one-time code' 1
client_redial 5 hashed "secret$(code 0)"
wait_for 10 "a hash and a code go with PAP only" refused method 'with a one-time code only PAP goes with a hash' 1

# a restart forgets none of them
client_hangup 5
expect "lnsd ends" lnsd_stop
expect "the codes' file is there" test -s /var/lib/lnsd/otp
equal "its mode" "$(stat -c %a /var/lib/lnsd/otp)" 600
lnsd_start
client_kill 5
client_l2tp 5 bob "hunter2$used" 
wait_for 20 "a code that was used before the restart is refused" refused '(wrong-code|wrong-password)' '' 5
refuse "it has an address" client_has_address 5
refuse "a code or secret is in the log" logged "$used|$secret"

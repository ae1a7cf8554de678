# shellcheck shell=bash
# A wrong password: refused by CHAP, said on both sides, nothing left; the right one works at once after it.
gw_start
expect "client 1: IPsec" client_ipsec 1 "$KEY"
client_l2tp 1 alice dragon77
wait_for 10 "the client is told" says "$DIR/c1/pppd.log" 'CHAP authentication failed|E=691'
wait_for 10 "the session goes" gw_serves_nobody
refuse "client 1 has an address" client_has_address 1
expect "the log says why" logged 'refused user="?alice"?.*cause=wrong-password'
json "status" "$(status)" '.failures_today == 1 and .logins_today == 0'
refuse "the password is in the log" logged dragon77
client_hangup 1
wait_for 5 "the tunnel goes" gw_is_idle
wait_for 10 "its pppd ends" client_gone 1
sed -i 's/dragon77/secret/' "$DIR/c1/options"
client_dial_again 1
client_connected 1
json "sessions" "$(sessions)" 'length == 1 and .[0].user == "alice"'

# shellcheck shell=bash
# A user that does not exist hears exactly what a wrong password hears; only the log tells them apart.
gw_start
expect "client 1: IPsec" client_ipsec 1 "$KEY"
client_l2tp 1 mallory secret
wait_for 10 "the client is told" says "$DIR/c1/pppd.log" 'CHAP authentication failed|E=691'
wait_for 10 "the session goes" gw_serves_nobody
refuse "client 1 has an address" client_has_address 1
refuse "the client learns that the name is unknown" says "$DIR/c1/pppd.log" '[Uu]nknown|no such'
expect "the log says why" logged 'refused user="?mallory"?.*cause=unknown-user'
json "status" "$(status)" '.failures_today == 1 and .logins_today == 0'

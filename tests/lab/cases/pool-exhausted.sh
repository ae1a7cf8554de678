# shellcheck shell=bash
# One address, two users: the second is refused with CDN result 4 (no facilities at the moment), and gets the address
# when the first has gone.
gw_set network.pool 10.99.0.10
gw_start
client_up 1 alice secret
equal "address" "$(up_word 1 local)" 10.99.0.10
expect "client 3: IPsec" client_ipsec 3 "$KEY"
XL2TPD_GLOBAL='debug avp = yes' client_l2tp 3 bob hunter2
wait_for 15 "the second is refused" logged 'refused user="?bob"?.*cause=no-address'
wait_for 5 "result code 4 at the client" says "$DIR/c3/xl2tpd.log" 'closing for reason 4 '
refuse "client 3 has an address" client_has_address 3
expect "client 1 is unaffected" pings 1 "$LAN"
client_close 1
wait_for 5 "alice's session goes" has_no_session alice
wait_for 5 "client 3 hung up" client_gone 3
client_dial 3
client_connected 3
equal "address" "$(up_word 3 local)" 10.99.0.10

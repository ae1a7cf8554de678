# shellcheck shell=bash
# Two users at once, each behind a NAT of its own, with the same address at home. Their counters are their own, and one
# that is disconnected is no loss to the other.
gw_start
clients_up '1 alice secret' '3 bob hunter2'
flow 1 100
flow 3 100
flows_end "equal inner addresses behind two NATs"
refuse "the two have one address" test "$(up_word 1 local)" = "$(up_word 3 local)"
json "sessions" "$(sessions)" '[.[] | .user + " " + .peer] | sort == ["alice 10.9.0.2", "bob 10.9.0.3"]'
json "no NAT is shared" "$(sessions)" 'all(.ipsec.shares_nat_with == [])'
alice=$(session_of alice) bob=$(session_of bob)
expect "client 1 pings" client 1 ping -q -c 20 -i 0.02 -s 1000 "$LAN"
json "alice's bytes" "$(session_of alice)" '.rx_bytes - $was > 20000' --argjson was "$(field "$alice" .rx_bytes)"
json "bob's bytes" "$(session_of bob)" '.rx_bytes - $was < 2000' --argjson was "$(field "$bob" .rx_bytes)"
expect "lnsctl disconnect bob" gw lnsctl disconnect bob
wait_for 5 "bob's client is told" client_gone 3
wait_for 5 "bob's session goes" has_no_session bob
expect "the log says who did it" logged 'logout user="?bob"?.*cause=admin closed_by=admin'
expect "client 1 pings on" pings 1 "$LAN"

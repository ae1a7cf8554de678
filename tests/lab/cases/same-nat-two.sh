# shellcheck shell=bash
# Two clients behind one NAT, both on UDP 1701: both up at once, each hears its own and nothing of the other's, and lnsctl
# tells them apart as the kernel does.

# The SAs of a session, as `lnsctl show` counts them
sas_are_right() {
	local s
	s=$(gw lnsctl show "$1" --json)
	json "the SAs of $1" "$s" '.session.ipsec | .spi_in as $in | .spi_out as $out | .rekeys == 0 and (.sas | length) == 2 and
		(.sas | all(.current and .age_s >= 0 and .age_s < 120 and .packets > 100 and .bytes > 40 * .packets)) and
		(.sas | map({(.direction): .spi}) | add) == {in: $in, out: $out}'
	gw lnsctl show "$1" | grep "$(field "$s" .session.ipsec.spi_in)" >/dev/null || fail "show $1 does not name its SA"
}

gw_start
clients_up '1 alice secret' '2 bob hunter2'
flow 1 100
flow 2 100
flows_end "two clients behind one NAT"
carry_all 1 2
s=$(sessions)
json "sessions" "$s" '[.[] | "\(.user) \(.peer):\(.peer_port) \(.nat)"] | sort == ["alice 10.9.0.2:1701 true", "bob 10.9.0.2:1701 true"]'
json "who shares the NAT" "$s" '[.[] | .user + " " + (.ipsec.shares_nat_with | join(" "))] | sort == ["alice bob", "bob alice"]'
gw_bound alice bob
json "marks" "$s" 'map({(.user): .ipsec.mark}) | add == {alice: $alice, bob: $bob}' --arg alice "$(gw_mark_of alice)" --arg bob "$(gw_mark_of bob)"
for id in $(field "$s" '.[].id'); do sas_are_right "$id"; done
client_close 1
wait_for 5 "alice's session goes" has_no_session alice
flow 2 50
flows_end "the other one after it has left"
client_hangup 2
wait_for 5 "nothing of the clients stays" gw_is_idle

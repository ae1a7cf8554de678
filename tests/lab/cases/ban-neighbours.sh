# shellcheck shell=bash
# Two clients behind one NAT. One guesses until the address is shut out: the other's session goes on, its SA is renewed, and
# the packet filter closes only when it has gone.

bans_are() {
	[[ $(gw lnsctl bans --json | jq length) == "$1" ]]
}

refusals_are() {
	[[ $(gw lnsctl history --json | jq 'map(select(.refused)) | length') == "$1" ]]
}

filter_has() {
	gw nft list set inet lnsd banned4 | grep 10.9.0.2 >/dev/null
}

gw_set auth.ban-after 3
gw_start
client_up 1 alice secret
expect "client 2: IPsec" client_ipsec 2 "$KEY"
client_l2tp 2 bob dragon77
for n in 1 2 3; do
	((n == 1)) || client_dial 2
	wait_for 20 "refusal $n" refusals_are "$n"
	client_hangup 2
	wait_for 10 "its pppd ends" client_gone 2
done
wait_for 5 "the ban" bans_are 1
json "only newcomers" "$(gw lnsctl bans --json)" '.[0] | .address == "10.9.0.2" and .packets_dropped == false'
refuse "the packet filter has it" filter_has
expect "the neighbour pings on" pings 1 "$LAN"
client_rekey 1 child
expect "the neighbour pings after a rekey" pings 1 "$LAN"
sed -i 's/dragon77/hunter2/' "$DIR/c2/options"
client_dial 2
refuse "the other one comes in" poll 3 client_has_address 2
json "who is there" "$(sessions)" '[.[].user] == ["alice"]'
client_hangup 2
client_hangup 1
wait_for 10 "the neighbour goes" has_no_session alice
if gw nft list set inet lnsd banned4 >/dev/null 2>&1; then
	wait_for 10 "now the packet filter closes" filter_has
	json "wholly" "$(gw lnsctl bans --json)" '.[0].packets_dropped'
fi

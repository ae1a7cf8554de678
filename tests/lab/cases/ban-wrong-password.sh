# shellcheck shell=bash
# Three wrong passwords shut a client out: the right one does not help until a command lets it in again. Where the kernel has
# nf_tables its packets are dropped, else lnsd opens it no tunnel.

bans_are() {
	[[ $(gw lnsctl bans --json | jq length) == "$1" ]]
}

refusals_are() {
	[[ $(gw lnsctl history --json | jq 'map(select(.refused)) | length') == "$1" ]]
}

gw_set auth.ban-after 3
gw_start
for n in 1 2 3; do
	client_protected 1
	client_l2tp 1 alice dragon77
	wait_for 20 "refusal $n" refusals_are "$n"
	wait_for 10 "its pppd ends" client_gone 1
	client_kill 1
done
wait_for 5 "the ban" bans_are 1
b=$(gw lnsctl bans --json)
json "ban" "$b" '.[0] | .address == "10.9.0.2" and .reason == "wrong-password"'
if gw nft list set inet lnsd banned4 >"$DIR/set" 2>/dev/null; then
	wait_for 5 "the packet filter has it" bash -c "ip netns exec gw nft list set inet lnsd banned4 | grep 10.9.0.2"
	note "packet filter: $(gw nft list set inet lnsd banned4 | tr -s '\n\t ' ' ')"
else
	note "no nf_tables: lnsd alone"
fi
expect "lnsctl shows it" bash -c "ip netns exec gw lnsctl bans | grep -E '^10.9.0.2 +wrong-password '"
if client_ipsec_wrong 1 "$KEY"; then
	client_l2tp 1 alice secret
	refuse "a banned client comes in" poll 3 client_has_address 1
fi
client_kill 1
expect "let in again" gw lnsctl bans del 10.9.0.2
refuse "the packet filter has it still" bash -c "ip netns exec gw nft list set inet lnsd banned4 | grep 10.9.0.2"
client_up 1 alice secret

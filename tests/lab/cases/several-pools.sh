# shellcheck shell=bash
# Addresses of ranges, prefixes and a single one, in turn until there is none; neither the ends of a prefix nor the
# gateway nor what belongs to a user are among them. What is wrong with a pool is said before it hurts.
gw_set network.pool '10.99.0.10-10.99.0.11, 10.98.0.0/30, 10.97.0.9'
callers=7
USERS=()
steps=()
client_open 5
for ((i = 1; i <= callers; i++)); do
	USERS+=("user$i pass$i")
	steps+=(call "pppd:$(caller 5 "s$i" "user$i" "pass$i")")
done
wire_plain_to 10.9.0.5
gw_start_plain
cat >>/etc/lnsd/users <<-END
	[static]
	password = plain:still
	address = 10.98.0.2
END
gw lnsctl reload
client_lac 5 patience:30000 again:1000 tunnel "${steps[@]}" serve

addresses() {
	sessions | jq -r '[.[] | select(.state == "up") | .address] | sort | join(" ")'
}
all_given() {
	[[ $(addresses) == "10.97.0.9 10.98.0.1 10.99.0.10 10.99.0.11" ]]
}
wait_for 60 "every address is given once" all_given
wait_for 10 "the others hear why" logged 'refused .*cause=no-address.*address pool is exhausted \(4 in use\)'
json "status says so" "$(status)" '.problems | any(.text == "address pool is exhausted")'
equal "times that the log says so" "$(grep -c 'address pool is exhausted: enlarge' "$DIR/lnsd.log")" 1
for ((i = 1; i <= callers; i++)); do
	client 5 ip link show "s$i" >/dev/null 2>&1 || continue
	client 5 ip -4 addr show "s$i" | grep inet >/dev/null || continue
	expect "caller $i reaches what is behind the gateway" pings 5 "$LAN" -I "s$i"
done
gw lnsctl disconnect all
wait_for 15 "they go" status_is sessions 0
client_kill 5
wait_for 5 "and the problem with them" logged 'solved: address pool is exhausted'

client_l2tp 5 static still
client_connected 5
equal "the user's own address" "$(up_word 5 local)" 10.98.0.2
client_close 5

gw_set network.pool 10.9.0.100-10.9.0.110
gw_set network.gateway auto
gw_conf >/tmp/near.conf
out=$(gw lnsctl check /tmp/near.conf 2>&1) || fail "check refuses it: $out"
says <(echo "$out") '10.9.0.100-10.9.0.110 of network.pool are in the network 10.9.0.0/24 of wan' || fail "check says: $out"
gw lnsctl doctor /tmp/near.conf --json >/tmp/doctor.json 2>/dev/null || true
json "doctor" "$(</tmp/doctor.json)" 'any(.check == "addresses" and .ok == false)'
gw_set network.gateway 10.50.0.1
gw_conf >/tmp/far.conf
refuse "a gateway in another network is right" gw lnsctl check /tmp/far.conf
lnsd_stop
bad_start '10.50.0.1 is in no network of network.pool \(10.9.0.100-10.9.0.110\)' -c /tmp/far.conf

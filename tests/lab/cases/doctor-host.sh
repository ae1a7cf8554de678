# shellcheck shell=bash
# What may be wrong with the gateway's own machine: each fault is made here, `lnsctl doctor` names it with what mends it,
# and that mends it, where it is a command.

gw_set network.dns none
gw_write
well port-1701
start "$DIR/taker.log" ip netns exec gw socat -u UDP4-RECV:1701,bind=0.0.0.0 /dev/null
taker=$!
wait_for 5 "somebody on port 1701" gw bash -c 'ss -lunH "sport = :1701" | grep .'
found port-1701 'socat has UDP 1701'
kill "$taker"
wait "$taker" || true

gw_start
for check in port-1701 covered modules dev-ppp pppd plugin files udp-500 udp-4500 esp udp-1701 forwarding rp-filter mtu \
	route-loops dns psk connections ikev1; do
	well $check
done

# what comes is told by the interface that leads out
ip -n gw route add default via 10.9.0.5
gw iptables-legacy -A INPUT -p udp --dport 500 -j DROP
found udp-500 'table iptables filter, chain INPUT: -p udp -m udp --dport 500 -j DROP'
mended udp-500
gw iptables-legacy -A INPUT -i wan -p esp -j REJECT
found esp 'chain INPUT: -i wan -p esp -j REJECT'
mended esp
gw iptables-legacy -N others
gw iptables-legacy -A INPUT -j others
gw iptables-legacy -A others -p udp -m multiport --dports 4500,1701 -j DROP
found udp-4500 'chain others'
mended udp-4500
found udp-1701 'chain others'
mended udp-1701
gw iptables-legacy -P INPUT DROP
well udp-500
gw iptables-legacy -F
found udp-500 'chain INPUT: policy DROP'
gw iptables-legacy -P INPUT ACCEPT

gw iptables-legacy -P FORWARD DROP
found rules-of-others 'chain FORWARD'
gw iptables-legacy -P FORWARD ACCEPT
gw sysctl -qw net.ipv4.ip_forward=0
found forwarding 'does not forward IPv4'
mended forwarding
gw sysctl -qw net.ipv4.conf.all.rp_filter=1
found rp-filter strict
mended rp-filter
gw sysctl -qw net.ipv4.conf.all.rp_filter=0

ip -n gw link set wan mtu 1380
found mtu 'wan lets no more than 1282'
ip -n gw link set wan mtu 1500
ip -n gw route del default

chmod 644 /etc/lnsd/users
found files '/etc/lnsd/users'
mended files
chmod 640 /etc/lnsd/psk
found psk 'others can read /etc/lnsd/psk'
mended psk
mv /dev/ppp /dev/ppp.away
found dev-ppp 'no /dev/ppp'
mv /dev/ppp.away /dev/ppp
gw_set network.dns 172.16.0.99
gw_set network.mtu 1410
gw_write
found dns '172.16.0.99 does not answer'
echo 'a key' >/etc/lnsd/psk
gw lnsctl check >"$DIR/check" 2>&1 || fail "lnsctl check refuses it: $(<"$DIR/check")"
for words in '172.16.0.99 does not answer' 'mtu: 1410' 'the key is short' 'works with windows' 'not with android'; do
	expect "lnsctl check says '$words'" says "$DIR/check" "$words"
done

printf '%s\n' "$KEY" >/etc/lnsd/psk

# who may see little says so, and none of it is called well
gw setpriv --reuid nobody --regid nogroup --clear-groups lnsctl doctor --json >"$DIR/nobody" 2>/dev/null || true
json "an ordinary user" "$(<"$DIR/nobody")" 'map(select((.ok | not) and (.fix | test("root|sudo")))) | length >= 2'

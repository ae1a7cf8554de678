# shellcheck shell=bash
# IPv6 in a session: addresses from the link's /64 by router advertisements, name server and domain, a host behind the
# gateway, a prefix for the network behind the client; a client without IPV6CP is left alone.
far6=fd00:5::2
USERS=('alice secret' 'bob hunter2')
gw_set network.pool6 fd00:1::/48
gw_set network.dns '172.16.0.53, fd00:5::53'
gw_set network.search-domain corp.example.net
gw_set network.mtu 1300
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
ip -n gw addr add fd00:5::1/64 dev lan0 nodad
ip -n lan addr add $far6/64 dev eth0 nodad
ip -n lan route add default via fd00:5::1
gw sysctl -qw net.ipv6.conf.all.forwarding=0
gw_start_plain
json "status tells of the kernel that does not forward" "$(status)" '.problems | any(.text | test("forwards no IPv6"))'
gw sysctl -qw net.ipv6.conf.all.forwarding=1
gw lnsctl reload
json "status" "$(status)" '.problems | any(.text | test("IPv6")) | not'

global6() {
	client "$1" ip -6 -o addr show dev vpn0 scope global | awk '{ print $4; exit }'
}
has_global6() {
	[[ $(global6 "$1") ]]
}

# a caller that wants IPv6, and takes what it is told
client_open 5
start "$DIR/ra" ip netns exec c5 tcpdump -lnvvi any 'icmp6 and ip6[40] = 134'
client 5 sysctl -qw net.ipv6.conf.default.accept_ra=2
client_set 5 ipv6 +ipv6
client_l2tp 5 alice secret
client_connected 5
wait_for 20 "an address of IPv6" has_global6 5
s=$(session_of alice)
json "session" "$s" '.address6 | test("^fd00:1:.*::/64$")'
json "its prefix for others" "$s" '.delegated6 | test("^fd00:1:.*8::/61$")'
link=$(field "$s" .address6)
link=${link%::/64}
[[ $(global6 5) == "$link":*/64 ]] || fail "the address $(global6 5) is not of $link::/64"
wait_for 5 "our end answers" client 5 ping -6 -q -c 2 -W 2 "$link::1"
wait_for 5 "the host behind the gateway answers" client 5 ping -6 -q -c 2 -W 2 $far6
wait_for 5 "it reaches the client" lan ping -6 -q -c 2 -W 2 "$(global6 5 | cut -d/ -f1)"
expect "IPv4 works" pings 5 "$LAN" -I vpn0
[[ $(client 5 ip -6 route show default) == *'via fe80::1 dev vpn0'* ]] || fail "no default route: $(client 5 ip -6 route)"
client 5 cat /proc/sys/net/ipv6/conf/vpn0/mtu | grep -x 1300 >/dev/null || fail "its MTU is not 1300"
wait_for 5 "the advertisement has the name server" says "$DIR/ra" 'rdnss option .*addr: fd00:5::53'
expect "and the domain" says "$DIR/ra" 'dnssl option .*corp\.example\.net'

# the prefix for what is behind the client
whole=$(field "$s" .delegated6)
part=${whole%::/61}
cat >/tmp/dhcpcd.conf <<-END
	allowinterfaces vpn0 eth9
	duid
	ipv6only
	noipv6rs
	script /tmp/dhcpcd.sh
	option domain_name_servers, domain_search
	option dhcp6_name_servers, dhcp6_domain_search
	interface vpn0
	ia_pd 1 eth9/1/64
END
printf '#!/bin/sh\nenv >>/tmp/dhcpcd.env\n' >/tmp/dhcpcd.sh
chmod 755 /tmp/dhcpcd.sh
client 5 ip link add eth9 type veth peer name eth9p
client 5 ip link set eth9 up
client 5 ip link set eth9p up
client_start 5 "$DIR/c5/dhcpcd.log" dhcpcd --nodev -B -d -f /tmp/dhcpcd.conf
has_delegated() {
	client 5 ip -6 addr show dev eth9 | grep "inet6 ${part%8}9:"
}
wait_for 15 "the client's network has a part of the prefix" has_delegated
behind=$(client 5 ip -6 -o addr show dev eth9 scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
wait_for 5 "it is reached from behind the gateway" lan ping -6 -q -c 2 -W 2 "$behind"
expect "DHCPv6 has the name server" grep -E 'new_dhcp6_name_servers=.*fd00:5::53' /tmp/dhcpcd.env
expect "and the domain" grep -E 'new_dhcp6_domain_search=.*corp\.example\.net' /tmp/dhcpcd.env

# neither wants IPv6, nor is disturbed
client_set 16 ipv6 noipv6
client_l2tp 16 bob hunter2
client_connected 16
json "bob has no IPv6" "$(session_of bob)" '.address6 == null and .state == "up"'
expect "bob reaches what is behind the gateway" pings 16 "$LAN"

# what belonged to the session goes with it
gw lnsctl disconnect alice
wait_for 10 "alice is gone" has_no_session alice
gone6() {
	! gw ip -6 route | grep "^${link%:*}"
}
wait_for 10 "her route goes" gone6
wait_for 10 "the history has her prefix" bash -c "ip netns exec gw lnsctl history $link::/64 --json | jq -e '.[0].user == \"alice\"'"
expect "bob is still there" pings 16 "$LAN"

# shellcheck shell=bash
# The lab's networks, each a namespace. Clients behind different NATs have equal addresses, as they do in the world.
#   c1 192.168.1.11 ─┬─ nat1 10.9.0.2 ─┐
#   c2 192.168.1.12 ─┘                 │
#   c3 192.168.1.11 ─┬─ nat2 10.9.0.3 ─┼─ wan ── 10.9.0.1 gw 172.16.0.1 ── 172.16.0.2 lan (a host behind the gateway)
#   c4 192.168.1.12 ─┘                 │        fd09::1
#   c5 10.9.0.5, fd09::5 ──────────────┘
GW=10.9.0.1 GW6=fd09::1 LAN=172.16.0.2
SPACES=(wan gw lan nat1 nat2 c1 c2 c3 c4 c5)

space() {
	ip netns add "$1"
	ip -n "$1" link set lo up
}

# link NS1 IF1 NS2 IF2
link() {
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

bridge() {
	ip -n "$1" link add "$2" type bridge forward_delay 0
	ip -n "$1" link set "$2" up
}

# plug NS IF BRIDGE_NS BRIDGE [ADDRESS...]: a port of a bridge, and who is on it
plug() {
	local ns=$1 if=$2 at=$3 bridge=$4 address
	shift 4
	link "$ns" "$if" "$at" "$ns-$if"
	ip -n "$at" link set "$ns-$if" master "$bridge"
	for address; do
		case $address in
		*:*) ip -n "$ns" addr add "$address" dev "$if" nodad ;;
		*) ip -n "$ns" addr add "$address" dev "$if" ;;
		esac
	done
}

nat_box() {
	local nat=$1 n
	shift
	bridge "$nat" home
	ip -n "$nat" addr add 192.168.1.1/24 dev home
	for n; do plug "c$n" eth0 "$nat" home; done
	ip netns exec "$nat" sysctl -qw net.ipv4.ip_forward=1
	ip netns exec "$nat" iptables-legacy -t nat -A POSTROUTING -o wan -j MASQUERADE
}

net_up() {
	local ns n
	for ns in "${SPACES[@]}"; do space "$ns"; done
	bridge wan br0
	plug gw wan wan br0 "$GW/24" "$GW6/64"
	plug nat1 wan wan br0 10.9.0.2/24
	plug nat2 wan wan br0 10.9.0.3/24
	plug c5 eth0 wan br0 10.9.0.5/24 fd09::5/64
	nat_box nat1 1 2
	nat_box nat2 3 4
	for n in 1 2 3 4; do
		ip -n "c$n" addr add "192.168.1.$((11 + (n - 1) % 2))/24" dev eth0
		ip -n "c$n" route add default via 192.168.1.1
	done
	link gw lan0 lan eth0
	ip -n gw addr add 172.16.0.1/24 dev lan0
	ip -n lan addr add $LAN/24 dev eth0
	ip -n lan route add default via 172.16.0.1
	ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
}

gw() {
	ip netns exec gw "$@"
}

lan() {
	ip netns exec lan "$@"
}

# Everything that a case started in the networks, and what it left in their kernels.
net_clear() {
	local ns pid
	for ns in "${SPACES[@]}"; do
		for pid in $(ip netns pids "$ns"); do kill -KILL "$pid" 2>/dev/null || true; done
	done
	for ns in gw lan c1 c2 c3 c4 c5; do
		poll 5 no_process "$ns" || echo "lab: processes stay in $ns: $(ip netns pids "$ns" | tr '\n' ' ')" >&2
		ip -n "$ns" xfrm state flush
		ip -n "$ns" xfrm policy flush
	done
	for ns in nat1 nat2; do ip netns exec $ns conntrack -F >/dev/null 2>&1 || true; done
}

no_process() {
	[[ -z $(ip netns pids "$1") ]]
}

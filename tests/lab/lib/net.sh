# shellcheck shell=bash
# The lab's networks, each a namespace. Clients behind different NATs have equal addresses, as they do in the world.
#   c1 192.168.1.11 ─┬─ nat1 10.9.0.2 ─┐
#   c2 192.168.1.12 ─┘                 │
#   c3 192.168.1.11 ─┬─ nat2 10.9.0.3 ─┼─ wan ── 10.9.0.1 gw 172.16.0.1 ── 172.16.0.2 lan (a host behind the gateway)
#   c4 192.168.1.12 ─┘                 │        fd09::1
#   c5 10.9.0.5, fd09::5 ──────────────┘
# What only some cases need is made by net_more, and gone after the case:
#   c6 192.168.1.16 … c13 192.168.1.23     eight more behind nat1
#   c14 192.168.1.11 ── nat3 100.64.0.3 ─┬─ nat1   two homes with equal addresses behind their provider's NAT
#   c15 192.168.1.11 ── nat4 100.64.0.4 ─┘
#   c16 10.9.0.16, fd09::16                one more on the wan
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

# A bridge that is given no address takes the lowest one of its ports: neighbours lose it as ports come and go.
bridge() {
	ip -n "$1" link add "$2" address 02:00:00:00:00:01 type bridge forward_delay 0
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

# nat_box NAT CLIENT...: its home, and who lives there. The way out is its interface wan.
nat_box() {
	local nat=$1 n
	shift
	bridge "$nat" home
	ip -n "$nat" addr add 192.168.1.1/24 dev home
	for n; do plug_home "$n" "$nat"; done
	ip netns exec "$nat" sysctl -qw net.ipv4.ip_forward=1
	# as a home's box does; and what comes for a port that it has forgotten must not keep the port from the next one
	ip netns exec "$nat" iptables-legacy -A INPUT -i wan -j DROP
	nat_rules "$nat"
}

# nat_rules NAT [RULE]...: how it translates what leaves; each RULE is words of iptables, and goes before the usual one
nat_rules() {
	local command=(ip netns exec "$1" iptables-legacy -t nat) rule
	shift
	"${command[@]}" -F POSTROUTING
	for rule in "$@" '-j MASQUERADE'; do
		# shellcheck disable=SC2086 # words
		"${command[@]}" -A POSTROUTING -o wan $rule
	done
}

plug_home() {
	local n=$1 nat=$2 host
	case $n in
	3 | 14 | 15) host=11 ;;
	4) host=12 ;;
	*) host=$((10 + n)) ;;
	esac
	plug "c$n" eth0 "$nat" home "192.168.1.$host/24"
	ip -n "c$n" route add default via 192.168.1.1
}

# The number of a client tells where it lives: its NAT box, and the bridge there
home_of() {
	case $1 in
	3 | 4) echo nat2 home ;;
	5 | 16) echo wan br0 ;;
	14) echo nat3 home ;;
	15) echo nat4 home ;;
	*) echo nat1 home ;;
	esac
}

net_up() {
	local ns
	for ns in "${SPACES[@]}"; do space "$ns"; done
	bridge wan br0
	plug gw wan wan br0 "$GW/24" "$GW6/64"
	plug nat1 wan wan br0 10.9.0.2/24
	plug nat2 wan wan br0 10.9.0.3/24
	plug c5 eth0 wan br0 10.9.0.5/24 fd09::5/64
	nat_box nat1 1 2
	nat_box nat2 3 4
	link gw lan0 lan eth0
	ip -n gw addr add 172.16.0.1/24 dev lan0
	ip -n lan addr add $LAN/24 dev eth0
	ip -n lan route add default via 172.16.0.1
	ip netns exec gw sysctl -qw net.ipv4.ip_forward=1
}

# net_more N...: further clients, for this case
net_more() {
	local n
	for n; do
		space "c$n"
		case $n in
		14 | 15) provider_home "nat$((n - 11))" "$n" ;;
		16) plug c16 eth0 wan br0 10.9.0.16/24 fd09::16/64 ;;
		*) plug_home "$n" nat1 ;;
		esac
	done
}

# provider_home NAT CLIENT: a home whose own way out is translated once more, by nat1
provider_home() {
	local nat=$1 n=$2
	if ! ip -n nat1 link show provider >/dev/null 2>&1; then
		bridge nat1 provider
		ip -n nat1 addr add 100.64.0.1/24 dev provider
	fi
	space "$nat"
	plug "$nat" wan nat1 provider "100.64.0.${nat#nat}/24"
	ip -n "$nat" route add default via 100.64.0.1
	nat_box "$nat" "$n"
}

# nat_forget NAT1|NAT2: an empty table, as after a power cut. MASQUERADE forgets what left by an interface that goes down.
nat_forget() {
	kernel_forgets "$1" 'link set wan down' 'link set wan up'
}

# net_rough NS IF NETEM...: what leaves NS by IF goes a bad way, until net_smooth or the end of the case
net_rough() {
	tc -n "$1" qdisc replace dev "$2" root netem limit 10000 "${@:3}"
	echo "$1 $2" >>"$DIR/rough"
}

net_smooth() {
	local ns if
	[[ -e $DIR/rough ]] || return 0
	while read -r ns if; do tc -n "$ns" qdisc del dev "$if" root 2>/dev/null || true; done <"$DIR/rough"
	rm "$DIR/rough"
}

gw() {
	ip netns exec gw "$@"
}

lan() {
	ip netns exec lan "$@"
}

# Everything that a case started in the networks, and what it left in their kernels. A client that it did not use has
# nothing of it.
net_clear() {
	local ns n home
	# who slept when its case ended
	for n in 1 2 3 4 5; do
		read -ra home < <(home_of "$n")
		ip -n "${home[0]}" link set "c$n-eth0" master "${home[1]}"
	done
	for ns in $(spaces); do
		case $ns in
		c*) [[ ! -d $DIR/$ns ]] || clear_space "$ns" ;;
		*) clear_space "$ns" ;;
		esac
		[[ " ${SPACES[*]} " == *" $ns "* ]] || ip netns del "$ns"
	done
	nat_rules nat1
	net_smooth
	ip -n nat1 link del provider 2>/dev/null || true
}

clear_space() {
	local ns=$1 pid
	for pid in $(ip netns pids "$ns"); do kill -KILL "$pid" 2>/dev/null || true; done
	poll 5 no_process "$ns" || echo "lab: processes stay in $ns: $(ip netns pids "$ns" | tr '\n' ' ')" >&2
	case $ns in
	gw) kernel_forgets gw 'rule flush' 'rule add pref 32766 lookup main' 'xfrm state flush' 'xfrm policy flush' ;;
	c*) kernel_forgets "$ns" 'xfrm state flush' 'xfrm policy flush' ;;
	nat1 | nat2) nat_forget "$ns" ;;
	esac
}

# kernel_forgets NS LINE...: commands of ip
kernel_forgets() {
	ip -n "$1" -batch - < <(shift && printf '%s\n' "$@")
}

spaces() {
	local path
	for path in /run/netns/*; do echo "${path##*/}"; done
}

no_process() {
	[[ -z $(ip netns pids "$1") ]]
}

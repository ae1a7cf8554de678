# shellcheck shell=bash
# kernel: stock
# A user's rates, both ways, by TCP and UDP: what arrives is within 10 % of what is set. Another user has none.
UP=1500000 DOWN=3000000

# rate_of N NAME OPTION...: bits a second that arrive
rate_of() {
	local n=$1 name=$2 tool=iperf3
	shift 2
	client "$n" "$tool" -J -c "$LAN" -t 10 -O 2 -l 1300 "$@" >"$DIR/iperf.$name" || fail "iperf3 $*: $(jq -r .error "$DIR/iperf.$name")"
	case " $* " in
	*" -u "*) jq '(.end.sum.packets - .end.sum.lost_packets) * 1300 * 8 / .end.sum.seconds | floor' "$DIR/iperf.$name" ;;
	*) jq '.end.sum_received.bits_per_second | floor' "$DIR/iperf.$name" ;;
	esac
}

# shaping: what tc counts
shaping() {
	local name
	for name in $(gw ls /sys/class/net); do
		gw tc -s -d qdisc show dev "$name"
		gw tc -s class show dev "$name"
		gw tc -s filter show dev "$name" ingress
	done
}

# measure NAME SET OPTION...
measure() {
	local name=$1 set=$2 got
	shift 2
	got=$(rate_of 5 "$name" "$@")
	shaping >"$DIR/tc.$name" 2>&1
	note "| $name | set $set | measured $got | $((got * 100 / set)) % |"
	between "$name" "$got" $((set * 90 / 100)) $((set * 110 / 100))
}

rate_is() {
	[[ $(field "$(shown "$1")" .session.rate) == "$2" ]]
}

gw_user alice rate 1500kbit/3mbit
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain
client_l2tp 5 alice secret
client_l2tp 16 bob hunter2
client_connected 5
client_connected 16
wait_for 10 "alice's rate is shown" rate_is alice 1500kbit/3mbit
wait_for 10 "bob's, too" rate_is bob none
start "$DIR/iperf3" ip netns exec lan iperf3 -s
wait_for 10 "iperf3 listens" lan bash -c "ss -ltnH 'sport = :5201' | grep ."
measure "UDP, from the client" $UP -u -b 4M
measure "UDP, to the client" $DOWN -u -b 6M -R
measure "TCP, from the client" $UP
measure "TCP, to the client" $DOWN -R
between "bob, who has no rate, from the client" "$(rate_of 16 bob -u -b 4M)" $((UP * 12 / 10)) 100000000
client_hangup 5
wait_for 5 "alice's session goes" has_no_session alice
equal "classes that stay" "$(gw tc class show dev lnsd-up)" ''
lnsd_stop
refuse "lnsd-up stays" gw ip link show lnsd-up

# shellcheck shell=bash
# kernel: stock
# A user's rates, both ways, by TCP and UDP: what arrives is within 10 % of what is set. Another user has none.
UP=1500000 DOWN=3000000
port=5200

# received WORD...: bytes that have come in at a device; the words run `ip` where it is
received() {
	"${@:1:$#-1}" ip -s -j link show "${!#}" | jq '.[0].stats64.rx.bytes'
}

more_than() {
	(($(received "${@:2}") > $1))
}

# measure_rate N NAME OPTION...: $got is the bits a second that arrive, over eight seconds, when the queues have filled
measure_rate() {
	local n=$1 name=$2 there=(lan eth0) load begun first from
	shift 2
	[[ " $* " != *" -R "* ]] || there=(client "$n" vpn0)
	port=$((port + 1))
	start "$DIR/server.$name" ip netns exec lan iperf3 -s -1 -p "$port"
	wait_for 10 "iperf3 listens" lan bash -c "ss -ltnH 'sport = :$port' | grep ."
	begun=$(received "${there[@]}")
	client_start "$n" "$DIR/iperf.$name" iperf3 -c "$LAN" -p "$port" -t $((20 * pace)) -l 1300 "$@"
	load=$!
	wait_for 15 "$name: the load" more_than $((begun + 400000)) "${there[@]}"
	first=$(received "${there[@]}") from=$(now_ms)
	read -rt 8 -u "$nap" || true
	got=$((($(received "${there[@]}") - first) * 8000 / ($(now_ms) - from)))
	kill "$load"
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
	local name=$1 set=$2
	shift 2
	measure_rate 5 "$name" "$@"
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
measure "UDP, from the client" $UP -u -b 4M
measure "UDP, to the client" $DOWN -u -b 6M -R
measure "TCP, from the client" $UP
measure "TCP, to the client" $DOWN -R
measure_rate 16 bob -u -b 4M
between "bob, who has no rate, from the client" "$got" $((UP * 12 / 10)) 100000000
client_hangup 5
wait_for 5 "alice's session goes" has_no_session alice
equal "classes that stay" "$(gw tc class show dev lnsd-up)" ''
lnsd_stop
refuse "lnsd-up stays" gw ip link show lnsd-up

# shellcheck shell=bash
# A LAC with twenty callers in one tunnel, each a pppd: each has an address of his own and reaches what is behind the
# gateway; the end of one, from whichever side, is nobody else's.
callers=20
USERS=()
steps=()
for ((i = 1; i <= callers; i++)); do
	USERS+=("user$i pass$i")
done
wire_plain_to 10.9.0.5
gw_set log.level debug
gw_start_plain
client_open 5
for ((i = 1; i <= callers; i++)); do
	steps+=(call "pppd:$(caller 5 "s$i" "user$i" "pass$i")")
done
client_lac 5 patience:30000 again:1000 tunnel "${steps[@]}" serve

sessions_up() {
	[[ $(sessions | jq 'map(select(.state == "up")) | length') == "$1" ]]
}

callers_have_addresses() {
	[[ $(client 5 ip -o -4 addr show | grep -c ' s[0-9]* .* peer ') == "$callers" ]]
}

# all_carry N...: each caller of these
all_carry() {
	local i jobs=()
	for i; do
		wait_for 30 "caller $i reaches what is behind the gateway" pings 5 "$LAN" -I "s$i" -W 5 &
		jobs+=($!)
	done
	for i in "${jobs[@]}"; do wait "$i" || fail "not all callers reach what is behind the gateway"; done
}

wait_for 60 "all sessions are up" sessions_up $callers
wait_for 30 "all callers have addresses" callers_have_addresses
s=$(sessions)
json "tunnels" "$(tunnels)" '[.[] | select(.state == "established")] | length == 1'
json "users and addresses" "$s" '([.[].user] | unique | length) == $n and ([.[].address] | unique | length) == $n' --argjson n $callers
json "sessions" "$s" '[.[].tunnel_id] | unique | length == 1'
# shellcheck disable=SC2046 # numbers
all_carry $(seq $callers)

gw lnsctl disconnect user7
wait_for 10 "user7 is disconnected" sessions_up $((callers - 1))
gone() {
	! client 5 ip link show "$1" >/dev/null 2>&1
}
wait_for 10 "his pppd ends" gone s7
# and one hangs up by himself
client 5 pkill -TERM -f "options.s11$"
wait_for 10 "user11 hangs up" sessions_up $((callers - 2))
# shellcheck disable=SC2046 # numbers
all_carry $(seq 6) $(seq 8 10) $(seq 12 $callers)
json "who is left" "$(sessions)" 'map(.user) | contains(["user7"]) or contains(["user11"]) | not'
client_kill 5

# what the keeper's queue goes by: a pppd says that it reads its line before its client says a word
started() {
	[[ $(grep -c 'pppd reads its line session=' "$DIR/lnsd.log") == "$1" ]]
}
started $callers || fail "not all pppds have said that they read their lines"
client_lac 5 tunnel call serve
wait_for 20 "so does one whose client is silent" started $((callers + 1))
client_kill 5

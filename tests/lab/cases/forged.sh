# shellcheck shell=bash
# Good forgeries for a client's tunnel: in clear from its own address and port, which the kernel drops, and by a neighbour
# behind its NAT under the neighbour's own SA, which lnsd drops, counts and logs. Neither is answered, nothing changes.

# hex DIGITS: those bytes
hex() {
	local i bytes=''
	for ((i = 0; i < ${#1}; i += 2)); do bytes+="\\x${1:i:2}"; done
	# shellcheck disable=SC2059 # the bytes are the format
	printf "$bytes"
}

# StopCCN in the next place of alice's tunnel: message type, assigned tunnel id, result code (RFC 2661 §6.4)
stopccn() {
	local t
	t=$(tunnels | jq -c --argjson id "$1" '.[] | select(.id == $id)')
	hex "c8020024$(words "$1" 0 "$(field "$t" .nr)" "$(field "$t" .ns)")8008000000000004800800000009$(words "$(field "$t" .peer_id)")8008000000010001"
}

# SCCRQ: message type, protocol version, framing, host name, assigned tunnel id (RFC 2661 §6.1)
sccrq() {
	local host=6e6574
	hex "c8020037$(words 0 0 0 0)80080000000000018008000000020100800a0000000300000003800900000007${host}800800000009$(words 1234)"
}

# LCP's Terminate-Request as a data message of alice's session
terminate() {
	hex "0002$(words "${1%-*}" "${1#*-}")ff03c02105010004"
}

# words NUMBER...: 16 bits each
words() {
	printf '%04x' "$@"
}

in_clear() {
	ip netns exec nat1 socat -u - "UDP4-SENDTO:$GW:1701,bind=10.9.0.2:1701"
}

by() {
	client "$1" socat -u - "UDP4-SENDTO:$GW:1701,bind=:1701,reuseaddr"
}

drops_more() {
	(($(dropped path) > $1))
}

unharmed() {
	equal "$1: sessions" "$(field "$(sessions)" '[.[].id] | sort | join(" ")')" "$ids"
	flow 1 20
	flow 2 20
	flows_end "$1"
}

gw_start
clients_up '1 alice secret' '2 bob hunter2'
ids=$(field "$(sessions)" '[.[].id] | sort | join(" ")')
id=$(field "$(session_of alice)" .id)
was=$(gw_unprotected)
stopccn "${id%-*}" | in_clear
terminate "$id" | in_clear
sccrq | in_clear
wait_for 2 "the kernel drops all three" gw_drops_more_than $((was + 2))
json "status" "$(status)" '.half_open == 0 and .dropped.unprotected == 0'
unharmed "forged in clear"
was=$(dropped path)
stopccn "${id%-*}" | by 2
wait_for 2 "the forged StopCCN is counted" drops_more "$was"
terminate "$id" | by 2
wait_for 2 "the forged frame is counted" drops_more $((was + 1))
expect "it is logged" logged 'dropped.*path.*10\.9\.0\.2'
unharmed "forged by a neighbour"
stopccn "${id%-*}" | by 1
wait_for 5 "from alice's own SA it is taken" has_no_session alice

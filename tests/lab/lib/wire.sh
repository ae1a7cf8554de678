# shellcheck shell=bash
# The gateway's wire, watched through every case: L2TP that leaves it outside of ESP is the end of the case.

WIRE=''
WIRE_PLAIN=()

wire_watch() {
	start "$DIR/wire" ip netns exec gw tcpdump --immediate-mode -lnqi wan -Q out udp port 1701
	WIRE=$!
	wait_for 10 "the watch on the wire" says "$DIR/wire" listening
}

# wire_plain_to ADDRESS...: these may be answered in clear, in this case
wire_plain_to() {
	WIRE_PLAIN+=("$@")
}

# wire_count ADDRESS|others: datagrams in clear until now: to one, or to all but those who may be answered so
wire_count() {
	awk -v to="$1" -v plain="${WIRE_PLAIN[*]}" '
		BEGIN { n = split(plain, list, " "); for (i = 1; i <= n; i++) allowed[list[i]] }
		/ > / {
			peer = $0
			sub(/.* > /, "", peer)
			sub(/\.[0-9]+: .*/, "", peer)
			if (to == "others" ? !(peer in allowed) : peer == to) count++
		}
		END { print count + 0 }' "$DIR/wire"
}

wire_check() {
	alive "$WIRE" || fail "nobody watched the wire to the end: $(tail -n 1 "$DIR/wire")"
	equal "datagrams of L2TP that left in clear" "$(wire_count others)" 0
}

# shellcheck shell=bash
# Numbered datagrams through the tunnels, and what became of them: sent, lost, doubled, and foreign, which is what reached
# a client and was another's.
# shellcheck disable=SC2154 # pace is in base.sh

declare -A FLOW=()
# a chunk of an endless flow: it can end between two, with nothing under way
FLOW_CHUNK=50

# flow N COUNT [RATE]: client N sends so many datagrams, so many a second, to the host behind the gateway, which answers
# each. Returns at once.
flow() {
	flow_ping "$1" "$2" "${3:-100}" &
	FLOW[$1]=$!
}

# flow_on N [RATE]: the same until flows_end
flow_on() {
	rm -f "$DIR/flow.stop"
	flow_repeat "$1" "${2:-50}" &
	FLOW[$1]=$!
}

flow_repeat() {
	while [[ ! -e $DIR/flow.stop ]]; do flow_ping "$1" $FLOW_CHUNK "$2"; done
}

# A lost one is no error here: flows_end counts.
flow_ping() {
	client "$1" echoes "$LAN" "$2" $((1000000 * pace / $3)) </dev/null >>"$DIR/flow.$1" 2>&1 || true
}

# flows_end WHAT [MOST]: waits for all, adds a row to the table of the run; MOST (0) may be lost, nothing may be foreign
flows_end() {
	local n sent lost doubled strays
	touch "$DIR/flow.stop"
	for n in "${!FLOW[@]}"; do
		wait "${FLOW[$n]}" || fail "$1: the flow of client $n broke"
		says "$DIR/flow.$n" 'packets transmitted' || fail "$1: client $n sent nothing: $(tail -n 1 "$DIR/flow.$n")"
	done
	read -r sent lost doubled < <(flow_sums)
	strays=$(foreign_all)
	note "| $1 | $sent | $lost | $strays |"
	between "$1: lost" "$lost" 0 "${2:-0}"
	equal "$1: foreign" "$strays" 0
	equal "$1: doubled" "$doubled" 0
	rm -f "$DIR"/flow.[0-9]*
	FLOW=()
}

# 400 packets transmitted, 398 received, +1 duplicates
flow_sums() {
	awk '/packets transmitted/ {
		sent += $1
		lost += $1 - $4
		for (i = 5; i < NF; i++) if ($(i + 1) ~ /^duplicates/) doubled += $i
	}
	END { print sent + 0, lost + 0, doubled + 0 }' "$DIR"/flow.[0-9]*
}

foreign_all() {
	local dir sum=0
	for dir in "$DIR"/c[0-9]*; do sum=$((sum + $(foreign "${dir##*/c}"))); done
	echo $sum
}

# foreign N: L2TP for a tunnel that client N never had, which its xl2tpd says, and what came out of its tunnel for an
# address that it does not have, which its kernel counts
foreign() {
	local n=$1 log=$DIR/c$1/xl2tpd.log count
	count=$(($(astray "$n") - $(<"$DIR/c$n/astray")))
	if [[ -e $log && $(<"$log") == *"unable to find call or tunnel"* ]]; then count=$((count + $(foreign_tunnels "$log"))); fi
	echo $count
}

foreign_tunnels() {
	awk '
		match($0, /Local: [0-9]+|on tunnel [0-9]+|for tunnel [0-9]+/) { own[last_number()] }
		/unable to find call or tunnel/ && match($0, /tunnel = [0-9]+/) { told[last_number()]++ }
		function last_number(  words) { split(substr($0, RSTART, RLENGTH), words, " "); return words[length(words)] }
		END { for (id in told) if (!(id in own)) sum += told[id]; print sum + 0 }' "$1"
}

# astray N: datagrams that the kernel of client N found not to be for it, since its network was made
astray() {
	if [[ ${CLIENT[$1]:-} ]]; then
		snmp_word InAddrErrors <"/proc/${CLIENT[$1]}/net/snmp"
	else
		ip netns exec "c$1" cat /proc/net/snmp | snmp_word InAddrErrors
	fi
}

# snmp_word NAME: from the two lines about IP, of names and of values
snmp_word() {
	local names values i
	read -ra names
	read -ra values
	for ((i = 1; i < ${#names[@]}; i++)); do
		if [[ ${names[i]} == "$1" ]]; then echo "${values[i]}"; fi
	done
	# the writer is to be heard to the end
	while read -r _; do :; done
}

# carry_all N...: 4 MB of TCP each, at once, to the host behind the gateway
carry_all() {
	local n jobs=()
	CARRY_MB=4 blob >/dev/null
	for n; do
		CARRY_MB=4 carry "client $n" lan "$LAN" $((5000 + n)) &
		jobs+=($!)
	done
	for n in "${jobs[@]}"; do wait "$n" || fail "TCP of all at once"; done
}

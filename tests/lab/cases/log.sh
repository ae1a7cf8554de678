# shellcheck shell=bash
# first process: systemd
# The time line of two users behind one NAT, from the journal: IKE, L2TP, PPP and logins in their order, the time of each
# stage, no line of the other's, no secret; what is wrong with a third's password. The control messages live and in a file.

# log_of ARG...: what lnsctl log gives, as JSON, in log.json
log_of() {
	gw lnsctl --json log "$@" >"$DIR/log.json"
}

# in_log FILTER
in_log() {
	jq -r "$1" "$DIR/log.json"
}

login_is_in_log() {
	log_of "$1" && [[ $(in_log '[.[] | select(.text | startswith("login "))] | length') == 1 ]]
}

refusal_is_in_log() {
	log_of "$1" && [[ $(in_log '[.[] | select(.text | startswith("refused "))] | length') == 1 ]]
}

# tcpdump reads it
traced() {
	(($(tcpdump -nr "$DIR/alice.pcapng" 2>/dev/null | grep -c 'l2tp:') > 1))
}

gw_write
gw_unit lnsd
gw_unit ipsec
systemctl daemon-reload
systemctl start ipsec
systemctl start lnsd
wait_for 10 "the conns of lnsd in pluto" gw_loaded
start "$DIR/trace.log" ip netns exec gw lnsctl trace alice --data --pcap "$DIR/alice.pcapng"
trace=$!
wait_for 10 "the trace has begun" test -s "$DIR/alice.pcapng"
client_up 1 alice secret
client_up 2 bob hunter2
wait_for 10 "alice's login in the log" login_is_in_log alice
note "$(gw lnsctl log alice)"
equal "the first stage" "$(in_log '[.[].stage | select(. != "daemon")][0]')" ike
equal "stages that there are" "$(in_log '[.[].stage] | unique - ["daemon", "ppp"] | join(" ")')" "account ike l2tp"
equal "lines in order of time" "$(in_log '[.[].time] == ([.[].time] | sort)')" true
equal "each stage has its time" "$(in_log '[.[] | select(.setup_ms)][0].setup_ms | [.ike, .l2tp, .ppp] | all(type == "number" and . >= 0)')" true
equal "lines about the other user" "$(in_log '[.[] | select(.text | test("bob"))] | length')" 0
equal "IPsec SAs that came up" "$(in_log '[.[] | select(.text | test("IPsec SA established"))] | length')" 1
refuse "a secret is in the log" grep -E 'hunter2|dragon77' "$DIR/log.json"
expect "alice's ping" pings 1 "$LAN"
wait_for 10 "her frames in the trace" traced
kill -INT "$trace"
wait_for 10 "the trace has ended" says "$DIR/trace.log" '^[1-9][0-9]* datagrams in '
client_protected 3
client_l2tp 3 bob dragon77
wait_for 10 "the client is told" says "$DIR/c3/pppd.log" 'CHAP authentication failed|E=691'
wait_for 20 "bob's refusal in the log" refusal_is_in_log bob
equal "its cause" "$(in_log '[.[].text | select(startswith("refused ")) | capture("cause=(?<c>[a-z-]+)").c][0]')" wrong-password
refuse "a password is in the log" grep -E 'hunter2|dragon77' "$DIR/log.json"
client_hangup 3
systemctl stop lnsd ipsec

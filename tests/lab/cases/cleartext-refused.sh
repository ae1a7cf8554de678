# shellcheck shell=bash
# L2TP without IPsec gets no answer and leaves no trace: the kernel drops it. The policy that does it comes back when
# somebody flushes policies, and protected clients connect all the same.
no_answer() {
	refuse "there is a tunnel" says "$DIR/c5/xl2tpd.log" 'Connection established'
	json "status" "$(status)" '.tunnels == 0 and .half_open == 0 and .sessions == 0'
	equal "answers on the wire" "$(wire_count others)" 0
}

gw_start
expect "the policy is there" gw_guard
client_l2tp 5 alice secret
wait_for 10 "the kernel drops it" gw_drops_more_than 2
no_answer
gw ip xfrm policy flush
wait_for 1 "the policy is back" gw_guard
dropped=$(gw_unprotected)
client_dial 5
wait_for 10 "the kernel drops it again" gw_drops_more_than "$dropped"
no_answer
client_up 1 alice secret
expect "a protected client pings behind the gateway" pings 1 "$LAN"

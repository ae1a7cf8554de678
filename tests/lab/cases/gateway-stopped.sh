# shellcheck shell=bash
# SIGTERM: clients are told at once, lnsd ends in order, and nothing of it stays. Started again, it serves again.
nothing_stays() {
	refuse "a pppd stays" gw_has_pppd
	refuse "a guard stays" gw_guard
	refuse "a policy of its own stays" gw bash -c 'ip xfrm policy | grep "mark 0x2000"'
	refuse "a mark stays" gw bash -c 'ip xfrm state | grep "output-mark 0x2000"'
	refuse "the control socket stays" test -e /run/lnsd/ctl
	equal "PPP interfaces" "$(ip -n gw -o link show type ppp 2>/dev/null)" ""
}

gw_start
clients_up '1 alice secret' '2 carol s3same' '5 bob hunter2'
gw_bound alice bob carol
start=$(now_ms)
kill -TERM "$LNSD"
wait_for 2 "client 1 gets StopCCN" says "$DIR/c1/xl2tpd.log" 'Connection closed to 10.9.0.1, port 1701 .*shutting down'
wait_for 2 "client 2 gets StopCCN" says "$DIR/c2/xl2tpd.log" 'Connection closed to 10.9.0.1, port 1701'
wait_for 2 "client 5 gets StopCCN" says "$DIR/c5/xl2tpd.log" 'Connection closed to 10.9.0.1, port 1701'
note "clients told after $(($(now_ms) - start)) ms"
wait_for 10 "lnsd ends" not alive "$LNSD"
code=0
wait "$LNSD" || code=$?
equal "exit status of lnsd" "$code" 0
note "lnsd gone after $(($(now_ms) - start)) ms"
nothing_stays
# a client's pppd waits for an answer to its farewell
for n in 1 2 5; do wait_for 10 "client $n hangs up" client_gone $n; done
expect "the log says why" logged 'logout user="?alice"?.*cause=shutdown closed_by=server'
lnsd_start
client_dial 1
client_connected 1
expect "client pings behind the gateway" pings 1 "$LAN"

# shellcheck shell=bash
# A client that vanishes without a word is noticed by four unanswered LCP echos. It may come back at once, although the
# gateway still tries to say good-bye to its old tunnel.
gw_set ppp.lcp-echo 1s
gw_start
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
client_kill 1
start=$(now_ms)
wait_for 10 "the session goes" has_no_session alice
note "gone after $(($(now_ms) - start)) ms"
expect "the log says why" logged 'logout user="?alice"?.*cause=lost-carrier'
wait_for 2 "no pppd stays" not gw_has_pppd
rm -rf "$DIR/c1"
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
json "sessions" "$(sessions)" 'length == 1'

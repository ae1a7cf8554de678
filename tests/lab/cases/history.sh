# shellcheck shell=bash
# What was is kept: a session, a refusal, the end of the daemon; over a restart, and read without a daemon.

entries_are() {
	[[ $(gw lnsctl history --json | jq length) == "$1" ]]
}

gw_start
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"
address=$(field "$(sessions)" '.[0].address')
client_hangup 1
wait_for 10 "the session's entry" entries_are 1
h=$(gw lnsctl history --json)
json "history" "$h" '.[0] | .user == "alice" and .address == $address and .peer == "10.9.0.2" and .cause == "user-request" and
	.closed_by == "client" and .rx_bytes > 100 and .tx_bytes > 100 and (.refused | not)' --arg address "$address"
expect "the log says the same" logged "logout user=\"alice\" .*address=$address .*cause=user-request closed_by=client text=\"$(field "$h" '.[0].text')\""
wait_for 10 "its pppd ends" client_gone 1
sed -i 's/secret/dragon77/' "$DIR/c1/options"
client_dial_again 1
wait_for 20 "the refusal's entry" entries_are 2
json "refusal" "$(gw lnsctl history --json)" '.[0] | .user == "alice" and .refused and .cause == "wrong-password" and .duration_s == 0'
client_hangup 1
wait_for 10 "its pppd ends" client_gone 1
sed -i 's/dragon77/secret/' "$DIR/c1/options"
client_dial_again 1
client_connected 1
expect "lnsd ends well" lnsd_stop
expect "the end of all is in it, without a daemon" entries_are 3
json "its cause" "$(gw lnsctl history --json)" '.[0] | .cause == "shutdown" and .closed_by == "server"'
lnsd_start
expect "it is there after a restart" entries_are 3
equal "logins alone" "$(gw lnsctl history --logins --json | jq length)" 2
equal "mode" "$(stat -c '%a %U:%G' /var/lib/lnsd/history)" '640 root:lnsd'
refuse "a password is in it" grep -E 'dragon77|secret' /var/lib/lnsd/history

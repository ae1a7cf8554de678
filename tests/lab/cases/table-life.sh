# shellcheck shell=bash
# kernel: stock
# Our table comes and goes with the daemon, is replaced after a kill, and comes back with all its sessions when somebody
# flushes the rule set; the tables of others are never touched. Forwarding is switched on where nat wants it.
forwards() {
	[[ $(gw sysctl -n net.ipv4.ip_forward) == 1 ]]
}

foreign() {
	gw nft list table ip others
}

gw_knows() {
	gw nft list set inet lnsd clients | grep '"ppp' >/dev/null
}

gw nft -f - <<-X
	table ip others {
		set these { type ipv4_addr; elements = { 192.0.2.7 } }
		chain forward { type filter hook forward priority 10; policy accept; ip saddr @these drop; }
	}
X
others=$(foreign)
gw sysctl -qw net.ipv4.ip_forward=0
client_set 5 persistent yes
wire_plain_to 10.9.0.5
gw_start_plain
wait_for 10 "forwarding" forwards
client_l2tp 5 alice secret
client_connected 5
expect "the table has the session" gw_knows
wait_for 5 "client 5 pings" pings 5 "$LAN"
gw nft list ruleset >"$DIR/ruleset"

gw nft delete table inet lnsd
wait_for 5 "a table that somebody removed is back" gw_knows
gw nft flush ruleset
wait_for 5 "and after a flush" gw_knows
expect "client 5 pings on" pings 5 "$LAN"
refuse "what was flushed is not ours to restore" foreign
gw nft -f - <<<"$others"

doctor_says() {
	gw lnsctl doctor --json | jq -c 'map(select(.check == ("forwarding", "rules", "rules-of-others")).ok)'
}

equal "doctor" "$(doctor_says || true)" '[true,true,true]'
gw nft 'add chain ip others forward { policy drop; }'
equal "doctor of a forward policy of others" "$(doctor_says || true)" '[true,true,false]'
gw nft 'add chain ip others forward { policy accept; }'

kill -KILL "$LNSD"
wait "$LNSD" || true
expect "a killed daemon leaves its table" gw_has_table
gw nft add chain inet lnsd left_over
lnsd_start
refuse "what was left in the table" gw nft list chain inet lnsd left_over
clients_back "after lnsd was started again" 5
expect "the table has the session" gw_knows
client_kill 5
lnsd_stop
refuse "the table is gone" gw_has_table
equal "the table of others" "$(foreign)" "$others"
gw nft delete table ip others

# shellcheck shell=bash
# Wrong pre-shared keys, as pluto's log tells of them: two tries shut a client out; each counts once, however often the
# client repeats its message.

bans_are() {
	[[ $(gw lnsctl bans --json | jq length) == "$1" ]]
}

gw_set auth.ban-after 2
gw_set ipsec.log-file "$DIR/pluto.log"
gw_start
refuse "an SA in spite of the wrong key" client_ipsec_wrong 1 'not the key'
expect "pluto says so" says "$DIR/pluto.log" 'probable authentication failure'
expect "one try is not enough" bans_are 0
client_kill 1
refuse "an SA in spite of another wrong key" client_ipsec_wrong 1 'not that one either'
wait_for 10 "the ban" bans_are 1
json "ban" "$(gw lnsctl bans --json)" '.[0] | .address == "10.9.0.2" and .reason == "wrong-psk"'
client_kill 1
expect "let in again" gw lnsctl bans del all
client_up 1 alice secret
expect "client pings behind the gateway" pings 1 "$LAN"

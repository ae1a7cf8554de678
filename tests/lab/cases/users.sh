# shellcheck shell=bash
# lnsctl user while people are connected: what is changed holds at once, for whom it is about, and for nobody else.
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16

# user WORD...: what it says is in $DIR/said
user() {
	gw lnsctl user "$@" >"$DIR/said" 2>&1
}

said() {
	says "$DIR/said" "$1"
}

generated() {
	sed -n 's/^password: //p' "$DIR/said"
}

# again N USER PASSWORD: with an xl2tpd of its own, as somebody who has hung up would
again() {
	wait_for 15 "client $1's session before is gone" client_gone "$1"
	client_kill "$1"
	client_l2tp "$@"
}

gw_start_plain
client_l2tp 5 alice secret
client_l2tp 16 bob hunter2
client_connected 5
client_connected 16

expect "disable" user disable alice
expect "it says what that did" said '^alice: 1 session ended: '
wait_for 10 "alice's session ends" logged 'logout user="alice" .*cause=disabled closed_by=server'
expect "bob goes on" pings 16 "$LAN"
again 5 alice secret
wait_for 15 "alice is refused" logged 'refused user="alice" .*cause=disabled'
expect "enable" user enable alice
again 5 alice secret
client_connected 5

expect "another password, made up" user passwd bob --generate
password=$(generated)
expect "it is a good one" test ${#password} -ge 12
expect "bob's session stays" pings 16 "$LAN"
client_hangup 16
again 16 bob hunter2
wait_for 15 "the old password is over" logged 'refused user="bob" .*cause=wrong-password'
again 16 bob "$password"
client_connected 16

expect "expiry" user set bob "expires=$(date -u -d "+$((8 * pace)) seconds" +%FT%TZ)"
expect "it says what that did" said '^bob: 1 session changed'
expect "bob goes on until then" pings 16 "$LAN"
wait_for 20 "and no longer" logged 'logout user="bob" .*cause=expired closed_by=server'
wait_for 15 "client 16 knows" client_gone 16
expect "alice goes on" pings 5 "$LAN"

expect "a user with one-time codes" user add dora --generate --plain --otp
password=$(generated)
secret=$(sed -n 's/^otpauth:.*[?&]secret=\([A-Z2-7]*\).*/\1/p' "$DIR/said")
again 16 dora "$password$(oathtool --totp --base32 "$secret")"
client_connected 16
json "the list" "$(gw lnsctl user list --json)" '[.[] | select(.sessions > 0) | "\(.name) \(.otp)"] == ["alice false", "dora true"]'

expect "del" user del alice
wait_for 10 "alice's session ends" logged 'logout user="alice" .*cause=user-removed closed_by=server'
expect "dora goes on" pings 16 "$LAN"
json "the history has the reasons" "$(gw lnsctl history --json)" \
	'[.[] | select(.closed_by == "server" and (.refused | not)) | "\(.user) \(.cause)"] == ["alice user-removed", "bob expired", "alice disabled"]'
refuse "a password or secret is in the log" logged "$password|$secret"

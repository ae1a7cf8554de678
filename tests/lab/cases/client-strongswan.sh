# shellcheck shell=bash
# `lnsctl client strongswan`: the script is run at a client with Debian's own configuration of these programs, and what it says
# to type is typed. First all traffic goes into the session, then only what network.routes names.
KEY="0x a key's \$(id) & <b> \\ \`x\`"
USERS=('alice it'\''s "a" $HOME & <b> \n;x')

# typed WHAT: the commands that the script printed under this word
typed() {
	sed -n "/^$1:/,/^[a-z]/s/^  //p" "$DIR/c1/said"
}

set_up() {
	local file
	file=$(settings 1 strongswan alice)
	client 1 sh "$file" >"$DIR/c1/said" || fail "the script ends with $?"
	equal "modes" "$(client 1 stat -c %a /etc/swanctl/conf.d/lnsd.conf /etc/ppp/options.lnsd | xargs)" '600 600'
	client 1 sh -ec "$(typed connect)" >>"$DIR/c1/swanctl.log" 2>&1 || fail "no IPsec: $(tail -n 1 "$DIR/c1/swanctl.log")"
	wait_for 15 "alice's session" has_session alice
	wait_for 15 "it is up" is_up
	gw_bound alice
}

is_up() {
	[[ $(field "$(session_of alice)" .state) == up ]] && goes_to "$LAN" ppp
}

# goes_to ADDRESS INTERFACE
goes_to() {
	client 1 ip route get "$1" | grep "dev $2" >/dev/null
}

hang_up() {
	client 1 sh -c "$(typed disconnect)" >>"$DIR/c1/swanctl.log" 2>&1
	wait_for 15 "nothing of the client stays" gw_is_idle
	wait_for 10 "its interface goes" not goes_to "$LAN" ppp
	wait_for 10 "its xl2tpd ends" not client 1 test -e /run/lnsd-xl2tpd.pid
}

gw_start
client_own_etc 1
client_charon 1
set_up
expect "it reaches what is behind the gateway" pings 1 "$LAN"
expect "everything goes there" goes_to 203.0.113.1 ppp
expect "but what carries it" goes_to "$GW" eth0
carry "client 1" lan "$LAN" 5001
hang_up

gw_set network.routes 172.16.0.0/24
gw_write
expect "reload" gw lnsctl reload
set_up
expect "it reaches what is behind the gateway" pings 1 "$LAN"
refuse "everything goes there" goes_to 203.0.113.1 ppp
hang_up

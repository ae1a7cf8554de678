# shellcheck shell=bash
# first process: systemd
# From a machine that has lnsd installed and nothing configured to a client that is connected: all that it takes is
# lnsctl setup, and what that prints. The times are what an administrator waits.

# Both services live in the gateway's network.
in_the_gateway() {
	mkdir -p "/etc/systemd/system/$1.service.d"
	printf '[Service]\nNetworkNamespacePath=/run/netns/gw\n' >"/etc/systemd/system/$1.service.d/lab.conf"
}

# now_is WHAT: a line of the recording
now_is() {
	local ms=$(($(now_ms) - began))
	note "$(printf '%4d.%d s  %s' $((ms / 1000)) $((ms % 1000 / 100)) "$1")"
}

# set_up [OPTION...]: what it says is in $DIR/said
set_up() {
	gw lnsctl setup "$@" >"$DIR/said" 2>&1
}

# on_terminal ANSWERS [OPTION...]: by the questions
on_terminal() {
	printf '%b' "$1" | gw script -qec "lnsctl setup ${*:2}" /dev/null >"$DIR/said" 2>&1
}

said() {
	says "$DIR/said" "$1"
}

word() {
	sed -n "s/^$1: *//p" "$DIR/said"
}

all_files() {
	find /etc/lnsd /etc/ipsec.d -type f -exec sha256sum {} + | sort
}

in_the_gateway lnsd
in_the_gateway ipsec
systemctl daemon-reload

before=$(all_files)
expect "a dry run" set_up --dry-run --yes --server "$GW" --user alice
expect "it shows the configuration" said "^\+host-name = $GW"
expect "it shows the commands" said '^would run: systemctl start lnsd'
refuse "it shows a hash" said 'nt:'
refuse "who answers nothing gets something" on_terminal ''
expect "who answers is asked three things" on_terminal "$GW\n172.16.0.0/24\ncarol\n" --dry-run
expect "the answers are taken" said '^\+routes = 172.16.0.0/24'
expect "the user's too" said '^\+\[carol\]'
equal "files after all that" "$(all_files)" "$before"
equal "lnsd after all that" "$(systemctl show -P ActiveState lnsd)" inactive

began=$(now_ms)
now_is "lnsctl setup --yes --server $GW --user alice --secrets"
expect "setup: $(tail -n 1 "$DIR/said")" set_up --yes --server "$GW" --user alice --secrets
now_is "it is done"
while IFS= read -r line; do note "          | ${line//$(word password)/********}"; done < <(sed 's/^key: .*/key:      ********/' "$DIR/said")
KEY=$(word key)
password=$(word password)
equal "length of the key" ${#KEY} 32
equal "length of the password" ${#password} 20
equal "lnsd at the next boot" "$(systemctl is-enabled lnsd)" enabled
equal "ipsec at the next boot" "$(systemctl is-enabled ipsec)" enabled
equal "modes" "$(stat -c %a /etc/lnsd/lnsd.conf /etc/lnsd/psk /etc/lnsd/users | xargs)" "644 600 600"
client_protected 1
now_is "the client has an IPsec SA by the printed key"
client_l2tp 1 alice "$password"
client_connected 1
now_is "the client has an address by the printed password"
expect "client pings behind the gateway" pings 1 "$LAN"
now_is "the client pings behind the gateway"

before=$(all_files)
life=$(systemctl show -P MainPID lnsd)
expect "a second run" set_up --yes --server 192.0.2.99 --user somebody
expect "it says that nothing is changed" said 'nothing is changed'
refuse "it makes another password" said '^password: *[a-z0-9]{20}$'
equal "files after the second run" "$(all_files)" "$before"
equal "lnsd after the second run" "$(systemctl show -P MainPID lnsd)" "$life"
expect "the client notices nothing" pings 1 "$LAN"
client_close 1

# what lnsd writes for libreswan stands there, and comes back when somebody has changed it: even by itself, when lnsd next
# looks at libreswan, so it is held while we look
kill -STOP "$life"
sed -i '/dpddelay/d' /etc/ipsec.d/lnsd.conf
refuse "a changed file is as lnsd writes it" gw lnsctl ipsec diff
kill -CONT "$life"
expect "lnsctl ipsec apply" gw lnsctl ipsec apply
equal "files after that" "$(all_files)" "$before"
systemctl stop lnsd ipsec

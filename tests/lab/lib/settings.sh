# shellcheck shell=bash
# Clients that are set up with what `lnsctl client` writes, as people do it.

# settings N SYSTEM USER: writes them into a file, whose name it prints
settings() {
	local file=$DIR/c$1/settings.$2
	gw lnsctl client "$2" "$3" --secrets --server "$GW" --output "$file" >"$DIR/c$1/notes.$2" 2>&1 || fail "no settings for $2: $(<"$DIR/c$1/notes.$2")"
	printf '%s' "$file"
}

# client_own_etc N: a client with an /etc of its own, as a machine has it
client_own_etc() {
	client_open "$1"
	client "$1" bash -c 'mkdir /run/etc /run/etc.work && mount -t overlay etc -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc.work /etc' ||
		fail "client $1: no /etc of its own"
}

# client_charon N: charon, for swanctl to talk to
client_charon() {
	charon_conf >"$DIR/c$1/strongswan.conf"
	STRONGSWAN_CONF=$DIR/c$1/strongswan.conf client_start "$1" "$DIR/c$1/charon.log" /usr/lib/ipsec/charon
	wait_for 15 "client $1's charon" test -S "$(client_path "$1" /run/charon.vici)"
}

# manager_start N: NetworkManager with a bus of its own, which has taken over eth0, as its
# connection home. Its IPsec is strongSwan's, the first
# that the package asks for.
manager_start() {
	local n=$1 dir=$DIR/c$1 address
	client_own_etc "$n"
	address=$(ip -n "c$n" -j -4 addr show dev eth0 | jq -r '.[0].addr_info[0] | "\(.local)/\(.prefixlen)"')
	charon_conf | sed 's/vici/vici stroke updown/' >"$dir/strongswan.conf"
	# a /sys that nobody can write to is a machine without udev
	client "$n" bash -c 'mount --bind /usr/lib/ipsec/ipsec /usr/sbin/ipsec && mount -o remount,bind,ro /sys && mkdir -p /run/dbus &&
		cp "$1/strongswan.conf" /etc/strongswan.conf && : >/etc/ipsec.secrets && mkdir -p /etc/NetworkManager/system-connections' - "$dir" ||
		fail "client $n: no place for NetworkManager"
	manager_conf >"$(client_path "$n" /etc/NetworkManager/NetworkManager.conf)"
	manager_home "$address" >"$(client_path "$n" /etc/NetworkManager/system-connections/home.nmconnection)"
	chmod 600 "$(client_path "$n" /etc/NetworkManager/system-connections/home.nmconnection)"
	client_start "$n" "$dir/dbus.log" dbus-daemon --system --nofork --nopidfile --address=unix:path=/run/dbus/system_bus_socket
	wait_for 5 "client $n's bus" test -S "$(client_path "$n" /run/dbus/system_bus_socket)"
	client_start "$n" "$dir/manager.log" NetworkManager --debug
	wait_for 30 "NetworkManager" client "$n" nmcli general status
	client "$n" nmcli --wait 30 connection up home >"$dir/nmcli.log" 2>&1 || fail "NetworkManager does not take eth0: $(<"$dir/nmcli.log")"
}

manager_conf() {
	printf '%s\n' '[main]' 'plugins=keyfile' 'no-auto-default=*' 'auth-polkit=false' 'rc-manager=file' 'systemd-resolved=false' '[logging]' 'level=INFO' 'domains=DEFAULT,VPN:DEBUG'
}

# manager_home ADDRESS: what it has by hand so far
manager_home() {
	printf '%s\n' '[connection]' 'id=home' 'type=ethernet' 'interface-name=eth0' '[ipv4]' 'method=manual' "address1=$1,192.168.1.1" '[ipv6]' 'method=disabled'
}

# manager_up N CONNECTION: one try, which NetworkManager gives ten seconds, the start of an IKE daemon among them
manager_up() {
	manager_has "$1" "$2" || client "$1" nmcli --wait 60 connection up "$2" >>"$DIR/c$1/nmcli.log" 2>&1
}

# manager_has N CONNECTION: it is up
manager_has() {
	client "$1" nmcli -g GENERAL.STATE connection show "$2" | grep '^activated$'
}

# shellcheck shell=bash
# Clients as people have them: strongSwan for IKEv1 and ESP in transport mode, xl2tpd for L2TP, pppd. Each is in its
# network, with a /run and an /etc/ppp of its own; what it logs and what pppd told it is in $DIR/cN.
# shellcheck disable=SC2154 # pace is in base.sh

declare -A CLIENT=()

# A process that holds client N's mounts; the others join it there.
client_open() {
	local n=$1 dir=$DIR/c$1
	[[ -z ${CLIENT[$n]:-} ]] || return 0
	mkdir -p "$dir/ppp"
	# what pppd tells its ip-up is what the case asks the client for
	cat >"$dir/ppp/ip-up" <<-X
		#!/bin/bash
		printf '%s\n' "ifname=\$1" "local=\$4" "remote=\$5" "dns1=\$DNS1" "dns2=\$DNS2" "at=\$EPOCHREALTIME" >$dir/up.new
		mv $dir/up.new $dir/up
	X
	printf '#!/bin/bash\nrm -f %s/up\n' "$dir" >"$dir/ppp/ip-down"
	chmod 755 "$dir/ppp"/ip-*
	: >"$dir/ppp/options"
	# shellcheck disable=SC2016 # expanded by the inner shell
	start "$dir/mounts.log" ip netns exec "c$n" unshare -m bash -c 'mount -t tmpfs tmpfs /run && mkdir /run/xl2tpd &&
		mount --bind "$1/ppp" /etc/ppp && : >"$1/ready" && exec sleep infinity' - "$dir"
	CLIENT[$n]=$!
	disown
	wait_for 5 "client $n's mounts" test -e "$dir/ready"
}

client() {
	local n=$1
	shift
	nsenter -t "${CLIENT[$n]}" -m -n -- "$@"
}

# client_start N LOG COMMAND...: the same in the background
client_start() {
	local n=$1 log=$2
	shift 2
	start "$log" nsenter -t "${CLIENT[$n]}" -m -n -- "$@"
	# the end of a client is no news
	disown
}

# charon takes seconds to start with all of its plugins
charon_conf() {
	cat <<-X
		charon {
			load = random nonce openssl pem pkcs1 pkcs8 x509 pubkey revocation constraints kernel-netlink socket-default vici \
				hmac kdf sha2 sha1 aes gcm md5
			retransmit_tries = 3
			retransmit_timeout = 1
			start-scripts {
			}
		}
	X
}

# swanctl_conf GATEWAY KEY IKE ESP
swanctl_conf() {
	cat <<-X
		connections {
			l2tp {
				version = 1
				remote_addrs = $1
				proposals = $3
				local {
					auth = psk
				}
				remote {
					auth = psk
				}
				children {
					l2tp {
						mode = transport
						esp_proposals = $4
						local_ts = dynamic[udp/1701]
						remote_ts = dynamic[udp/1701]
					}
				}
			}
		}
		secrets {
			ike {
				secret = "$2"
			}
		}
	X
}

# client_ipsec N KEY [GATEWAY] [IKE] [ESP]: true when the SA is up
client_ipsec() {
	local n=$1 dir=$DIR/c$1
	client_open "$n"
	charon_conf >"$dir/strongswan.conf"
	swanctl_conf "${3:-$GW}" "$2" "${4:-aes256-sha256-modp2048}" "${5:-aes256gcm16}" >"$dir/swanctl.conf"
	if ! client "$n" test -S /run/charon.vici; then
		STRONGSWAN_CONF=$dir/strongswan.conf client_start "$n" "$dir/charon.log" /usr/lib/ipsec/charon
		wait_for 15 "client $n's charon" client "$n" test -S /run/charon.vici
	fi
	STRONGSWAN_CONF=$dir/strongswan.conf client "$n" swanctl --load-all --file "$dir/swanctl.conf" >>"$dir/swanctl.log" 2>&1 ||
		fail "client $n: swanctl does not load"
	STRONGSWAN_CONF=$dir/strongswan.conf client "$n" swanctl --initiate --child l2tp --timeout $((${IKE_TIMEOUT:-15} * pace)) >>"$dir/swanctl.log" 2>&1
}

# Nobody answers a message that was made with the wrong key: it is only waited for.
client_ipsec_wrong() {
	IKE_TIMEOUT=5 client_ipsec "$@"
}

pppd_options() {
	cat <<-X
		user "$1"
		password "$2"
		noauth
		noccp
		usepeerdns
		noipdefault
		nodefaultroute
		mtu 1400
		mru 1400
		lcp-max-terminate 1
		ifname vpn0
		debug
		logfile $3
	X
}

# xl2tpd knows IPv4 only: it is given a relay that carries its datagrams, one by one, from port 1701 over IPv6.
client_relay() {
	client_start "$1" "$DIR/c$1/relay.log" socat UDP4-LISTEN:1702,bind=127.0.0.1 "UDP6:[$2]:1701,bind=[fd09::$1]:1701"
	XL2TPD_GLOBAL='force userspace = yes'
}

# client_l2tp N USER PASSWORD [GATEWAY]: dials, and returns at once
client_l2tp() {
	local n=$1 dir=$DIR/c$1 lns=${4:-$GW}
	client_open "$n"
	if [[ $lns == *:* ]]; then
		client_relay "$n" "$lns"
		lns=127.0.0.1:1702
	fi
	pppd_options "$2" "$3" "$dir/pppd.log" >"$dir/options"
	printf '%s\n' '[global]' 'port = 1701' "${XL2TPD_GLOBAL:-}" '[lac vpn]' "lns = $lns" "pppoptfile = $dir/options" \
		'length bit = yes' 'redial = no' >"$dir/xl2tpd.conf"
	client_start "$n" "$dir/xl2tpd.log" xl2tpd -D -c "$dir/xl2tpd.conf" -p /run/xl2tpd.pid -C /run/xl2tpd/control
	wait_for 5 "client $n's xl2tpd" client "$n" test -p /run/xl2tpd/control
	client_dial "$n"
}

client_dial() {
	rm -f "$DIR/c$1/up"
	now_ms >"$DIR/c$1/dialled"
	client "$1" bash -c 'echo "c vpn" >/run/xl2tpd/control'
}

# client_dial_time N: milliseconds from the SCCRQ to the address on the interface
client_dial_time() {
	local at
	at=$(up_word "$1" at)
	echo $((${at/./} / 1000 - $(<"$DIR/c$1/dialled")))
}

client_hangup() {
	client "$1" bash -c 'echo "d vpn" >/run/xl2tpd/control'
}

client_has_address() {
	[[ -e $DIR/c$1/up ]]
}

up_word() {
	sed -n "s/^$2=//p" "$DIR/c$1/up"
}

# client_up N USER PASSWORD [GATEWAY]: the whole way, to an address, and routes to what is behind the gateway
client_up() {
	local n=$1
	client_ipsec "$n" "$KEY" "${4:-$GW}" || fail "client $n: no IPsec: $(tail -n 1 "$DIR/c$n/swanctl.log")"
	client_l2tp "$n" "$2" "$3" "${4:-$GW}"
	client_connected "$n"
}

client_connected() {
	wait_for 15 "client $1: an address" client_has_address "$1"
	client "$1" ip route replace 172.16.0.0/24 dev vpn0
	client "$1" ip route replace "$(up_word "$1" remote)" dev vpn0
}

client_gone() {
	! client "$1" ip link show vpn0 >/dev/null 2>&1
}

# client_kill N: as when its battery is empty; the kernel of the client forgets its keys, too
client_kill() {
	local n=$1 pid
	for pid in $(ip netns pids "c$n"); do kill -KILL "$pid" 2>/dev/null || true; done
	ip -n "c$n" xfrm state flush
	ip -n "c$n" xfrm policy flush
	rm -f "$DIR/c$n/ready"
	unset "CLIENT[$n]"
}

# client_close N: says good-bye, and ends
client_close() {
	local n=$1
	client_hangup "$n"
	# its pppd sends its farewell into a tunnel that is closed already, and waits for an answer
	wait_for 10 "client $n: hung up" client_gone "$n"
	STRONGSWAN_CONF=$DIR/c$n/strongswan.conf client "$n" swanctl --terminate --ike l2tp >>"$DIR/c$n/swanctl.log" 2>&1 || true
	client_kill "$n"
}

# pings N ADDRESS: three, none lost
pings() {
	client "$1" ping -q -c 3 -i 0.2 -W 2 "$2" | grep ' 0% packet loss' >/dev/null
}

# carry FROM TO ADDRESS PORT: 20 MB from one to the other over TCP, compared. FROM and TO are words that run a command there.
carry() {
	local from to address=$3 port=$4 got=$DIR/got.$4 limit=$((60 * pace)) receiver
	read -ra from <<<"$1"
	read -ra to <<<"$2"
	[[ -e /tmp/blob ]] || head -c 20M /dev/urandom >/tmp/blob
	"${to[@]}" timeout $limit socat -u "TCP-LISTEN:$port,reuseaddr" "CREATE:$got" </dev/null &
	receiver=$!
	wait_for 5 "a listener on port $port" "${to[@]}" bash -c "ss -ltnH 'sport = :$port' | grep ."
	"${from[@]}" timeout $limit socat -u FILE:/tmp/blob "TCP:$address:$port" || fail "TCP to $address:$port broke"
	wait $receiver || fail "TCP to $address:$port: the receiver gave up"
	cmp -s /tmp/blob "$got" || fail "TCP to $address:$port: what arrived differs"
	rm -f "$got"
}

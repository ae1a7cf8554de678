# shellcheck shell=bash
# Clients as people have them: strongSwan for IKEv1 and ESP in transport mode, xl2tpd for L2TP, pppd. Each is in its
# network, with a /run and an /etc/ppp of its own; what it logs and what pppd told it is in $DIR/cN.
# shellcheck disable=SC2154 # pace is in base.sh

declare -A CLIENT=() CLIENT_SETTING=()

# client_set N NAME VALUE: how client N differs from the others
#   ike, esp     its proposals
#   version      of IKE: 1
#   selector     what its SA protects here: udp/1701, udp/PORT, or udp for any port
#   port         that its L2TP sends from: 1701
#   secret       of its tunnel: it asks the gateway to prove itself, too
#   certificate  FILE.p12 of the subject CN=FILE, in place of the pre-shared key
#   unlock       the password of that file: lab
#   ipv6         +ipv6 or noipv6: in its session; not set: as its pppd likes
#   persistent   yes: it comes back by itself, IPsec as well as L2TP, as soon as it notices
client_set() {
	CLIENT_SETTING[$1.$2]=$3
}

# setting N NAME DEFAULT
setting() {
	printf '%s' "${CLIENT_SETTING[$1.$2]:-$3}"
}

persistent() {
	[[ $(setting "$1" persistent no) == yes ]]
}

# A process that holds client N's mounts; the others join it there.
client_open() {
	local n=$1 dir=$DIR/c$1
	[[ -z ${CLIENT[$n]:-} ]] || return 0
	mkdir -p "$dir/ppp"
	# what pppd tells its ip-up is what the case asks the client for
	cat >"$dir/ppp/ip-up" <<-X
		#!/bin/bash
		at=\$EPOCHREALTIME
		ip route replace ${LAN%.*}.0/24 dev \$1
		printf '%s\n' "ifname=\$1" "local=\$4" "remote=\$5" "dns1=\$DNS1" "dns2=\$DNS2" "at=\$at" >$dir/up.new
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
	[[ -e $dir/astray ]] || astray "$n" >"$dir/astray"
}

client() {
	local n=$1
	shift
	nsenter -t "${CLIENT[$n]}" -m -n -- "$@"
}

# client_path N PATH: a file of the client, as we see it, which takes no process
client_path() {
	printf '%s' "/proc/${CLIENT[$1]}/root$2"
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

# What makes charon notice that the gateway is gone, and try for as long as it takes. swanctl_again CONNECTION|CHILD
swanctl_again() {
	case $1 in
	connection) printf '%s\n' 'keyingtries = 0' 'dpd_delay = 1s' "dpd_timeout = $((4 * pace))s" ;;
	child) printf '%s\n' 'close_action = start' 'dpd_action = start' ;;
	esac
}

# swanctl_proof N SIDE: what it shows, and what it wants to be shown
swanctl_proof() {
	local p12
	p12=$(setting "$1" certificate '')
	if [[ ! $p12 ]]; then
		echo 'auth = psk'
		return
	fi
	echo 'auth = pubkey'
	[[ $2 == remote ]] || printf 'id = "CN=%s"\n' "$(basename "$p12" .p12)"
}

# swanctl_conf N GATEWAY KEY IKE ESP
swanctl_conf() {
	local n=$1 connection='' child=''
	if persistent "$n"; then
		connection=$(swanctl_again connection)
		child=$(swanctl_again child)
	fi
	cat <<-X
		connections {
			l2tp {
				version = $(setting "$n" version 1)
				remote_addrs = $2
				proposals = $4
				$connection
				local {
					$(swanctl_proof "$n" local)
				}
				remote {
					$(swanctl_proof "$n" remote)
				}
				children {
					l2tp {
						mode = transport
						esp_proposals = $5
						local_ts = dynamic[$(setting "$n" selector udp/1701)]
						remote_ts = dynamic[udp/1701]
						$child
					}
				}
			}
		}
		secrets {
			ike {
				secret = "$3"
			}
			pkcs12-own {
				file = own.p12
				secret = $(setting "$n" unlock lab)
			}
		}
	X
}

# client_ipsec N KEY [GATEWAY] [IKE] [ESP]: true when the SA is up
client_ipsec() {
	local n=$1 dir=$DIR/c$1 vici certificate
	client_open "$n"
	charon_conf >"$dir/strongswan.conf"
	swanctl_conf "$n" "${3:-$GW}" "$2" "${4:-$(setting "$n" ike aes256-sha256-modp2048)}" "${5:-$(setting "$n" esp aes256gcm16)}" >"$dir/swanctl.conf"
	certificate=$(setting "$n" certificate '')
	if [[ $certificate ]]; then install -D "$certificate" "$dir/pkcs12/own.p12"; fi
	vici=$(client_path "$n" /run/charon.vici)
	if [[ ! -S $vici ]]; then
		STRONGSWAN_CONF=$dir/strongswan.conf client_start "$n" "$dir/charon.log" /usr/lib/ipsec/charon
		wait_for 15 "client $n's charon" test -S "$vici"
	fi
	swanctl "$n" --load-all --file "$dir/swanctl.conf" || fail "client $n: swanctl does not load"
	swanctl "$n" --initiate --child l2tp --timeout $((${IKE_TIMEOUT:-15} * patience))
}

# swanctl N OPTION...: at client N
swanctl() {
	local dir=$DIR/c$1
	SWANCTL_DIR=$dir STRONGSWAN_CONF=$dir/strongswan.conf client "$1" swanctl "${@:2}" >>"$dir/swanctl.log" 2>&1
}

# client_rekey N child|ike: the client asks for a new ESP or IKE SA in place of the one it has
client_rekey() {
	swanctl "$1" --rekey "--$2" l2tp || fail "client $1: no rekeying of its $2"
}

# Nobody answers a message that was made with the wrong key: it is only waited for.
client_ipsec_wrong() {
	IKE_TIMEOUT=3 client_ipsec "$@"
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

# Four seconds without an answer are the end for a client that then comes back by itself.
pppd_again() {
	printf '%s\n' 'lcp-echo-interval 1' 'lcp-echo-failure 4'
}

# xl2tpd_conf N LNS
xl2tpd_conf() {
	xl2tpd_global "$1"
	printf '%s\n' '[lac vpn]' "lns = $2" "pppoptfile = $DIR/c$1/options" 'length bit = yes' 'redial = no'
	if [[ $(setting "$1" secret '') ]]; then echo 'challenge = yes'; fi
}

# xl2tpd_global N: what stands before
xl2tpd_global() {
	printf '%s\n' '[global]' "port = $(setting "$1" port 1701)" "${XL2TPD_GLOBAL:-}"
	[[ $(setting "$1" secret '') ]] || return 0
	printf '* * %s\n' "$(setting "$1" secret '')" >"$DIR/c$1/l2tp-secrets"
	echo "auth file = $DIR/c$1/l2tp-secrets"
}

# keep_dialling DIR TICKS: as a connection manager does: an xl2tpd for each try, which has so many tenths of a second,
# and another one when it is over. Runs at the client.
keep_dialling() {
	local dir=$1 ticks=$2 daemon left
	exec {nap}<> <(:)
	while :; do
		xl2tpd -D -c "$dir/xl2tpd.conf" -p /run/xl2tpd.pid -C /run/xl2tpd/control &
		daemon=$!
		until [[ -p /run/xl2tpd/control ]]; do read -rt 0.1 -u "$nap"; done
		echo "c vpn" >/run/xl2tpd/control
		left=$ticks
		while [[ -e $dir/up ]] || ((left-- > 0)); do read -rt 0.1 -u "$nap"; done
		kill -TERM $daemon
		wait $daemon
		rm -f /run/xl2tpd/control
		while ip link show vpn0 >/dev/null 2>&1; do read -rt 0.1 -u "$nap"; done
	done
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
	setting "$n" ipv6 '' >>"$dir/options"
	if persistent "$n"; then pppd_again >>"$dir/options"; fi
	xl2tpd_conf "$n" "$lns" >"$dir/xl2tpd.conf"
	rm -f "$dir/up"
	if persistent "$n"; then
		client_start "$n" "$dir/xl2tpd.log" bash -c "$(declare -f keep_dialling); keep_dialling $dir $((80 * pace))"
		return
	fi
	client_start "$n" "$dir/xl2tpd.log" xl2tpd -D -c "$dir/xl2tpd.conf" -p /run/xl2tpd.pid -C /run/xl2tpd/control
	wait_for 5 "client $n's xl2tpd" test -p "$(client_path "$n" /run/xl2tpd/control)"
	client_dial "$n"
}

client_dial() {
	rm -f "$DIR/c$1/up"
	now_ms >"$DIR/c$1/dialled"
	echo "c vpn" >"$(client_path "$1" /run/xl2tpd/control)"
}

# client_dial_again N: after a call that is over. lnsd takes the SAs away five seconds after the last tunnel, and a machine
# may be slow: so IPsec is begun anew.
client_dial_again() {
	swanctl "$1" --terminate --ike l2tp || true
	swanctl "$1" --initiate --child l2tp --timeout $((${IKE_TIMEOUT:-15} * patience)) || fail "client $1: no IPsec once more"
	client_dial "$1"
}

# client_redial N USER PASSWORD [LINE...]: as somebody else, with these further options of pppd, when the call before is
# over; a line of '!WORD' takes a usual option away
client_redial() {
	local n=$1 user=$2 password=$3 dir=$DIR/c$1 line
	shift 3
	# a refused call leaves its tunnel, and xl2tpd dials no second one
	client_hangup "$n"
	wait_for 15 "the tunnel of client $n's call before goes" gw_is_idle
	wait_for 15 "its pppd ends" client_gone "$n"
	pppd_options "$user" "$password" "$dir/pppd.log" >"$dir/options"
	for line; do
		if [[ $line == !* ]]; then sed -i "/^${line#!}/d" "$dir/options"; else echo "$line" >>"$dir/options"; fi
	done
	: >"$dir/pppd.log"
	client_dial "$n"
}

# client_dial_time N: milliseconds from the SCCRQ to the address on the interface
client_dial_time() {
	local at
	at=$(up_word "$1" at)
	echo $((${at/./} / 1000 - $(<"$DIR/c$1/dialled")))
}

client_hangup() {
	echo "d vpn" >"$(client_path "$1" /run/xl2tpd/control)"
}

client_has_address() {
	[[ -e $DIR/c$1/up ]]
}

up_word() {
	sed -n "s/^$2=//p" "$DIR/c$1/up"
}

# client_protected N [GATEWAY]: has an SA by the right key, or the case ends
client_protected() {
	client_ipsec "$1" "$KEY" "${2:-$GW}" || fail "client $1: no IPsec: $(tail -n 1 "$DIR/c$1/swanctl.log")"
}

# client_up N USER PASSWORD [GATEWAY]: the whole way, to an address, and a route to what is behind the gateway
client_up() {
	local n=$1
	client_protected "$n" "${4:-$GW}"
	client_l2tp "$n" "$2" "$3" "${4:-$GW}"
	client_connected "$n"
}

# clients_up 'N USER PASSWORD'...: the same for many, at once
clients_up() {
	local words n user password jobs=()
	for words; do client_open "${words%% *}"; done
	for words; do
		client_protected "${words%% *}" &
		jobs+=($!)
	done
	for n in "${jobs[@]}"; do wait "$n" || fail "a client has no IPsec"; done
	for words; do
		read -r n user password <<<"$words"
		client_l2tp "$n" "$user" "$password"
	done
	for words; do client_connected "${words%% *}"; done
}

client_connected() {
	wait_for 15 "client $1: an address" client_has_address "$1"
}

# clients_back WHAT N...: they reach what is behind the gateway again, and go on for longer than a client waits that has
# not noticed yet
clients_back() {
	local what=$1 n jobs=() start
	shift
	start=$(now_ms)
	for n; do
		wait_for 45 "client $n is back $what" client_stays "$n" &
		jobs+=($!)
	done
	for n in "${jobs[@]}"; do wait "$n" || fail "nobody is back $what"; done
	note "back $((($(now_ms) - start) / 1000 - 5 * pace)) s $what"
}

client_stays() {
	client_has_address "$1" && client "$1" ping -q -c 1 -W 1 "$LAN" &&
		client "$1" ping -q -c 51 -i "0.$pace" -W 1 "$LAN" | grep ' 0% packet loss'
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

# client_sleep N: a lid that is closed: nothing runs in there, nothing gets in or out
client_sleep() {
	local pid home
	read -ra home < <(home_of "$1")
	for pid in $(ip netns pids "c$1"); do kill -STOP "$pid"; done
	ip -n "${home[0]}" link set "c$1-eth0" nomaster
}

client_wake() {
	local pid home
	read -ra home < <(home_of "$1")
	ip -n "${home[0]}" link set "c$1-eth0" master "${home[1]}"
	for pid in $(ip netns pids "c$1"); do kill -CONT "$pid"; done
}

# client_close N: says good-bye, and ends
client_close() {
	local n=$1
	client_hangup "$n"
	# its pppd sends its farewell into a tunnel that is closed already, and waits for an answer
	wait_for 10 "client $n: hung up" client_gone "$n"
	swanctl "$n" --terminate --ike l2tp || true
	client_kill "$n"
}

# client_lac N STEP...: a LAC of the tests' own at client N (tests/lac/lac.h); what happens is in $DIR/cN/lac.log
client_lac() {
	client_open "$1"
	client_start "$1" "$DIR/c$1/lac.log" lac "$GW" 1701 "${@:2}"
}

# caller N NAME USER PASSWORD: options of pppd for a caller of that LAC, whose interface has this name
caller() {
	local options=$DIR/c$1/options.$2
	pppd_options "$3" "$4" "$DIR/c$1/pppd.$2.log" | sed "s/^ifname .*/ifname $2/; /^debug/d" >"$options"
	echo "$options"
}

# pings N ADDRESS [OPTION...]: three, none lost
pings() {
	client "$1" ping -q -c 3 -i 0.2 -W 2 "${@:3}" "$2" | grep ' 0% packet loss' >/dev/null
}

# blob: a file of CARRY_MB (20) random megabytes
blob() {
	local path=/tmp/blob.${CARRY_MB:-20}
	[[ -e $path ]] || head -c "${CARRY_MB:-20}M" /dev/urandom >"$path"
	echo "$path"
}

# carry FROM TO ADDRESS PORT: CARRY_MB (20) from one to the other over TCP, compared. FROM and TO are words that run a
# command there.
carry() {
	local from to address=$3 port=$4 got=$DIR/got.$4 limit=$((60 * patience)) receiver blob
	read -ra from <<<"$1"
	read -ra to <<<"$2"
	blob=$(blob)
	"${to[@]}" timeout $limit socat -u "TCP-LISTEN:$port,reuseaddr" "CREATE:$got" </dev/null &
	receiver=$!
	wait_for 15 "a listener on port $port" "${to[@]}" bash -c "ss -ltnH 'sport = :$port' | grep ."
	"${from[@]}" timeout $limit socat -u "FILE:$blob" "TCP:$address:$port" || fail "TCP to $address:$port broke"
	wait $receiver || fail "TCP to $address:$port: the receiver gave up"
	cmp -s "$blob" "$got" || fail "TCP to $address:$port: what arrived differs"
	rm -f "$got"
}

# shellcheck shell=bash
# FreeRADIUS in the gateway's LAN: as many servers as a case wants, each with an address there, a folder $DIR/radiusN and a
# log. They know the users of radius_users, and write what they are told of sessions to $DIR/radiusN/detail.
# shellcheck disable=SC2154 # LAN is in net.sh

RADIUS_SECRET='a secret of the lab'
declare -A RADIUS=()

# radius_address N
radius_address() {
	echo "${LAN%.*}.$((10 + $1))"
}

# radius_conf DIR ADDRESS: nothing of the package's own set-up, all of it here to be seen
radius_conf() {
	cat <<-X
		prefix = /usr
		logdir = $1
		raddbdir = $1
		run_dir = $1
		db_dir = $1
		libdir = /usr/lib/freeradius
		pidfile = $1/pid
		log {
			destination = files
			file = $1/radius.log
			auth = yes
		}
		security {
			reject_delay = 0
		}
		modules {
			pap {
			}
			chap {
			}
			mschap {
				use_mppe = no
				with_ntdomain_hack = yes
			}
			files {
				filename = $1/users
			}
			detail {
				filename = $1/detail
				permissions = 0600
			}
		}
		client gateway {
			ipaddr = ${LAN%.*}.0/24
			secret = "$RADIUS_SECRET"
			require_message_authenticator = yes
		}
		server default {
			listen {
				type = auth
				ipaddr = $2
				port = 1812
			}
			listen {
				type = acct
				ipaddr = $2
				port = 1813
			}
			authorize {
				chap
				mschap
				files
				pap
			}
			authenticate {
				Auth-Type PAP {
					pap
				}
				Auth-Type CHAP {
					chap
				}
				Auth-Type MS-CHAP {
					mschap
				}
			}
			post-auth {
				update reply {
					&Message-Authenticator := 0x00
				}
				Post-Auth-Type REJECT {
					update reply {
						&Message-Authenticator := 0x00
					}
				}
			}
			accounting {
				detail
			}
		}
	X
}

# radius_users LINE...: the users file of all servers, in FreeRADIUS's own words
radius_users() {
	printf '%s\n' "$@" >"$DIR/radius.users"
}

radius_start() {
	local dir=$DIR/radius$1 address
	address=$(radius_address "$1")
	mkdir -p "$dir"
	ip -n lan addr replace "$address/24" dev eth0
	radius_conf "$dir" "$address" >"$dir/radiusd.conf"
	cp "$DIR/radius.users" "$dir/users"
	touch "$dir/detail"
	start "$dir/out" ip netns exec lan freeradius -f -d "$dir" -n radiusd
	RADIUS[$1]=$!
	wait_for 20 "RADIUS server $1" says "$dir/radius.log" 'Ready to process requests'
}

# radius_stop N: and its address goes with it, so that nobody says "port unreachable"
radius_stop() {
	kill -KILL "${RADIUS[$1]}"
	wait "${RADIUS[$1]}" 2>/dev/null || true
	rm -f "$DIR/radius$1/radius.log"
}

# gw_radius N...: the gateway asks these servers, and listens to them
gw_radius() {
	local n servers=''
	for n; do servers+="${servers:+, }$(radius_address "$n")"; done
	mkdir -p /etc/lnsd
	(umask 077 && echo "$RADIUS_SECRET" >/etc/lnsd/radius)
	gw_set auth.radius "$servers"
	gw_set auth.radius-secret-file /etc/lnsd/radius
	gw_set auth.radius-timeout 500ms
	gw_set auth.coa-listen 172.16.0.1
}

# records N STATUS: how many of this kind the server has
records() {
	grep -c "Acct-Status-Type = $2\$" "$DIR/radius$1/detail"
}

records_are() {
	[[ $(records "$1" "$2") == "$3" ]]
}

# record N STATUS: the last one of this kind, a line an attribute
record() {
	awk -v RS='' -v kind="Acct-Status-Type = $2\n" 'index($0 "\n", kind) { last = $0 } END { print last }' "$DIR/radius$1/detail"
}

# record_has WHAT N STATUS PATTERN...: the last one of this kind has all of these
record_has() {
	local what=$1 text pattern
	text=$(record "$2" "$3")
	shift 3
	for pattern; do
		grep -qE -- "^[[:space:]]$pattern\$" <<<"$text" || fail "$what: no '$pattern' in $text"
	done
}

# order N KIND [ATTRIBUTE]...: what the server asks of the gateway (disconnect, coa), and its answer
order() {
	local n=$1 kind=$2
	shift 2
	printf '%s\n' "$@" "Packet-Src-IP-Address = $(radius_address "$n")" |
		ip netns exec lan timeout $((10 * patience)) radclient -x -r 3 -t 3 172.16.0.1:3799 "$kind" "$RADIUS_SECRET" 2>&1
}

# ordered WHAT PATTERN N KIND [ATTRIBUTE]...: its answer has this
ordered() {
	local what=$1 pattern=$2 answer
	shift 2
	answer=$(order "$@") || true
	grep -qE -- "$pattern" <<<"$answer" || fail "$what: $answer"
}

# has_octets N STATUS LEAST: the last record of this kind counts at least so many in each direction
has_octets() {
	record "$1" "$2" | awk -v least="$3" '$1 ~ /^Acct-(In|Out)put-Octets$/ && $3 >= least { n++ } END { exit n != 2 }'
}

# records_wait COUNT: at least so many are on the gateway's disk; 0: none
records_wait() {
	local waiting
	waiting=$(field "$(status)" ".radius.records_waiting // -1")
	if (($1)); then ((waiting >= $1)); else ((waiting == 0)); fi
}

# shellcheck shell=bash
# Behind one NAT two clients as Windows is (port 1701 on both ends), one as Apple's are (a port of its own) and two as
# Android is (a selector for any port): each with its own proposals, and nobody hears what is another's.
windows() {
	client_set "$1" ike aes256-sha1-ecp384
	client_set "$1" esp aes256-sha1
}

apple() {
	client_set "$1" esp aes256-sha256
	client_set "$1" selector udp/49152
	client_set "$1" port 49152
}

android() {
	client_set "$1" esp aes256-sha256
	client_set "$1" selector udp
	client_set "$1" port "$2"
}

net_more 6 7 8
USERS+=('dave pa55' 'erin pa66')
windows 1
windows 2
apple 6
android 7 41234
android 8 41234
gw_start
clients_up '1 alice secret' '2 bob hunter2' '6 carol s3same' '7 dave pa55' '8 erin pa66'
for n in 1 2 6 7 8; do flow "$n" 100; done
flows_end "Windows, Apple and Android behind one NAT"
json "ports" "$(sessions)" '[.[].peer_port] | sort == [1701, 1701, 41234, 41234, 49152]'
gw_bound alice bob carol dave erin

# shellcheck shell=bash
# Five of a hundred lost, 50 ms more or less 20, and out of order, both ways: the session comes up, and 50 MB arrive.
gw_start
for end in 'c5 eth0' 'gw wan'; do
	# shellcheck disable=SC2086 # two words
	net_rough $end delay 50ms 20ms loss 5%
done
# the senders' TCP, not the tunnel's: one that takes a lost packet for a full road would take hours
modprobe -q tcp_bbr || true
for n in c5 lan; do ip netns exec "$n" sysctl -qw net.ipv4.tcp_congestion_control=bbr || true; done
IKE_TIMEOUT=60 client_up 5 alice secret
start=$(now_ms)
jobs=()
for i in {1..10}; do
	CARRY_MB=5 carry "client 5" lan "$LAN" $((5100 + i)) &
	jobs+=($!)
done
for i in "${jobs[@]}"; do wait "$i" || fail "TCP over a rough way"; done
note "50 MB in $((($(now_ms) - start) / 1000)) s"
json "session" "$(session_of alice)" '.state == "up" and .ipsec.protected'
equal "logins" "$(grep -c ' login user=\|^login user=' "$DIR/lnsd.log")" 1

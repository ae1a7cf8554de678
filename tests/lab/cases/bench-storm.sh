# shellcheck shell=bash
# bench
# Storms of log-ins, pppd at both ends: how many sessions a second, and what the daemon takes for one, lnsd and xl2tpd in turn.
USERS=()
for ((i = 1; i <= 100; i++)); do USERS+=("user$i pass$i"); done
gw_set auth.methods mschapv2
wire_plain_to 10.9.0.5

callers_up() {
	[[ $(client 5 ip -o -4 addr show | grep -c ' s[0-9]* .* peer ') == "$1" ]]
}

# storm DAEMON COUNT: "rate CPU-a-session"
storm() {
	local daemon=$1 count=$2 i steps=() before took
	speed_start "$daemon"
	client_open 5
	for ((i = 1; i <= count; i++)); do steps+=(call "pppd:$(caller 5 "s$i" "user$i" "pass$i")"); done
	before=$(daemon_cpu_us)
	took=$(now_ms)
	client_lac 5 patience:30000 again:1000 tunnel "${steps[@]}" serve
	wait_for 120 "$daemon: $count log-ins at once" callers_up "$count"
	took=$(($(now_ms) - took))
	printf -v "rate_$daemon" '%d' $((count * 1000000 / took))
	printf -v "cpu_$daemon" '%d' $((($(daemon_cpu_us) - before) / count))
	client_kill 5
	speed_stop "$daemon"
}

for count in 50 100; do
	for daemon in xl2tpd lnsd; do
		storm $daemon $count
	done
	# shellcheck disable=SC2154 # by storm
	note "$count at once: sessions/s xl2tpd $(ratio "$rate_xl2tpd" 1000) lnsd $(ratio "$rate_lnsd" 1000) ($(ratio "$rate_lnsd" "$rate_xl2tpd") x);" \
		"CPU a session xl2tpd $cpu_xl2tpd us lnsd $cpu_lnsd us ($(ratio "$cpu_lnsd" "$cpu_xl2tpd") x, bar 0.2)"
done

# shellcheck shell=bash
# Two thousand SAs at once, as after a storm of clients behind one NAT, and gone at once: everyone gets a mark of its own,
# a live client loses nothing, and nothing stays. They come while the keeper is held up, so that the kernel's messages
# about them are more than it keeps for it.
count=1000

# Two SAs a client with keys of their own; its NAT port and reqid tell it from the others.
batch() {
	awk -v count="$1" -v gw="$GW" 'BEGIN {
		for (i = 0; i < count; i++) {
			peer = "10.9.0.3"
			how = sprintf("reqid %d mode transport aead rfc4106(gcm(aes)) 0x%040x 128 encap espinudp", 100000 + i, 16777216 + i)
			printf "xfrm state add src %s dst %s proto esp spi 0x%x %s %d 4500 0.0.0.0 sel src %s/32 dst %s/32 proto udp sport 1701 dport 1701\n",
				peer, gw, 268435456 + i, how, 10000 + i, peer, gw
			printf "xfrm state add src %s dst %s proto esp spi 0x%x %s 4500 %d 0.0.0.0 sel src %s/32 dst %s/32 proto udp sport 1701 dport 1701\n",
				gw, peer, 536870912 + i, how, 10000 + i, gw, peer
		}
	}'
}

gw_marks() {
	gw ip -d xfrm state list dst "$GW" | grep -o 'output-mark 0x2000[^/]*' | sort -u | wc -l
}

gw_policies() {
	gw ip xfrm policy | grep -c 'priority 1000 '
}

has_policies() {
	[[ $(gw_policies) == "$1" ]]
}

gw_start
client_up 1 alice secret
batch $count >"$DIR/batch"
flow_on 1
kill -STOP "$LNSD"
start=$(now_ms)
gw ip -force -batch "$DIR/batch"
added=$(now_ms)
kill -CONT "$LNSD"
wait_for 30 "each has its policies" has_policies $((2 * count + 2))
note "$((2 * count)) SAs added in $((added - start)) ms, their $((2 * count)) policies there $(($(now_ms) - added)) ms later"
expect "the log says that messages were lost" logged 'more to say than was listened to'
equal "marks given" "$(gw_marks)" $((count + 1))
client_up 2 bob hunter2
expect "client 2 pings behind the gateway" pings 2 "$LAN"
start=$(now_ms)
sed 's/^xfrm state add \(src [^ ]* dst [^ ]* proto esp spi [^ ]*\).*/xfrm state delete \1/' "$DIR/batch" >"$DIR/away"
gw ip -force -batch "$DIR/away"
wait_for 30 "their policies go with them" has_policies 4
note "all gone after $(($(now_ms) - start)) ms"
flows_end "one client, while two thousand SAs come and go"

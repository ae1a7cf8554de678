# shellcheck shell=bash
# DHCPINFORM in a session, as Windows sends it once it is connected: routes (both options), name servers, the domain; only
# of the session's own address, and only so often.
wire_plain_to 10.9.0.5
gw_set network.routes '172.16.0.0/16, 10.5.5.0/25, 192.0.2.7'
gw_set network.search-domain corp.example.net
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
address=$(up_word 5 local)

cat >/tmp/inform.py <<'END'
import socket, struct, sys

address, source, want = sys.argv[1], sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"vpn0")
s.bind((source, 68))
s.settimeout(3)
ask = struct.pack("!4B4sHH", 1, 8, 6, 0, b"WinX", 0, 0x8000) + socket.inet_aton(address) + bytes(12)
ask += bytes.fromhex("525341530001") + bytes(10 + 192) + bytes.fromhex("63825363")
ask += bytes([53, 1, 8, 60, 8]) + b"MSFT 5.0" + bytes([55, 5, 6, 44, 249, 121, 15, 255])
for i in range(want):
    s.sendto(ask, ("255.255.255.255", 67))
got = 0
try:
    while got < want:
        answer, (server, port) = s.recvfrom(2000)
        got += 1
except TimeoutError:
    pass
except socket.timeout:
    pass
print("answers", got)
if not got:
    sys.exit(1)
assert answer[0] == 2 and answer[4:8] == b"WinX" and answer[236:240].hex() == "63825363" and port == 67
print("server", server)
at = 240
while answer[at] != 255:
    code, size = answer[at], answer[at + 1]
    value = answer[at + 2:at + 2 + size]
    at += 2 + size
    if code in (121, 249):
        while value:
            bits, n = value[0], (value[0] + 7) // 8
            net = socket.inet_ntoa(value[1:1 + n] + bytes(4 - n))
            print(code, f"{net}/{bits}", socket.inet_ntoa(value[1 + n:5 + n]))
            value = value[5 + n:]
    elif code in (6, 54):
        print(code, *(socket.inet_ntoa(value[i:i + 4]) for i in range(0, size, 4)))
    else:
        print(code, value)
END
inform() {
	client 5 python3 /tmp/inform.py "$@" >"$DIR/inform" 2>&1
}
expect "DHCPINFORM is answered" inform "$address" "$address" 1
equal "what it is told" "$(<"$DIR/inform")" "answers 1
server $POOL_GATEWAY
53 b'\\x05'
54 $POOL_GATEWAY
121 172.16.0.0/16 $POOL_GATEWAY
121 10.5.5.0/25 $POOL_GATEWAY
121 192.0.2.7/32 $POOL_GATEWAY
6 172.16.0.53 172.16.0.54
15 b'corp.example.net'
249 172.16.0.0/16 $POOL_GATEWAY
249 10.5.5.0/25 $POOL_GATEWAY
249 192.0.2.7/32 $POOL_GATEWAY"
refuse "another's address is answered" inform 10.99.0.77 "$address" 1

# a hundred at once: ten answers, and two a second
inform "$address" "$address" 100 || fail "none of many is answered: $(<"$DIR/inform")"
between "answers to a hundred" "$(awk '/^answers/ { print $2 }' "$DIR/inform")" 5 25
expect "the session goes on" pings 5 "$LAN"

# at once for those who are connected
gw_set network.routes none
gw_write
gw lnsctl reload
wait_for 10 "it is answered after a reload" inform "$address" "$address" 1
refuse "there are routes still" grep -E '^(121|249) ' "$DIR/inform"
# another server's, where there is nothing to tell
gw_set network.search-domain none
gw_set network.dns none
gw_write
gw lnsctl reload
client_hangup 5
wait_for 10 "client 5 hung up" client_gone 5
client_dial 5
client_connected 5
start "$DIR/others" ip netns exec gw tcpdump -lni any udp port 67
wait_for 5 "a watch" says "$DIR/others" listening
inform "$(up_word 5 local)" "$(up_word 5 local)" 1 || true
wait_for 5 "the machine gets the question" says "$DIR/others" 'BOOTP/DHCP, Request'

# shellcheck shell=bash
# Numbered data messages, over a way that changes their order: all arrive, and what waits for its turn is put in order.
gw_set 'peer isp.address' 10.9.0.5
gw_set 'peer isp.sequencing' on
gw_set 'peer neat.address' 10.9.0.16
gw_set 'peer neat.sequencing' reorder
wire_plain_to 10.9.0.5 10.9.0.16
net_more 16
gw_start_plain
client_l2tp 5 alice secret
client_connected 5
client_l2tp 16 bob hunter2
client_connected 16
for user in alice bob; do
	json "session of $user" "$(shown "$user")" '.session.sequencing'
done
flow 5 200
flow 16 200
flows_end "in order"

# only towards us: a client's kernel drops what comes to it out of order
net_rough c16 eth0 delay 10ms reorder 25% 50%
CARRY_MB=1 carry "client 16" lan "$LAN" 5016
flow 16 200
flows_end "put in order"
s=$(shown bob)
note "late $(field "$s" .session.frames_late), early $(field "$s" .session.frames_early)"
between "frames that waited for their turn" "$(field "$s" .session.frames_early)" 1 100000

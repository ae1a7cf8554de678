# shellcheck shell=bash
# libreswan is restarted, and then somebody flushes all SAs and policies: nothing leaves in clear, and clients that try
# again by themselves come back.
come_back() {
	clients_back "after $1" 1 2
	flow 1 50
	flow 2 50
	flows_end "after $1"
	gw_bound alice bob
}

client_set 1 persistent yes
client_set 2 persistent yes
gw_start
clients_up '1 alice secret' '2 bob hunter2'
pluto_stop
pluto_start
wait_for 30 "lnsd's connections in pluto" gw_loaded
come_back "a restart of libreswan"
gw ip xfrm state flush
gw ip xfrm policy flush
wait_for 1 "the guard is back" gw_guard
come_back "a flush of XFRM"

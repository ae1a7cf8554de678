# shellcheck shell=bash
# bench
# 100 log-ins at once, with real pppds at the gateway: how many come up, how fast, and what the daemon takes for one; xl2tpd and lnsd in turn.
wire_plain_to 10.9.0.5
storms 100

# shellcheck shell=bash
# The worker never runs as root: a user lnsd with uid 0 is refused. With the right one neither process is what it should
# not be: the worker has no capability but CAP_NET_RAW, no_new_privs and a seccomp filter.
gw_write
sed -i 's/^lnsd:\([^:]*\):[0-9]*:/lnsd:\1:0:/' /etc/passwd
bad_start 'user.*lnsd.*(root|uid 0)|uid 0|root'
sed -i "s/^lnsd:.*/$(grep ^lnsd: /tmp/pristine/passwd | sed 's/[&/]/\\&/g')/" /etc/passwd
gw_start
pid=$(gw_worker)
equal "processes of user lnsd" "$(wc -w <<<"$pid")" 1
equal "no_new_privs" "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$pid/status")" 1
equal "seccomp" "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" 2
# CAP_NET_RAW is bit 13
refuse "the worker has more than CAP_NET_RAW" test $((0x$(awk '/^CapEff/ { print $2 }' "/proc/$pid/status") & ~(1 << 13))) -ne 0
equal "the worker's bounding set" "$(awk '/^CapInh/ { print $2 }' "/proc/$pid/status")" 0000000000000000

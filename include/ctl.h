/*
 * The control socket (worker/ctl.c ↔ lnsctl): a unix stream socket. The client sends one JSON
 * object in one line of at most CTL_REQUEST_MAX bytes, {"verb": "sessions", "arg": "…"} ("arg" only
 * where the verb takes one); the daemon answers with one JSON object, {"ok": true, "data": …} or
 * {"ok": false, "error": "text"}, ends it with a newline, and closes.
 *
 *	verb        arg                  data
 *	status      -                    the contract's `status` document
 *	sessions    -                    the contract's `sessions` array
 *	tunnels     -                    the contract's `tunnels` array
 *	show        session, tunnel ID   {"tunnel": {…}, "session": {…}}; of a tunnel
 *	                                 {"tunnel": {…}, "sessions": […]}
 *	disconnect  USER|ID|ADDRESS|all  {"disconnected": [session ids]}; an error when nothing
 *	                                 matches
 *	dial        peer                 {"id": session id, "tunnel_id": …, "peer_name": …,
 *	                                 "called_number": …} when the call is connected, an error
 *	                                 when it has failed; whoever hangs up before ends it
 *	drain       address, "off" or -  {"draining": address or null}
 *	bans        -                    the contract's `bans list` array
 *	ban         address              {"text": "…"}
 *	unban       address or "all"     {"text": "…"}
 *	reload      "dry-run", "confirmed", "undo" or -
 *	                                 {"applied": bool, "trial_s": N, "changes": [{"section",
 *	                                 "key", "old", "new", "effect": "now" | "new-sessions" |
 *	                                 "restart"}], "lines": ["…"]}; an error with the keeper's
 *	                                 text when the configuration is refused
 *	reload-users  -                  the same, of the users' file alone
 *	messages    user, peer, ID or -  the last control messages of tunnels, see below
 *	traffic     -                    an array of arrays: id, user, address, peer, client,
 *	                                 state, uptime_s, rx_bytes, tx_bytes
 *	trace       user, peer, ID       {"watching": …, "data": …}, then see below
 *
 * `messages` gives an array of tunnels: "tunnel_id", "user", "peer", "peer_port", "host_name",
 * "state", "ended", "cause", "closed_by", "text", and "messages", an array of "time", "direction",
 * "type", "ns", "nr", "session", "length", "repeated" and "refused". Without an argument it is of
 * those tunnels alone that died badly.
 *
 * The connection of a `trace` stays until the client hangs up. An object a line follows: one as
 * above when a tunnel is found; {"left_out": N} where the client was too slow; and a datagram,
 * "time_us", "direction", "peer", "peer_port", "local", "local_port", "data", "length", "bytes",
 * and "dropped" where it was not taken.
 *
 * Besides "arg" a dial has "number": "…" and may have "tunnel": ID (0: any), a drain may have
 * "new": true, for tunnels that are there to stay, a ban "seconds": N, a reload "seconds": N, after
 * which it goes back unless it is confirmed, and a trace "data": true, for data messages, too.
 *
 * A session's ID is "TID-SID" in decimal ("4711-815"), a tunnel's "TID".
 */
#ifndef CTL_H
#define CTL_H

#define CTL_PATH "/run/lnsd/ctl"
#define CTL_REQUEST_MAX 4096
#define CTL_CLIENTS_MAX 32

#endif

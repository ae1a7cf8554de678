/* See lac.h: a pppd for a session. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lac.h"

static void
become_pppd(int line, const char *options)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(line, STDIN_FILENO);
	dup2(line, STDOUT_FILENO);
	execlp("pppd", "pppd", "notty", "nodetach", "file", options, (char *)NULL);
	perror("lac: pppd");
	_exit(1);
}

bool
lac_pppd(struct lac *lac, const char *arg)
{
	struct session *session = lac_last(lac);
	int ends[2];

	if (!session || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return false;
	session->rx = (struct hdlc_rx){.buf = malloc(DATAGRAM), .cap = DATAGRAM};
	if (!session->rx.buf)
		return false;
	session->line = ends[0];
	switch (fork()) {
	case -1:
		return false;
	case 0:
		become_pppd(ends[1], arg);
		break;
	default:
		close(ends[1]);
	}
	return true;
}

void
lac_line_close(struct session *session)
{
	if (!session->line)
		return;
	close(session->line);
	free(session->rx.buf);
	session->line = 0;
}

void
lac_line_put(const struct session *session, const uint8_t *frame, size_t len)
{
	uint8_t bytes[HDLC_ENCODED_MAX(DATAGRAM)];
	size_t n = hdlc_encode(bytes, sizeof(bytes), frame, len);

	if (send(session->line, bytes, n, MSG_NOSIGNAL) != (ssize_t)n)
		perror("lac: line");
}

void
lac_line_take(struct lac *lac, struct session *session)
{
	uint8_t bytes[4096];
	ssize_t n = read(session->line, bytes, sizeof(bytes));
	const uint8_t *p = bytes;
	size_t len;

	if (n <= 0) {
		printf("pppd of session %u ended\n", session->peer_sid);
		lac_line_close(session);
		if (session->up)
			lac_hang_up(lac, session, 1); /* §4.4.2: the carrier is lost */
		return;
	}
	while ((len = hdlc_decode(&session->rx, &p, bytes + n)) > 0)
		lac_send_data(lac, session, session->rx.buf, len);
}

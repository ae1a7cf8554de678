/* A port: what it holds, what it drops, how its end is told. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker/port.h"

static const struct lns_ref ref_a = {.tid = 1, .sid = 2, .serial = 3};
static const uint8_t frame[] = {0xff, 0x03, 0xc0, 0x21, 0x01, 0x01, 0x00, 0x04};

struct line {
	struct ports *ports;
	struct port *port;
	int far; /* what pppd would read */
};

/* A port whose line is a pipe; pppd has not spoken yet. */
static struct line
open_line(void)
{
	struct line line = {.ports = calloc(1, sizeof(struct ports))};
	int fds[2];

	ck_assert(line.ports != NULL);
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	line.port = ports_add(line.ports, ref_a);
	line.port->fd = fds[1];
	line.far = fds[0];
	return line;
}

static void
close_line(struct line *line)
{
	close(line->port->fd);
	close(line->far);
	ports_remove(line->ports, line->port);
	ports_fini(line->ports);
	free(line->ports);
}

/* How many good frames can be read at the far end. */
static unsigned
frames_read(struct line *line)
{
	uint8_t bytes[65536], buf[PORT_FRAME_MAX];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};
	ssize_t n = read(line->far, bytes, sizeof(bytes));
	const uint8_t *p = bytes;
	unsigned count = 0;

	while (n > 0 && hdlc_decode(&rx, &p, bytes + n) > 0)
		count++;
	ck_assert_uint_eq(rx.bad, 0);
	return count;
}

START_TEST(put_before_pppd_spoke_is_held_then_written)
{
	struct line line = open_line();

	ck_assert(port_put(line.port, frame, sizeof(frame)));
	ck_assert(port_put(line.port, frame, sizeof(frame)));
	ck_assert_int_eq(port_flush(line.port), PORT_EMPTY);
	ck_assert_uint_eq(frames_read(&line), 0);
	line.port->spoke = true;
	ck_assert_int_eq(port_flush(line.port), PORT_EMPTY);
	ck_assert_uint_eq(frames_read(&line), 2);
	close_line(&line);
}
END_TEST

START_TEST(put_before_spawn_is_held)
{
	struct line line = open_line();
	int fd = line.port->fd;

	line.port->fd = -1;
	ck_assert(port_put(line.port, frame, sizeof(frame)));
	ck_assert_int_eq(port_flush(line.port), PORT_EMPTY);
	line.port->fd = fd;
	line.port->spoke = true;
	port_flush(line.port);
	ck_assert_uint_eq(frames_read(&line), 1);
	close_line(&line);
}
END_TEST

START_TEST(hold_is_bounded_in_frames)
{
	struct line line = open_line();

	for (unsigned i = 0; i < PORT_HELD_FRAMES; i++)
		ck_assert(port_put(line.port, frame, sizeof(frame)));
	ck_assert(!port_put(line.port, frame, sizeof(frame)));
	ck_assert_uint_eq(line.port->counters.rx_packets, PORT_HELD_FRAMES);
	ck_assert_uint_eq(line.port->counters.rx_dropped, 1);
	close_line(&line);
}
END_TEST

START_TEST(hold_is_bounded_in_bytes)
{
	struct line line = open_line();
	uint8_t big[1400] = {0};
	unsigned held = 0;

	while (port_put(line.port, big, sizeof(big)))
		held++;
	ck_assert_uint_ge(held, 1);
	ck_assert_uint_le(line.port->out_end, PORT_HELD_BYTES);
	close_line(&line);
}
END_TEST

START_TEST(pppd_that_does_not_read_costs_a_bounded_queue_of_whole_frames)
{
	struct line line = open_line();
	unsigned sent = 0, read_back = 0, n;
	uint8_t big[1000];

	memset(big, 0x55, sizeof(big));
	line.port->spoke = true;
	for (unsigned i = 0; i < 1000; i++) {
		sent += port_put(line.port, big, sizeof(big));
		port_flush(line.port);
	}
	ck_assert_int_eq(port_flush(line.port), PORT_FULL);
	ck_assert_uint_lt(sent, 1000);
	ck_assert_uint_eq(line.port->counters.rx_dropped, 1000 - sent);
	ck_assert_uint_le(line.port->out_cap, PORT_OUT_MAX);
	/* it reads again: all that was taken comes, and nothing broken. The pipe is cut anywhere,
	 * so the pieces are decoded as one stream */
	uint8_t bytes[4096], buf[PORT_FRAME_MAX];
	struct hdlc_rx rx = {.buf = buf, .cap = sizeof(buf)};

	for (unsigned i = 0; i < 1000; i++) {
		ssize_t got = read(line.far, bytes, sizeof(bytes));
		const uint8_t *p = bytes;

		while (got > 0 && (n = (unsigned)hdlc_decode(&rx, &p, bytes + got)) > 0)
			read_back += n == sizeof(big);
		port_flush(line.port);
	}
	ck_assert_uint_eq(read_back, sent);
	ck_assert_uint_eq(rx.bad, 0);
	ck_assert_int_eq(port_flush(line.port), PORT_EMPTY);
	close_line(&line);
}
END_TEST

START_TEST(flush_to_a_dead_line_says_gone)
{
	struct line line = open_line();

	signal(SIGPIPE, SIG_IGN); /* as the worker does; a pty gives EIO without it */
	line.port->spoke = true;
	ck_assert(port_put(line.port, frame, sizeof(frame)));
	close(line.far);
	line.far = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(port_flush(line.port), PORT_GONE);
	close_line(&line);
}
END_TEST

START_TEST(put_counts_what_the_client_sent)
{
	struct line line = open_line();

	port_put(line.port, frame, sizeof(frame));
	port_put(line.port, frame, sizeof(frame));
	ck_assert_uint_eq(line.port->counters.rx_packets, 2);
	ck_assert_uint_eq(line.port->counters.rx_bytes, 2 * sizeof(frame));
	close_line(&line);
}
END_TEST

START_TEST(put_after_the_end_is_dropped)
{
	struct line line = open_line();

	line.port->over = true;
	ck_assert(!port_put(line.port, frame, sizeof(frame)));
	close_line(&line);
}
END_TEST

START_TEST(get_keeps_a_frame_cut_between_reads_and_leaves_headroom)
{
	struct line line = open_line();
	uint8_t bytes[HDLC_ENCODED_MAX(sizeof(frame))];
	size_t n = hdlc_encode(bytes, sizeof(bytes), frame, sizeof(frame)), len;

	ck_assert(port_rx_ready(line.port));
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = bytes + i;
		uint8_t *got = port_get(line.port, &p, bytes + i + 1, &len);

		if (i + 1 < n) {
			ck_assert(got == NULL);
			continue;
		}
		ck_assert(got != NULL);
		ck_assert_uint_eq(len, sizeof(frame));
		ck_assert_mem_eq(got, frame, len);
		memset(got - LNS_HEADROOM, 0xaa, LNS_HEADROOM);
	}
	close_line(&line);
}
END_TEST

/* a session that says nothing has no buffers, whatever it had said */
START_TEST(idle_port_lends_its_buffers_to_the_next)
{
	struct line line = open_line();
	struct port *next = ports_add(line.ports, (struct lns_ref){.tid = 9, .sid = 9});
	uint8_t bytes[HDLC_ENCODED_MAX(sizeof(frame))];
	size_t n = hdlc_encode(bytes, sizeof(bytes), frame, sizeof(frame)), len;
	const uint8_t *p = bytes, *out, *rx;

	line.port->spoke = true;
	ck_assert(port_put(line.port, frame, sizeof(frame)));
	out = line.port->out;
	ck_assert_int_eq(port_flush(line.port), PORT_EMPTY);
	ck_assert(line.port->out == NULL);
	ck_assert(port_put(next, frame, sizeof(frame)));
	ck_assert(next->out == out);

	ck_assert(port_rx_ready(line.port));
	rx = line.port->rx_bytes;
	ck_assert(port_get(line.port, &p, bytes + n - 2, &len) == NULL);
	port_rx_rest(line.port);
	ck_assert(line.port->rx_bytes == rx); /* half a frame */
	ck_assert(port_get(line.port, &p, bytes + n, &len) != NULL);
	port_rx_rest(line.port);
	ck_assert(line.port->rx_bytes == NULL);
	ck_assert(port_rx_ready(next));
	ck_assert(next->rx_bytes == rx);
	ports_remove(line.ports, next);
	close_line(&line);
}
END_TEST

START_TEST(table_finds_by_ref_and_not_by_a_stale_one)
{
	struct ports *ports = calloc(1, sizeof(*ports));
	struct lns_ref stale = ref_a, other = {.tid = 1, .sid = 2 + PORTS_CHAINS / 2, .serial = 4};

	stale.serial++;
	ck_assert(ports_add(ports, ref_a) != NULL);
	ck_assert(ports_add(ports, ref_a) == NULL);
	ck_assert(ports_add(ports, other) != NULL);
	ck_assert(ports_find(ports, stale) == NULL);
	ck_assert(ports_find(ports, ref_a) != ports_find(ports, other));
	ports_remove(ports, ports_find(ports, ref_a));
	ck_assert(ports_find(ports, ref_a) == NULL);
	ck_assert(ports_find(ports, other) == ports->first);
	ports_remove(ports, ports->first);
	ck_assert_uint_eq(ports->count, 0);
	ports_reap(ports);
	free(ports);
}
END_TEST

START_TEST(removed_port_stays_good_until_reaped)
{
	struct ports *ports = calloc(1, sizeof(*ports));
	struct port *port = ports_add(ports, ref_a);

	ports_remove(ports, port);
	ck_assert_uint_eq(port->ref.sid, ref_a.sid);
	ports_reap(ports);
	ck_assert(ports->dead == NULL);
	free(ports);
}
END_TEST

START_TEST(state_names_follow_the_life)
{
	struct port port = {.fd = -1};

	ck_assert(!port_listed(&port));
	port.go = true;
	ck_assert(port_listed(&port));
	ck_assert_str_eq(port_state(&port), "authenticating");
	port.up = true;
	ck_assert_str_eq(port_state(&port), "up");
	port.over = true;
	ck_assert_str_eq(port_state(&port), "closing");
}
END_TEST

START_TEST(end_first_told_stays)
{
	struct port port = {.fd = -1};

	port_note_end(&port, CAUSE_WRONG_PASSWORD, BY_SERVER, "wrong password");
	port_note_end(&port, CAUSE_USER_REQUEST, BY_CLIENT, "bye");
	port_note_pppd_end(&port, CAUSE_PPPD_DIED, BY_SERVER, NULL);
	ck_assert_int_eq(port.end.cause, CAUSE_WRONG_PASSWORD);
	ck_assert_str_eq(port.end.text, "wrong password");
}
END_TEST

START_TEST(end_by_time_limit_beats_the_hang_up_it_provoked)
{
	struct port port = {.fd = -1};

	port_note_end(&port, CAUSE_USER_REQUEST, BY_CLIENT, "CDN");
	port_note_pppd_end(&port, CAUSE_IDLE_TIMEOUT, BY_SERVER, NULL);
	ck_assert_int_eq(port.end.cause, CAUSE_IDLE_TIMEOUT);
	ck_assert_int_eq(port.end.by, BY_SERVER);
	ck_assert_str_eq(port.end.text, "");
}
END_TEST

START_TEST(end_of_pppd_after_a_hang_up_is_the_clients)
{
	struct port port = {.fd = -1};

	port_note_end(&port, CAUSE_USER_REQUEST, BY_CLIENT, "CDN");
	port_note_pppd_end(&port, CAUSE_PPPD_DIED, BY_SERVER, "signal 1");
	ck_assert_int_eq(port.end.cause, CAUSE_USER_REQUEST);
	ck_assert_int_eq(port.end.by, BY_CLIENT);
}
END_TEST

START_TEST(end_forgotten_when_the_second_password_was_right)
{
	struct port port = {.fd = -1};

	port_note_end(&port, CAUSE_WRONG_PASSWORD, BY_SERVER, NULL);
	port_forget_end(&port);
	port_note_end(&port, CAUSE_ADMIN, BY_ADMIN, NULL);
	ck_assert_int_eq(port.end.cause, CAUSE_ADMIN);
	port.over = true;
	port_forget_end(&port);
	ck_assert_int_eq(port.end.cause, CAUSE_ADMIN);
}
END_TEST

START_TEST(grant_told_again_replaces_the_first)
{
	struct line line = open_line();

	ck_assert(!line.port->routes && !line.port->allow && !line.port->rate);
	port_set_grant(line.port, "192.168.7.0/24", "10.0.5.1", "1mbit");
	port_set_grant(line.port, "192.168.7.0/24", "", "none");
	ck_assert_str_eq(line.port->routes, "192.168.7.0/24");
	ck_assert_str_eq(line.port->allow, "");
	ck_assert_str_eq(line.port->rate, "none");
	close_line(&line);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("port");
	TCase *tc = tcase_create("port");

	tcase_add_test(tc, put_before_pppd_spoke_is_held_then_written);
	tcase_add_test(tc, put_before_spawn_is_held);
	tcase_add_test(tc, hold_is_bounded_in_frames);
	tcase_add_test(tc, hold_is_bounded_in_bytes);
	tcase_add_test(tc, pppd_that_does_not_read_costs_a_bounded_queue_of_whole_frames);
	tcase_add_test(tc, flush_to_a_dead_line_says_gone);
	tcase_add_test(tc, put_counts_what_the_client_sent);
	tcase_add_test(tc, put_after_the_end_is_dropped);
	tcase_add_test(tc, get_keeps_a_frame_cut_between_reads_and_leaves_headroom);
	tcase_add_test(tc, idle_port_lends_its_buffers_to_the_next);
	tcase_add_test(tc, table_finds_by_ref_and_not_by_a_stale_one);
	tcase_add_test(tc, removed_port_stays_good_until_reaped);
	tcase_add_test(tc, state_names_follow_the_life);
	tcase_add_test(tc, end_first_told_stays);
	tcase_add_test(tc, end_by_time_limit_beats_the_hang_up_it_provoked);
	tcase_add_test(tc, end_of_pppd_after_a_hang_up_is_the_clients);
	tcase_add_test(tc, end_forgotten_when_the_second_password_was_right);
	tcase_add_test(tc, grant_told_again_replaces_the_first);
	suite_add_tcase(suite, tc);

	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}

/* See messages.h. */
#include "lnsctl/messages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "dissect.h"
#include "lnsctl/field.h"
#include "lnsctl/table.h"

#define CLOCK_MAX 16

static void
put(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value ? value : json_null());
}

/* ── bytes to words ─────────────────────────────────────────────────────────────────────── */

static void
add_avp(void *ctx, const struct dissected_avp *avp)
{
	json_array_append_new(ctx, json_pack("{s:s, s:i, s:i, s:b, s:b, s:s}", "name", avp->name,
					     "vendor", avp->vendor, "attribute", avp->attr,
					     "mandatory", avp->mandatory, "hidden", avp->hidden,
					     "value", avp->value));
}

size_t
messages_bytes(uint8_t bytes[MESSAGE_BYTES_MAX], const json_t *datagram)
{
	const char *text = field_text(datagram, "bytes");
	size_t len;

	return OPENSSL_hexstr2buf_ex(bytes, MESSAGE_BYTES_MAX, &len, text, '\0') ? len : 0;
}

static void
set_time(json_t *object)
{
	int64_t us = field_number(object, "time_us");
	time_t seconds = (time_t)(us / 1000000);
	char text[48] = "";
	struct tm tm;
	size_t len;

	if (gmtime_r(&seconds, &tm)) {
		len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(text + len, sizeof(text) - len, ".%06dZ", (int)(us % 1000000));
	}
	json_object_del(object, "time_us");
	put(object, "time", json_string(text));
}

void
messages_decode(json_t *datagram)
{
	uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t len = messages_bytes(bytes, datagram);
	json_t *avps = json_array();
	struct dissected head;

	set_time(datagram);
	json_object_del(datagram, "bytes");
	if (dissect(&head, bytes, len, add_avp, avps)) {
		put(datagram, "tunnel", json_integer(head.tid));
		put(datagram, "session", json_integer(head.sid));
	}
	if (head.control) {
		put(datagram, "type", json_string(head.type));
		put(datagram, "ns", json_integer(head.ns));
		put(datagram, "nr", json_integer(head.nr));
		put(datagram, "avps", json_incref(avps));
	}
	if (head.fault)
		put(datagram, "fault", json_string(head.fault));
	json_decref(avps);
}

/* ── words to lines ─────────────────────────────────────────────────────────────────────── */

/* "14:05:33.123" of a moment, in the reader's time zone */
static const char *
clock_text(char text[CLOCK_MAX], const char *moment)
{
	struct tm tm = {.tm_isdst = 0};
	const char *rest = strptime(moment, "%Y-%m-%dT%H:%M:%S", &tm);
	time_t when = rest ? timegm(&tm) : 0;
	size_t len;

	text[0] = '\0';
	if (!rest || !localtime_r(&when, &tm))
		return text;
	len = strftime(text, CLOCK_MAX, "%H:%M:%S", &tm);
	snprintf(text + len, CLOCK_MAX - len, "%.4s", rest);
	return text;
}

static void
print_avps(const json_t *avps)
{
	const json_t *avp;
	size_t i;

	json_array_foreach(avps, i, avp)
	{
		char name[80], clean[600];

		if (field_text(avp, "name")[0])
			snprintf(name, sizeof(name), "%s", field_text(avp, "name"));
		else
			snprintf(name, sizeof(name), "vendor %" PRId64 " attribute %" PRId64,
				 field_number(avp, "vendor"), field_number(avp, "attribute"));
		printf("                 %s: %s\n", name,
		       clean_text(clean, sizeof(clean), field_text(avp, "value")));
	}
}

void
messages_print(const json_t *datagram)
{
	const char *dropped = field_text(datagram, "dropped"),
		   *fault = field_text(datagram, "fault");
	char when[CLOCK_MAX], peer[PEER_MAX], numbers[64] = "";

	if (!field_true(datagram, "data"))
		snprintf(numbers, sizeof(numbers), "Ns %" PRId64 " Nr %" PRId64 "  ",
			 field_number(datagram, "ns"), field_number(datagram, "nr"));
	printf("%s %-3s %-7s %stunnel %" PRId64 " session %" PRId64 "  %s  %" PRId64
	       " bytes%s%s%s%s\n",
	       clock_text(when, field_text(datagram, "time")), field_text(datagram, "direction"),
	       field_true(datagram, "data") ? "data" : field_text(datagram, "type"), numbers,
	       field_number(datagram, "tunnel"), field_number(datagram, "session"),
	       field_peer(peer, datagram), field_number(datagram, "length"),
	       dropped[0] ? "  DROPPED: " : "", dropped, fault[0] ? "  FAULT: " : "", fault);
	print_avps(json_object_get(datagram, "avps"));
}

/* ── a tunnel ───────────────────────────────────────────────────────────────────────────── */

static const char *
note_of(const json_t *message)
{
	if (field_true(message, "refused"))
		return "refused";
	return field_true(message, "repeated") ? "repeated" : "";
}

static void
print_messages(const json_t *messages)
{
	struct table *table = table_new("TIME DIRECTION TYPE >NS >NR >SESSION >BYTES NOTE");
	const json_t *message;
	size_t i;

	json_array_foreach(messages, i, message)
	{
		char when[CLOCK_MAX];

		table_add(table, clock_text(when, field_text(message, "time")));
		table_add(table, field_text(message, "direction"));
		table_add(table, field_text(message, "type"));
		table_add_number(table, field_number(message, "ns"));
		table_add_number(table, field_number(message, "nr"));
		table_add_number(table, field_number(message, "session"));
		table_add_number(table, field_number(message, "length"));
		table_add(table, note_of(message));
	}
	table_print(table, stdout);
	table_free(table);
}

void
messages_print_tunnel(const json_t *tunnel)
{
	const char *user = field_text(tunnel, "user"), *ended = field_text(tunnel, "ended");
	char peer[PEER_MAX], clean[600];

	printf("Tunnel %" PRId64 " of %s, %s", field_number(tunnel, "tunnel_id"),
	       field_peer(peer, tunnel), field_text(tunnel, "state"));
	if (user[0])
		printf(", user %s", clean_text(clean, sizeof(clean), user));
	if (ended[0]) {
		printf(", ended %s: %s", ended, field_text(tunnel, "cause"));
		printf(" (%s)", clean_text(clean, sizeof(clean), field_text(tunnel, "text")));
	}
	putchar('\n');
	print_messages(json_object_get(tunnel, "messages"));
	putchar('\n');
}

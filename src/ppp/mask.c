/* See frame.h. What is no name is struck out: a list of what may stay cannot forget a secret. */
#include <string.h>

#include "frame.h"
#include "wire.h"

#define PROTOCOL_PAP 0xc023
#define PROTOCOL_CHAP 0xc223
#define PROTOCOL_EAP 0xc227
#define PAP_REQUEST 1
#define CHAP_RESPONSE 2
#define EAP_RESPONSE 2
#define EAP_IDENTITY 1
#define EAP_NAK 3
#define PACKET_HEADER 4 /* code, identifier, length */

/* Of a packet, header included, how many bytes may stay. */

/* The peer's name stays, its password goes. */
static size_t
pap_stays(const uint8_t *packet, size_t len)
{
	size_t name;

	if (len < PACKET_HEADER || packet[0] != PAP_REQUEST)
		return len; /* an answer, with a message for people */
	name = len > PACKET_HEADER ? PACKET_HEADER + 1u + packet[PACKET_HEADER] : PACKET_HEADER;
	return name <= len ? name : PACKET_HEADER;
}

/* A success carries the authenticator's own proof (RFC 2759 §5). */
static size_t
chap_stays(const uint8_t *packet, size_t len)
{
	(void)packet;
	return len < PACKET_HEADER ? len : PACKET_HEADER;
}

/* The type stays, and what a response says of who it is or wants. */
static size_t
eap_stays(const uint8_t *packet, size_t len)
{
	if (len <= PACKET_HEADER)
		return len;
	if (packet[0] <= EAP_RESPONSE && packet[PACKET_HEADER] >= EAP_IDENTITY &&
	    packet[PACKET_HEADER] <= EAP_NAK)
		return len;
	return PACKET_HEADER + 1;
}

static const struct {
	uint16_t protocol;
	size_t (*stays)(const uint8_t *packet, size_t len);
} logins[] = {
	{PROTOCOL_PAP, pap_stays},
	{PROTOCOL_CHAP, chap_stays},
	{PROTOCOL_EAP, eap_stays},
};

/* How long address, control and protocol are (RFC 1661 §6.5, §6.6: each may be compressed). */
static size_t
header_length(const uint8_t *frame, size_t len, uint16_t *protocol)
{
	struct rd r = rd_init(frame, len);

	if (len >= 2 && frame[0] == 0xff && frame[1] == 0x03)
		rd_bytes(&r, 2);
	*protocol = rd_u8(&r);
	if (!(*protocol & 1))
		*protocol = (uint16_t)(*protocol << 8 | rd_u8(&r));
	return r.bad ? 0 : (size_t)(r.p - frame);
}

void
frame_mask(uint8_t *frame, size_t len)
{
	uint16_t protocol;
	size_t header = header_length(frame, len, &protocol);

	if (!header) {
		memset(frame, 0, len);
		return;
	}
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		size_t stays;

		if (logins[i].protocol != protocol)
			continue;
		stays = header + logins[i].stays(frame + header, len - header);
		memset(frame + stays, 0, len - stays);
	}
}

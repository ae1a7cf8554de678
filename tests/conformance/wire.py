"""L2TP version 2 on the wire (RFC 2661 §3.1, §4), written from the RFC and of nothing of lnsd's."""

import hashlib
import struct
from collections import namedtuple

# §3.2, RFC 3573, RFC 5515
SCCRQ, SCCRP, SCCCN, STOPCCN, HELLO = 1, 2, 3, 4, 6
OCRQ, OCRP, OCCN, ICRQ, ICRP, ICCN, CDN, WEN, SLI = 7, 8, 9, 10, 11, 12, 14, 15, 16
MDMST, CSUN, CSURQ = 17, 28, 29
NAMES = {SCCRQ: 'SCCRQ', SCCRP: 'SCCRP', SCCCN: 'SCCCN', STOPCCN: 'StopCCN', HELLO: 'HELLO',
         OCRQ: 'OCRQ', OCRP: 'OCRP', OCCN: 'OCCN', ICRQ: 'ICRQ', ICRP: 'ICRP', ICCN: 'ICCN',
         CDN: 'CDN', WEN: 'WEN', SLI: 'SLI', MDMST: 'MDMST', CSUN: 'CSUN', CSURQ: 'CSURQ'}

MESSAGE_TYPE, RESULT_CODE, PROTOCOL_VERSION, FRAMING_CAPS, BEARER_CAPS = 0, 1, 2, 3, 4
TIE_BREAKER, FIRMWARE, HOST_NAME, VENDOR_NAME, TUNNEL_ID, WINDOW = 5, 6, 7, 8, 9, 10
CHALLENGE, Q931_CAUSE, RESPONSE, SESSION_ID, CALL_SERIAL = 11, 12, 13, 14, 15
MINIMUM_BPS, MAXIMUM_BPS, BEARER_TYPE, FRAMING_TYPE = 16, 17, 18, 19
CALLED, CALLING, SUB_ADDRESS, TX_SPEED, PHYSICAL_CHANNEL = 21, 22, 23, 24, 25
INITIAL_LCP, LAST_SENT_LCP, LAST_RECEIVED_LCP = 26, 27, 28
PROXY_TYPE, PROXY_NAME, PROXY_CHALLENGE, PROXY_ID, PROXY_RESPONSE = 29, 30, 31, 32, 33
CALL_ERRORS, ACCM, RANDOM_VECTOR, PRIVATE_GROUP, RX_SPEED, SEQUENCING = 34, 35, 36, 37, 38, 39
DISCONNECT_CAUSE, CONTROL_DSCP, SESSION_DSCP = 46, 47, 48

# What §4.4 says of the M bit, whether the value may be hidden, and the value's length (None: it varies).
Rule = namedtuple('Rule', 'name mandatory hideable length')
RULES = {
    0: Rule('Message Type', True, False, 2), 1: Rule('Result Code', True, False, None),
    2: Rule('Protocol Version', True, False, 2), 3: Rule('Framing Capabilities', True, True, 4),
    4: Rule('Bearer Capabilities', True, True, 4), 5: Rule('Tie Breaker', False, False, 8),
    6: Rule('Firmware Revision', False, True, 2), 7: Rule('Host Name', True, False, None),
    8: Rule('Vendor Name', False, True, None), 9: Rule('Assigned Tunnel ID', True, True, 2),
    10: Rule('Receive Window Size', True, False, 2), 11: Rule('Challenge', True, True, None),
    12: Rule('Q.931 Cause Code', True, False, None), 13: Rule('Challenge Response', True, True, 16),
    14: Rule('Assigned Session ID', True, True, 2), 15: Rule('Call Serial Number', True, True, 4),
    16: Rule('Minimum BPS', True, True, 4), 17: Rule('Maximum BPS', True, True, 4),
    18: Rule('Bearer Type', True, True, 4), 19: Rule('Framing Type', True, True, 4),
    21: Rule('Called Number', True, True, None), 22: Rule('Calling Number', True, True, None),
    23: Rule('Sub-Address', True, True, None), 24: Rule('Connect Speed', True, True, 4),
    25: Rule('Physical Channel ID', False, True, 4), 26: Rule('Initial Received LCP CONFREQ', False, True, None),
    27: Rule('Last Sent LCP CONFREQ', False, True, None), 28: Rule('Last Received LCP CONFREQ', False, True, None),
    29: Rule('Proxy Authen Type', False, True, 2), 30: Rule('Proxy Authen Name', False, True, None),
    31: Rule('Proxy Authen Challenge', False, True, None), 32: Rule('Proxy Authen ID', False, True, 2),
    33: Rule('Proxy Authen Response', False, True, None), 34: Rule('Call Errors', True, True, 26),
    35: Rule('ACCM', True, True, 10), 36: Rule('Random Vector', True, False, None),
    37: Rule('Private Group ID', False, True, None), 38: Rule('Rx Connect Speed', False, True, 4),
    39: Rule('Sequencing Required', True, False, 0), 46: Rule('PPP Disconnect Cause', False, True, None),
    47: Rule('Control Connection DS', False, True, 2), 48: Rule('Session DS', False, True, 2),
    49: Rule('LCP Want Options', False, True, None), 50: Rule('LCP Allow Options', False, True, None),
    51: Rule('LNS Last Sent LCP CONFREQ', False, True, None),
    52: Rule('LNS Last Received LCP CONFREQ', False, True, None),
}

T, L, S, O, P = 0x8000, 0x4000, 0x0800, 0x0200, 0x0100  # noqa: E741 (the RFC's letters)
RESERVED_BITS = (0x2000, 0x1000, 0x0400, 0x0080, 0x0040, 0x0020, 0x0010)
CONTROL = T | L | S | 2
M, H = 0x8000, 0x4000
AVP_RESERVED = 0x3c00


class Malformed(Exception):
    """Not a message that RFC 2661 knows."""


# ---- out

def raw_avp(attr, value=b'', bits=M, vendor=0, length=None):
    """An AVP of these flag bits; `length` lies about its length."""
    length = len(value) + 6 if length is None else length
    return struct.pack('!HHH', bits | length & 0x3ff, vendor, attr) + value


def avp(attr, value=b''):
    """An AVP with the M bit of its definition; numbers take the width of theirs."""
    rule = RULES[attr]
    if isinstance(value, int):
        value = value.to_bytes(rule.length, 'big')
    elif isinstance(value, str):
        value = value.encode()
    return raw_avp(attr, value, M if rule.mandatory else 0)


def hidden_avp(attr, value, secret, vector, padding=b'', bits=None, inner=None):
    """§4.3. `inner` lies about the length of the original value."""
    if isinstance(value, int):
        value = value.to_bytes(RULES[attr].length, 'big')
    inner = len(value) if inner is None else inner
    plain = struct.pack('!H', inner) + value + padding
    bits = (M if RULES[attr].mandatory else 0) if bits is None else bits
    return raw_avp(attr, cipher(attr, plain, secret, vector, True), bits | H)


def cipher(attr, data, secret, vector, hiding):
    """The chain of MD5 blocks, either way: each next key is made of the block of cipher text before."""
    out, last = b'', vector
    first = struct.pack('!H', attr)
    for at in range(0, len(data), 16):
        block = data[at:at + 16]
        key = hashlib.md5(first + secret + last).digest()
        first = b''
        done = bytes(a ^ b for a, b in zip(block, key))
        out += done
        last = done if hiding else block
    return out


def response_to(challenge, secret, carried_by):
    """Challenge Response (§4.4.3); `carried_by` is the type of the message that it goes in."""
    return hashlib.md5(bytes([carried_by]) + secret + challenge).digest()


def result(code, error=None, text=b''):
    """A Result Code AVP of 8, 10 or 10 + n bytes."""
    value = struct.pack('!H', code)
    if error is not None:
        value += struct.pack('!H', error) + text
    return raw_avp(RESULT_CODE, value)


def control(tid, sid, ns, nr, body=b'', flags=CONTROL, length=None):
    """A control message; a field that the flags leave out is left out."""
    fields = struct.pack('!HH', tid, sid)
    if flags & S:
        fields += struct.pack('!HH', ns & 0xffff, nr & 0xffff)
    if flags & L:
        total = 4 + len(fields) + len(body)
        fields = struct.pack('!H', total if length is None else length) + fields
    return struct.pack('!H', flags) + fields + body


def data(tid, sid, frame, flags=0, ns=0, nr=0, offset=0, length=None):
    """A data message with the optional fields that `flags` names (§3.1)."""
    fields = struct.pack('!HH', tid, sid)
    if flags & S:
        fields += struct.pack('!HH', ns & 0xffff, nr & 0xffff)
    if flags & O:
        fields += struct.pack('!H', offset) + bytes(min(offset, 64))
    if flags & L:
        total = 4 + len(fields) + len(frame)
        fields = struct.pack('!H', total if length is None else length) + fields
    return struct.pack('!H', flags | 2) + fields + frame


# ---- in

class Avp:
    """One that came: its bits, and its value, unhidden where there was a secret."""

    def __init__(self, bits, vendor, attr, value):
        self.mandatory, self.hidden = bool(bits & M), bool(bits & H)
        self.reserved = bits & AVP_RESERVED
        self.vendor, self.attr, self.value = vendor, attr, value
        self.readable = not self.hidden

    def number(self):
        return int.from_bytes(self.value, 'big')

    def name(self):
        if self.vendor:
            return f'{self.vendor}/{self.attr}'
        return RULES[self.attr].name if self.attr in RULES else str(self.attr)


class Message:
    """A datagram taken apart; type None: a ZLB, or data."""

    def __init__(self, datagram, secret=None):
        if len(datagram) < 6:
            raise Malformed('shorter than a header')
        self.flags, = struct.unpack_from('!H', datagram)
        self.is_control = bool(self.flags & T)
        self.version = self.flags & 0xf
        self.size, self.length = len(datagram), None
        at = 2
        if self.flags & L:
            self.length, = struct.unpack_from('!H', datagram, at)
            at += 2
        self.tid, self.sid = struct.unpack_from('!HH', datagram, at)
        at += 4
        self.ns = self.nr = None
        if self.flags & S:
            if len(datagram) < at + 4:
                raise Malformed('shorter than its sequence numbers')
            self.ns, self.nr = struct.unpack_from('!HH', datagram, at)
            at += 4
        if self.flags & O:
            at += 2 + struct.unpack_from('!H', datagram, at)[0]
        self.body = datagram[at:self.length]
        self.avps = parse(self.body, secret) if self.is_control else []
        self.type = self.avps[0].number() if self.avps and self.avps[0].attr == MESSAGE_TYPE else None
        self.new = False  # set by who receives it: it was the next in order

    @property
    def is_zlb(self):
        return self.is_control and not self.body

    def find(self, attr, vendor=0):
        for item in self.avps:
            if (item.vendor, item.attr) == (vendor, attr):
                return item
        return None

    def get(self, attr):
        item = self.find(attr)
        return None if item is None else item.value

    def number(self, attr):
        item = self.find(attr)
        return None if item is None else item.number()

    def result(self):
        """(result, error, text) of a StopCCN or CDN; None for what is not there."""
        value = self.get(RESULT_CODE)
        if value is None or len(value) < 2:
            return None, None, ''
        code = int.from_bytes(value[:2], 'big')
        error = int.from_bytes(value[2:4], 'big') if len(value) >= 4 else None
        return code, error, value[4:].decode('utf-8', 'replace')

    def name(self):
        if not self.is_control:
            return 'data'
        return 'ZLB' if self.is_zlb else NAMES.get(self.type, f'type {self.type}')

    def __str__(self):
        text = f'{self.name()} tid={self.tid} sid={self.sid} ns={self.ns} nr={self.nr}'
        if not self.is_control:
            text += f' {self.body[:12].hex()}'
        if self.find(RESULT_CODE):
            text += ' result=%s error=%s "%s"' % self.result()
        return text


def parse(body, secret):
    """The AVPs of a message; each hidden one is undone with the closest Random Vector before it."""
    avps, at, vector = [], 0, None
    while at < len(body):
        if len(body) - at < 6:
            raise Malformed('bytes after the last AVP')
        bits, vendor, attr = struct.unpack_from('!HHH', body, at)
        length = bits & 0x3ff
        if length < 6 or at + length > len(body):
            raise Malformed(f'attribute {attr} has length {length}')
        item = Avp(bits, vendor, attr, body[at + 6:at + length])
        if item.hidden and secret and vector:
            plain = cipher(attr, item.value, secret, vector, False)
            inner = int.from_bytes(plain[:2], 'big')
            if inner > len(plain) - 2:
                raise Malformed(f'hidden attribute {attr} does not come out right')
            item.value, item.readable = plain[2:2 + inner], True
        if (vendor, attr) == (0, RANDOM_VECTOR):
            vector = item.value
        avps.append(item)
        at += length
    return avps

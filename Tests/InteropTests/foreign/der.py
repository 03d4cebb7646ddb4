"""DER by hand where a sample must be wrong; what is right is parsed again by asn1crypto."""

import datetime

from asn1crypto import core


def tlv(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def seq(*parts):
    return tlv(0x30, *parts)


def set_of(members, tag=0x31):
    return tlv(tag, *sorted(members))


def octets(content):
    return tlv(0x04, content)


def integer(value):
    return core.Integer(value).dump()


def oid(dotted):
    first, second, *rest = map(int, dotted.split("."))
    content = b""
    for arc in [first * 40 + second, *rest]:
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.insert(0, arc & 0x7F | 0x80)
        content += bytes(digits)
    return tlv(0x06, content)


def null():
    return b"\x05\x00"


def utc_time(text):
    return tlv(0x17, text[2:].encode()) if text < "2050" else tlv(0x18, text.encode())


def generalized_time(text):
    return tlv(0x18, text.encode())


def when(text):
    """`20261122100000Z` as a datetime without a zone, as cryptography takes it."""
    return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ")


def open_lengths(der):
    """The same structure with indefinite lengths wherever BER allows them, octet strings of some size in pieces."""
    tag = der[0]
    head, content = _split(der)
    if tag == 0x04 and len(content) > 40:
        half = len(content) // 2
        return b"\x24\x80" + tlv(0x04, content[:half]) + tlv(0x04, content[half:]) + b"\x00\x00"
    if not tag & 0x20:
        return der
    parts = []
    while content:
        size = _size(content)
        parts.append(content[:size])
        content = content[size:]
    return bytes([tag, 0x80]) + b"".join(parts) + b"\x00\x00"


def open_outside(der, depth):
    """`open_lengths` for the outermost levels only: what is signed stays DER."""
    if depth == 0 or not der[0] & 0x20:
        return der
    _, content = _split(der)
    parts = b""
    while content:
        size = _size(content)
        parts += open_outside(content[:size], depth - 1)
        content = content[size:]
    return bytes([der[0], 0x80]) + parts + b"\x00\x00"


def _split(der):
    first = der[1]
    if first < 0x80:
        return der[:2], der[2:]
    count = first & 0x7F
    return der[: 2 + count], der[2 + count :]


def _size(der):
    first = der[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    return 2 + count + int.from_bytes(der[2 : 2 + count], "big")

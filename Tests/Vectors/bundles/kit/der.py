"""DER (X.690) as a tree of named nodes, so that a case can change one of them before anything is signed over it."""

import re


class Node:
    """One element. `content` is bytes, or a list of nodes; `label` is its name in the vocabulary of the cases."""

    def __init__(self, tag, content, label=None, sort=False):
        self.tag = tag
        self.content = content
        self.label = label
        self.sort = sort
        self.raw = None
        self.length = "shortest"

    def encode(self):
        if self.raw is not None:
            return self.raw
        content = self.content
        if isinstance(content, list):
            parts = [child.encode() for child in content]
            content = b"".join(sorted(parts) if self.sort else parts)
        if self.length == "indefinite":
            return bytes([self.tag, 0x80]) + content + b"\0\0"
        return bytes([self.tag]) + length(len(content), self.length) + content

    def children(self):
        return self.content if isinstance(self.content, list) and self.raw is None else []

    def find(self, path):
        """The node of that path of labels and its parent; nodes without a label do not count as a step."""
        if not path:
            return self, None
        for child in self.children():
            if child.label == path[0]:
                node, parent = child.find(path[1:])
                if node is not None:
                    return node, parent or self
            if child.label is None:
                node, parent = child.find(path)
                if node is not None:
                    return node, parent or self
        return None, None


def length(size, form="shortest"):
    digits = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    if form == "long":
        return bytes([0x80 | (len(digits) + 1), 0]) + digits
    return bytes([size]) if size < 0x80 else bytes([0x80 | len(digits)]) + digits


def seq(*children, label=None):
    return Node(0x30, list(children), label)


def set_of(children, label=None, tag=0x31):
    return Node(tag, list(children), label, sort=True)


def explicit(number, *children, label=None):
    return Node(0xA0 | number, list(children), label)


def integer(value, label=None):
    size = (value.bit_length() // 8) + 1
    return Node(2, value.to_bytes(size, "big", signed=True), label)


def octets(content, label=None):
    return Node(4, content, label)


def bits(content, unused=0, label=None):
    return Node(3, bytes([unused]) + content, label)


def null():
    return Node(5, b"")


def boolean(value):
    return Node(1, b"\xff" if value else b"\0")


def utf8(text, label=None):
    return Node(12, text.encode(), label)


def printable(text):
    return Node(19, text.encode())


def oid(dotted, label=None):
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = b""
    for arc in [first * 40 + second, *rest]:
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.insert(0, 0x80 | arc & 0x7F)
        content += bytes(digits)
    return Node(6, content, label)


def raw(encoded, label=None):
    node = Node(0, b"", label)
    node.raw = encoded
    return node


def time(text, label=None, generalized=None):
    """UTCTime to 2049, GeneralizedTime after it (RFC 5280 §4.1.2.5), from `2026-11-22T10:00:00Z`."""
    digits = re.sub("[-:T]", "", text)
    if generalized is None:
        generalized = not "1950" <= digits[:4] <= "2049"
    return Node(24, digits.encode(), label) if generalized else Node(23, digits[2:].encode(), label)


class Edits:
    """The changes of a case to structures, each made once, as soon as what it names has been built."""

    def __init__(self):
        self.waiting = []

    def add(self, path, verb, arguments):
        self.waiting.append((path, verb, arguments))

    def apply(self, point, node):
        """Makes those changes that begin with `point`. What is signed later is signed as changed."""
        for edit in list(self.waiting):
            path, verb, arguments = edit
            if path == point or path.startswith(point + "."):
                change(node, path[len(point) + 1 :].split(".") if path != point else [], verb, arguments)
                self.waiting.remove(edit)
        return node

    def require_done(self):
        if self.waiting:
            raise ValueError(f"nothing is named {self.waiting[0][0]}")


def change(root, path, verb, arguments):
    node, parent = root.find(path)
    if node is None:
        raise ValueError(f"nothing is named {'.'.join(path)}")
    if verb == "drop":
        parent.content.remove(node)
    elif verb == "double":
        parent.content.insert(parent.content.index(node), node)
    elif verb == "before" or verb == "after":
        place = parent.content.index(node) + (verb == "after")
        parent.content.insert(place, raw(bytes.fromhex(arguments[0])))
    elif verb == "first" or verb == "last":
        node.content.insert(0 if verb == "first" else len(node.content), raw(bytes.fromhex(arguments[0])))
    elif verb == "hex":
        node.content = bytes.fromhex("".join(arguments))
    elif verb == "whole":
        node.raw = bytes.fromhex("".join(arguments))
    elif verb == "oid":
        node.content = oid(arguments[0]).content
    elif verb == "integer":
        node.content = integer(int(arguments[0])).content
    elif verb == "text":
        node.content = arguments[0].encode()
    elif verb == "tag":
        node.tag = int(arguments[0], 16)
    elif verb == "length":
        node.length = arguments[0]
    elif verb == "backwards":
        node.content = sorted(node.content, key=Node.encode, reverse=True)
        node.sort = False
    elif verb == "flip":
        encoded = node.content if isinstance(node.content, bytes) else b"".join(c.encode() for c in node.content)
        node.content = encoded[:-1] + bytes([encoded[-1] ^ 1])
    elif verb == "size":
        node.content = (node.content + bytes(int(arguments[0])))[: int(arguments[0])]
    elif verb == "null":
        node.content.append(null())
    elif verb == "nest":
        inner = b"\x04\x00"
        for _ in range(int(arguments[0])):
            inner = b"\x30" + length(len(inner)) + inner
        node.raw = inner
    else:
        raise ValueError(f"there is no change {verb}")

"""The ZIP profile of FORMAT.md section 2, record by record."""

import struct
import zlib

LOCAL = [
    ("signature", "I", 0x04034B50), ("needed", "H", 45), ("flags", "H", 0), ("method", "H", 0), ("time", "H", 0),
    ("date", "H", 0x21), ("crc", "I", 0), ("stored", "I", 0xFFFFFFFF), ("size", "I", 0xFFFFFFFF),
    ("nameLength", "H", None), ("extraLength", "H", None),
]  # fmt: skip
CENTRAL = [
    ("signature", "I", 0x02014B50), ("madeBy", "H", 0x032D), ("needed", "H", 45), ("flags", "H", 0), ("method", "H", 0),
    ("time", "H", 0), ("date", "H", 0x21), ("crc", "I", 0), ("stored", "I", 0xFFFFFFFF), ("size", "I", 0xFFFFFFFF),
    ("nameLength", "H", None), ("extraLength", "H", None), ("commentLength", "H", None), ("disk", "H", 0),
    ("internal", "H", 0), ("external", "I", 0o100644 << 16), ("offset", "I", 0xFFFFFFFF),
]  # fmt: skip
END64 = [
    ("signature", "I", 0x06064B50), ("length", "Q", 44), ("madeBy", "H", 0x032D), ("needed", "H", 45), ("disk", "I", 0),
    ("directoryDisk", "I", 0), ("countHere", "Q", None), ("count", "Q", None), ("directorySize", "Q", None),
    ("directoryOffset", "Q", None),
]  # fmt: skip
LOCATOR = [("signature", "I", 0x07064B50), ("disk", "I", 0), ("offset", "Q", None), ("disks", "I", 1)]
END = [
    ("signature", "I", 0x06054B50), ("disk", "H", 0), ("directoryDisk", "H", 0), ("countHere", "H", 0xFFFF),
    ("count", "H", 0xFFFF), ("directorySize", "I", 0xFFFFFFFF), ("directoryOffset", "I", 0xFFFFFFFF),
    ("commentLength", "H", None),
]  # fmt: skip


class Record:
    """Fields with their values; what a case sets wins over what is computed."""

    def __init__(self, fields):
        self.fields = fields
        self.forced = {}
        self.computed = {}

    def encode(self):
        values = [self.forced.get(n, self.computed.get(n, default)) for n, _, default in self.fields]
        return struct.pack("<" + "".join(kind for _, kind, _ in self.fields), *values)


class Entry:
    def __init__(self, name, content):
        self.name = self.first_name = name.encode() if isinstance(name, str) else name
        self.content = content
        self.local, self.central = Record(LOCAL), Record(CENTRAL)
        self.local_name = self.local_extra = self.central_extra = None
        self.comment = b""
        self.before = b""
        self.after = b""
        self.hidden = False
        self.stored = None
        self.size = len(content)
        self.offset_shift = 0
        self.plain = self.name == b"mimetype"


class Archive:
    """An archive in the making; `zip` lines of a case change it before it is written."""

    def __init__(self, entries):
        self.entries = [Entry(name, content) for name, content in entries]
        self.end64, self.locator, self.end = Record(END64), Record(LOCATOR), Record(END)
        self.prefix = self.suffix = self.comment = b""
        self.directory_order = None
        self.without = set()
        self.cut = 0
        self.instead = None
        self.directory_padding = 0

    def entry(self, name):
        return next(e for e in self.entries if e.first_name == name.encode())

    def encode(self):
        if self.instead is not None:
            return self.instead
        parts, position, central = [], 0, []
        for entry in self.entries:
            parts.append(entry.before)
            position += len(entry.before)
            offset = position + entry.offset_shift
            stored = entry.content if entry.stored is None else entry.stored
            crc = zlib.crc32(entry.content)
            narrow = entry.plain
            sizes = struct.pack("<HHQQ", 1, 16, entry.size, len(stored))
            extra = (b"" if narrow else sizes) if entry.local_extra is None else entry.local_extra
            name = entry.name if entry.local_name is None else entry.local_name
            wide = struct.pack("<HHQQQ", 1, 24, entry.size, len(stored), offset)
            more = (b"" if narrow else wide) if entry.central_extra is None else entry.central_extra
            for record, field in [(entry.local, extra), (entry.central, more)]:
                record.computed = {"crc": crc, "nameLength": len(name), "extraLength": len(field)}
                if narrow:
                    record.computed |= {"needed": 10, "stored": len(stored), "size": entry.size}
            entry.central.computed |= {"nameLength": len(entry.name), "commentLength": len(entry.comment)}
            if narrow:
                entry.central.computed["offset"] = offset
            block = entry.local.encode() + name + extra + stored + entry.after
            if not entry.hidden:
                central.append(entry.central.encode() + entry.name + more + entry.comment)
            parts.append(block)
            position += len(block)
        if self.directory_order:
            central = [central[i] for i in self.directory_order]
        directory = b"".join(central) + bytes(self.directory_padding)
        self.end64.computed = {
            "countHere": len(central),
            "count": len(central),
            "directorySize": len(directory),
            "directoryOffset": position,
        }
        self.locator.computed = {"offset": position + len(directory)}
        self.end.computed = {"commentLength": len(self.comment)}
        if "end64" in self.without:
            self.end.computed |= {
                "countHere": len(central),
                "count": len(central),
                "directorySize": len(directory),
                "directoryOffset": position,
            }
        whole = self.prefix + b"".join(parts) + directory
        for name, record in [("end64", self.end64), ("locator", self.locator), ("end", self.end)]:
            if name not in self.without:
                whole += record.encode()
        whole += self.comment + self.suffix
        return whole[: len(whole) - self.cut]

    def change(self, words):
        """One `zip` line, without that word and the container."""
        verb, *rest = words
        if verb in ("local", "central"):
            name, field, value = rest
            record = getattr(self.entry(name), verb)
            known(record, field)
            record.forced[field] = int(value, 0)
        elif verb in ("end64", "locator", "end"):
            known(getattr(self, verb), rest[0])
            getattr(self, verb).forced[rest[0]] = int(rest[1], 0)
        elif verb == "without":
            self.without |= set(rest)
        elif verb in ("prefix", "suffix", "comment", "instead"):
            setattr(self, verb, quoted(rest[0]))
        elif verb in ("before", "entry-comment"):
            setattr(self.entry(rest[0]), {"entry-comment": "comment"}.get(verb, verb), quoted(rest[1]))
        elif verb == "cut":
            self.cut = int(rest[0])
        elif verb == "add":
            self.entries.insert(self.entries.index(self.entry(rest[2])) + 1, Entry(quoted(rest[0]), quoted(rest[1])))
        elif verb == "remove":
            self.entries.remove(self.entry(rest[0]))
        elif verb == "rename":
            self.entry(rest[0]).name = quoted(rest[1])
        elif verb == "move":
            entry = self.entry(rest[0])
            self.entries.remove(entry)
            self.entries.insert(int(rest[1]), entry)
        elif verb == "local-name":
            self.entry(rest[0]).local_name = quoted(rest[1])
        elif verb == "local-extra":
            self.entry(rest[0]).local_extra = quoted(rest[1])
        elif verb == "central-extra":
            self.entry(rest[0]).central_extra = quoted(rest[1])
        elif verb == "hide":
            self.entry(rest[0]).hidden = True
        elif verb == "shift":
            self.entry(rest[0]).offset_shift = int(rest[1])
        elif verb == "plain":
            self.entry(rest[0]).plain = True
        elif verb == "wide":
            self.entry(rest[0]).plain = False
        elif verb == "deflate":
            entry = self.entry(rest[0])
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            entry.stored = packer.compress(entry.content) + packer.flush()
            entry.local.forced["method"] = entry.central.forced["method"] = 8
        elif verb == "descriptor":
            entry = self.entry(rest[0])
            entry.after = struct.pack("<IIQQ", 0x08074B50, zlib.crc32(entry.content), entry.size, entry.size)
            entry.local.forced["flags"] = entry.central.forced["flags"] = 8
        elif verb == "declared":
            self.entry(rest[0]).size = int(rest[1])
        elif verb == "directory-padding":
            self.directory_padding = int(rest[0])
        elif verb == "directory-backwards":
            self.directory_order = list(range(len(self.entries)))[::-1]
        else:
            raise ValueError(f"there is no zip change {verb}")


def known(record, field):
    if field not in [name for name, _, _ in record.fields]:
        raise ValueError(f"no field {field}")


def quoted(text):
    """Bytes as cases write them: `hex:…`, or text with Python's escapes."""
    if text.startswith("hex:"):
        return bytes.fromhex(text[4:])
    return text.encode().decode("unicode_escape").encode("latin-1") if "\\" in text else text.encode()

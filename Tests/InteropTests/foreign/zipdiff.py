"""ZIP archives that programs read differently, and what some of them make of each.

Class A: fields that are there twice and disagree. Class B: names. Class C: structure.
"""

import binascii
import hashlib
import os
import shutil
import struct
import subprocess
import zipfile
import zlib


class Entry:
    def __init__(self, name, data=b"content", method=0, **more):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data = data
        self.method = method
        self.flags = 0x0800 if not self.name.isascii() else 0
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.body = compressor.compress(data) + compressor.flush() if method == 8 else data
        self.local = {}
        self.central = {}
        self.descriptor = b""
        self.after = b""
        self.attributes = 0o100644 << 16
        self.hidden = False
        self.reuse = None
        for key, value in more.items():
            setattr(self, key, value)

    def fields(self, over):
        given = {"flags": self.flags, "method": self.method, "crc": binascii.crc32(self.data),
                 "stored": len(self.body), "size": len(self.data), "name": self.name, "extra": b"", **over}
        return struct.pack("<HHHHHIIIHH", 20, given["flags"], given["method"], 0, 0x5D74, given["crc"],
                           given["stored"], given["size"], len(given["name"]), len(given["extra"])), given

    def head(self):
        fixed, given = self.fields(self.local)
        return b"PK\x03\x04" + fixed + given["name"] + given["extra"]

    def directory(self, offset):
        fixed, given = self.fields(self.central)
        return (b"PK\x01\x02" + struct.pack("<H", 0x0314) + fixed
                + struct.pack("<HHHII", 0, given.get("disk", 0), 0, self.attributes, given.get("offset", offset))
                + given["name"] + given["extra"])


def archive(entries, prefix=b"", suffix=b"", comment=b"", gap=b"", shift=0, zip64=None, **end):
    out = prefix
    places = []
    for entry in entries:
        if entry.reuse is not None:
            places.append(places[entry.reuse])
            continue
        places.append(len(out) - shift)
        out += entry.head() + entry.body + entry.descriptor + entry.after
    out += gap
    start = len(out)
    listed = [(entry, place) for entry, place in zip(entries, places) if not entry.hidden]
    for entry, place in listed:
        out += entry.directory(place)
    given = {"count": len(listed), "here": len(listed), "size": len(out) - start, "offset": start - shift, "disk": 0,
             **end}
    if zip64 is not None:
        wide = {"count": len(listed), "size": len(out) - start, "offset": start, "at": len(out), **zip64}
        out += struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, wide["count"], wide["count"], wide["size"],
                           wide["offset"])
        out += struct.pack("<4sIQI", b"PK\x06\x07", 0, wide["at"], 1)
    out += struct.pack("<4sHHHHIIH", b"PK\x05\x06", given["disk"], given["disk"], given["here"], given["count"],
                       given["size"], given["offset"], len(comment))
    return out + comment + suffix


def unicode_path(name, real):
    body = b"\x01" + struct.pack("<I", binascii.crc32(real)) + name
    return struct.pack("<HH", 0x7075, len(body)) + body


def descriptor(entry, **over):
    given = {"crc": binascii.crc32(entry.data), "stored": len(entry.body), "size": len(entry.data), **over}
    return b"PK\x07\x08" + struct.pack("<III", given["crc"], given["stored"], given["size"])


def streamed(name="a.txt", data=b"content " * 20, **over):
    entry = Entry(name, data, 8, flags=8, local={"crc": 0, "stored": 0, "size": 0})
    entry.descriptor = descriptor(entry, **over)
    return entry


def cases():
    stamp = Entry("META-INF/timestamp.tst", b"0")

    def of(*entries, **more):
        return archive([*entries, stamp], **more)

    a, b = Entry("a.txt"), Entry("b.txt", b"other content")
    compressed = Entry("a.txt", b"content " * 20, 8)
    wide = struct.pack("<HHQQ", 1, 16, 7, 7)
    inner = of(Entry("a.txt", b"in the comment"))
    whole = of(a, b)

    yield "good-stored", "", of(a, b)
    yield "good-deflated", "", of(compressed, b)
    yield "good-descriptor", "", of(streamed(), b)
    yield "good-extra", "", of(Entry("a.txt", local={"extra": struct.pack("<HHBI", 0x5455, 5, 1, 1)}), b)
    yield "good-unicode", "", of(Entry("Отчёт.txt"), b)

    # A: what is there twice disagrees.
    yield "a-method", "zip.local_mismatch", of(Entry("a.txt", b"content " * 20, 8, local={"method": 0}), b)
    yield "a-method-central", "zip.local_mismatch", of(Entry("a.txt", b"content " * 20, 8, central={
        "method": 0, "stored": len(compressed.body), "size": len(compressed.body)}), b)
    yield "a-stored-size", "zip.local_mismatch", of(Entry("a.txt", local={"stored": 5, "size": 5}), b)
    yield "a-size", "zip.local_mismatch", of(Entry("a.txt", b"content " * 20, 8, local={"size": 40}), b)
    yield "a-crc", "zip.local_mismatch", of(Entry("a.txt", local={"crc": 1}), b)
    yield "a-name", "zip.local_mismatch", of(Entry("a.txt", local={"name": b"c.txt"}), b)
    yield "a-name-length", "zip.local_mismatch", of(Entry("a.txt", local={"name": b"a.txt.exe"}), b)
    yield "a-flags", "zip.local_mismatch", of(Entry("a.txt", local={"flags": 8}), b)
    yield "a-encrypted-flag", "zip.local_mismatch", of(Entry("a.txt", local={"flags": 1}), b)
    yield "a-descriptor-size", "zip.local_mismatch", of(streamed(size=1), b)
    yield "a-descriptor-crc", "zip.local_mismatch", of(streamed(crc=1), b)
    yield "a-descriptor-missing", "zip.data_descriptor", of(Entry("a.txt", b"content " * 20, 8, flags=8), b)
    yield "a-descriptor-stored", "zip.data_descriptor", of(
        Entry("a.txt", flags=8, local={"crc": 0, "stored": 0, "size": 0}, descriptor=descriptor(a)), b)
    yield "a-wide-beside-narrow", "zip.zip64_mismatch", of(Entry("a.txt", local={"extra": wide}), b)
    yield "a-wide-other", "zip.zip64_mismatch", of(Entry("a.txt", central={
        "extra": struct.pack("<HHQQ", 1, 16, 3, 3)}), b)
    yield "a-wide-twice", "zip.zip64_mismatch", of(Entry("a.txt", central={
        "stored": 0xFFFFFFFF, "size": 0xFFFFFFFF, "extra": wide + struct.pack("<HHQQ", 1, 16, 3, 3)}), b)
    yield "a-stored-two-sizes", "zip.bad_size", of(Entry("a.txt", local={"size": 5}, central={"size": 5}), b)
    yield "a-stream-longer", "zip.deflate", of(Entry("a.txt", b"content " * 20, 8, local={"size": 100},
                                                     central={"size": 100}), b)
    yield "a-stream-shorter", "zip.deflate", of(Entry("a.txt", b"content " * 20, 8, local={"size": 999},
                                                      central={"size": 999}), b)
    more = Entry("a.txt", b"content " * 20, 8)
    more.body += b"behind the stream"
    yield "a-stream-ends-early", "zip.deflate", of(more, b)
    cut = Entry("a.txt", b"content " * 20, 8)
    cut.body = cut.body[:-2]
    yield "a-stream-cut", "zip.deflate", of(cut, b)
    yield "a-crc-of-content", "zip.crc_mismatch", of(Entry("a.txt", local={"crc": 7}, central={"crc": 7}), b)

    # B: names.
    for name, code, written in [
        ("codepage", "zip.name_encoding", "Отчёт.txt".encode("cp866")), ("utf8-unflagged", "zip.name_encoding",
                                                                         "Отчёт.txt".encode()),
        ("nul", "zip.name_control", b"a.txt\x00.exe"), ("newline", "zip.name_control", b"a\n.txt"),
        ("backslash", "zip.name_backslash", b"x\\a.txt"), ("absolute", "zip.name_absolute", b"/a.txt"),
        ("above", "zip.name_dot_segment", b"../a.txt"), ("above-inside", "zip.name_dot_segment", b"x/../../a.txt"),
        ("here", "zip.name_dot_segment", b"./a.txt"), ("empty", "zip.name_empty_segment", b""),
        ("empty-segment", "zip.name_empty_segment", b"x//a.txt"), ("drive", "zip.name_drive", b"C:a.txt"),
        ("trailing-dot", "zip.name_trailing_dot", b"a.txt."), ("trailing-space", "zip.name_trailing_dot", b"a.txt "),
    ]:
        entry = Entry(written, flags=0)
        yield "b-" + name, code, of(entry, b)
    turned = Entry("a\u202egpj.exe")
    yield "b-direction", "zip.name_control", of(turned, b)
    invalid = Entry(b"a\xff.txt", flags=0x0800)
    yield "b-invalid-utf8", "zip.name_encoding", of(invalid, b)
    yield "b-unicode-path", "zip.extra_field", of(Entry("a.txt", local={"extra": unicode_path(b"c.txt", b"a.txt")},
                                                        central={"extra": unicode_path(b"c.txt", b"a.txt")}), b)
    yield "b-unicode-path-central", "zip.extra_field", of(
        Entry("a.txt", central={"extra": unicode_path(b"c.txt", b"a.txt")}), b)
    yield "b-twice", "zip.duplicate_name", of(a, Entry("a.txt", b"the other"))
    yield "b-case", "zip.duplicate_name", of(a, Entry("A.TXT", b"the other"))
    yield "b-composed", "zip.duplicate_name", of(Entry("\u00e9.txt"), Entry("e\u0301.txt", b"the other"))
    yield "b-file-and-directory", "zip.duplicate_name", of(Entry("a"), Entry("a/b.txt"))
    yield "b-directory-with-content", "zip.directory_entry", of(Entry("a.txt/", attributes=0o040755 << 16 | 0x10), b)
    yield "b-directory-by-attribute", "zip.directory_entry", of(Entry("a.txt", attributes=0o100644 << 16 | 0x10), b)
    yield "b-directory-by-mode", "zip.directory_entry", of(Entry("a.txt", attributes=0o040755 << 16), b)
    yield "b-link", "zip.symlink", of(Entry("a.txt", b"/etc/hostname", attributes=0o120777 << 16), b)
    yield "b-device", "zip.special_file", of(Entry("a.txt", attributes=0o060644 << 16), b)

    # C: structure.
    yield "c-end-in-comment", "zip.several_ends", of(a, b, comment=inner)
    yield "c-end-record-in-comment", "zip.several_ends", of(a, b, comment=struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0, 0, 0, 0, 0))
    yield "c-half-record-in-comment", "zip.comment", of(a, b, comment=b"PK\x05\x06")
    yield "c-comment-shorter", "zip.trailing_bytes", of(a, b, suffix=b"text")
    yield "c-comment-longer", "zip.truncated", of(a, b, comment=b"text")[:-2]
    yield "c-prefix", "zip.prefix_bytes", of(a, b, prefix=b"MZ program", shift=10)
    yield "c-prefix-counted", "zip.prefix_bytes", of(a, b, prefix=b"MZ program")
    yield "c-two-archives", "zip.prefix_bytes", inner + of(a, b, shift=0)
    yield "c-count-smaller", "zip.bad_count", of(a, b, count=2, here=2)
    yield "c-count-larger", "zip.bad_count", of(a, b, count=4, here=4)
    yield "c-counts-differ", "zip.bad_count", of(a, b, here=2)
    yield "c-directory-size", "zip.bad_size", of(a, b, size=51)
    yield "c-directory-offset", "zip.bad_offset", of(a, b, offset=3)
    yield "c-hidden-entry", "zip.gap", of(a, Entry("b.txt", b"not listed", hidden=True))
    yield "c-hidden-first", "zip.prefix_bytes", of(Entry("b.txt", b"not listed", hidden=True), a)
    yield "c-gap", "zip.gap", of(Entry("a.txt", after=b"nothing"), b)
    yield "c-gap-before-directory", "zip.gap", of(a, b, gap=b"nothing")
    yield "c-shared-content", "zip.overlap", of(a, Entry("b.txt", b"content", reuse=0))
    yield "c-overlap", "zip.overlap", of(Entry("a.txt", local={"stored": 20, "size": 20},
                                               central={"stored": 20, "size": 20}), b)
    yield "c-offset-elsewhere", "zip.bad_offset", of(a, Entry("b.txt", b"other content", central={"offset": 3}))
    yield "c-disk", "zip.multi_disk", of(Entry("a.txt", central={"disk": 1}), b)
    yield "c-end-disk", "zip.multi_disk", of(a, b, disk=1)
    yield "c-wide-count", "zip.zip64_mismatch", of(a, b, zip64={"count": 2})
    yield "c-wide-offset", "zip.zip64_mismatch", of(a, b, zip64={"offset": 0})
    yield "c-wide-elsewhere", "zip.zip64_mismatch", of(a, b, zip64={"at": 0})
    yield "c-encrypted", "zip.encrypted", of(Entry("a.txt", flags=1), b)
    yield "c-patched", "zip.flags", of(Entry("a.txt", flags=0x20), b)
    for name, method in [("deflate64", 9), ("bzip2", 12), ("lzma", 14), ("implode", 6)]:
        yield "c-" + name, "zip.method", of(Entry("a.txt", local={"method": method}, central={"method": method}), b)
    yield "c-extra-unknown", "zip.extra_field", of(Entry("a.txt", central={"extra": struct.pack("<HH", 0x4690, 0)}), b)
    yield "c-extra-cut", "zip.extra_field", of(Entry("a.txt", central={"extra": struct.pack("<HH", 0x5455, 40)}), b)
    yield "c-entry-in-directory", "zip.bad_directory", whole[:-22].replace(b"PK\x01\x02", b"PK\x01\x03", 1) + whole[-22:]


def digest(content):
    return hashlib.sha256(content).hexdigest()[:12]


def by_python(path, _):
    seen = {}
    with zipfile.ZipFile(path) as opened:
        for info in opened.infolist():
            seen[info.filename] = digest(opened.read(info))
    return seen


def extracted(words, folder):
    os.makedirs(folder)
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    seen = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            if os.path.islink(path):
                seen[os.path.relpath(path, folder)] = "link"
                continue
            os.chmod(path, 0o600)
            with open(path, "rb") as file:
                seen[os.path.relpath(path, folder)] = digest(file.read())
    shutil.rmtree(folder)
    if done.returncode != 0:
        seen[""] = f"exit {done.returncode}"
    return seen


def by_unzip(path, folder):
    return extracted(["unzip", "-qq", "-o", "-d", folder, path], folder)


def by_bsdtar(path, folder):
    return extracted(["bsdtar", "-x", "-f", path, "-C", folder], folder)


def view(read, path, folder):
    try:
        return read(path, folder)
    except Exception as error:
        return {"": type(error).__name__}


def make(folder, table):
    """One line an archive: name, code, whether the three agree, and each one's view."""
    os.makedirs(folder)
    with open(table, "w") as lines:
        for name, code, content in cases():
            path = os.path.join(folder, name + ".zip")
            with open(path, "wb") as file:
                file.write(content)
            views = [view(read, path, os.path.join(folder, "x")) for read in (by_unzip, by_python, by_bsdtar)]
            agree = "agree" if views[0] == views[1] == views[2] and "" not in views[0] else "differ"
            print(name, code or "-", agree, *[repr(sorted(one.items())) for one in views], sep="\t", file=lines)

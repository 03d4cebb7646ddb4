"""One bundle from nothing: the signed container, its encryption, the seal. A second implementation of FORMAT.md."""

import copy
import functools
import hashlib
import os
import re

from . import documents, sealing, signing
from .signing import Carried, Signer, Stamp
from .zipform import Archive, quoted

MIMETYPE = b"application/vnd.etsi.asic-e+zip"
SIGNED_AT, SEALED_AT = "2026-11-22T10:00:00Z", "2026-11-22T10:05:00Z"
STAMPED_AT, SEAL_STAMPED_AT = "2026-11-22T10:00:05Z", "2026-11-22T10:05:05Z"


@functools.cache
def read_folder(path):
    """Name and content of every file below a folder but `case`; `NAME.repeat` is a count and a text to repeat."""
    found = {}
    for folder, _, names in os.walk(path):
        for name in names:
            full = os.path.join(folder, name)
            place = os.path.relpath(full, path)
            with open(full, "rb") as file:
                content = file.read()
            if name.endswith(".repeat"):
                count, _, text = content.partition(b"\n")
                place, content = place.removesuffix(".repeat"), text * int(count)
            if name != "case":
                found[place] = content
    return found


class Renewal:
    """One renewal: what digests its manifest has, and the timestamp over it."""

    def __init__(self, name, when):
        self.digest = "sha512"
        self.stamp = Stamp(name, when)
        self.stamp.imprint = "sha512"
        # What proves the authority's path later.
        self.stamp.carried.lists = ["tsa-issuing", "root"]

    def set(self, name, value):
        if name == "digest":
            self.digest = value
        elif name == "tsa":
            self.stamp.signer.certificate = self.stamp.signer.key = self.stamp.signer.names = value
            self.stamp.carried.certificates = [value, "tsa-issuing"]
        elif name in ("certificates", "lists", "answers"):
            setattr(self.stamp.carried, name, [v for v in value.split(",") if v])
        elif name in ("imprint", "over"):
            setattr(self.stamp, name, value)
        else:
            raise ValueError(f"a renewal has no setting {name}")


class Bundle:
    """A bundle in the making."""

    def __init__(self, seed, folders, house, edits):
        self.seed = seed
        self.house = house
        self.edits = edits
        self.files = {}
        for folder in folders:
            self.files |= read_folder(folder)
        self.changes = []
        self.late_changes = []
        self.zip_changes = {"sealed": [], "signed": []}
        self.signers = [
            Signer("officer", "kz-officer", SIGNED_AT, STAMPED_AT),
            Signer("approver", "kz-approver", SIGNED_AT, STAMPED_AT),
        ]
        self.sealers = [Signer("sealer", "kz-seal", SEALED_AT, SEAL_STAMPED_AT)]
        self.recipients = ["kg-gateway", "kg-gateway-rsa"]
        self.carried = {
            "release": Carried(["kz-officer", "kz-approver", "kz-issuing"]),
            "seal": Carried(["kz-seal", "kz-issuing"]),
        }
        self.renewals = {"sealed": [], "signed": []}
        self.bundle_key = self.random("bundle key")
        self.part_key = None
        self.part_size = None
        self.part_count = None
        self.part_order = None
        self.header_size = 0
        self.oaep = "sha256"
        self.other = None
        self.inner = self.outer = None

    def random(self, label):
        return hashlib.sha256(f"{self.seed} {label}".encode()).digest()

    # ---- documents

    def value(self, word, argument):
        if word == "size":
            return str(len(self.object(argument))).encode()
        if word == "sha256":
            return hashlib.sha256(self.object(argument)).hexdigest().encode()
        if word == "certificate":
            return hashlib.sha256(self.house.certificate(argument)).hexdigest().encode()
        if word == "contentSize":
            return str(len(self.container)).encode()
        if word == "contentDigest":
            return self.content_digest.encode()
        if word == "random":
            return self.random(argument).hex().encode()
        if word == "repeat":
            count, _, text = argument.partition("*")
            return quoted(text) * int(count)
        raise ValueError(f"nothing fills @{word}@")

    def object(self, name):
        """A file of the evidence or a document, as changed before anything is signed."""
        return self.changed("signed/" + name, self.files[name])

    def changed(self, place, content, late=False):
        for where, verb, *arguments in self.late_changes if late else self.changes:
            if where == place:
                content = self.change(content, verb, arguments, place)
        return content

    def change(self, content, verb, arguments, place):
        if verb == "replace":
            before, after = quoted(arguments[0]), quoted(arguments[1])
            # A mark in the new text is filled at once where the text itself is not a template any more.
            after = documents.filled(after, self.value) if b"@repeat" in after else after
            if before not in content:
                raise ValueError(f"{place} does not hold {arguments[0]}")
            return content.replace(before, after, 1)
        if verb == "other-digest":
            # The digest of that entry is one of other bytes; it stays as long as it was.
            start = content.index(b"<ds:DigestValue>", content.index(b'URI="' + arguments[0].encode())) + 16
            end = content.index(b"<", start)
            return content[:start] + b"A" * 10 + content[start + 10 : end] + content[end:]
        if verb == "cut-between":
            start = content.index(quoted(arguments[0]))
            end = content.index(quoted(arguments[1]), start) + len(quoted(arguments[1]))
            return content[:start] + quoted(arguments[2]) + content[end:]
        if verb == "append":
            return content + quoted(arguments[0])
        if verb == "prepend":
            return quoted(arguments[0]) + content
        if verb == "content":
            return documents.filled(quoted(arguments[0]), self.value)
        if verb == "cut":
            return content[: -int(arguments[0])]
        if verb == "flip":
            position = int(arguments[0])
            changed = bytearray(content)
            changed[position] ^= 1
            return bytes(changed)
        if verb == "grow":
            return content + b" " * int(arguments[0])
        if verb == "other":
            return self.other_object(place)
        raise ValueError(f"there is no change {verb}")

    def other_object(self, place):
        """The same entry of the other bundle."""
        container, _, name = place.partition("/")
        self.other.build()
        entries = self.other.outer if container == "sealed" else self.other.inner
        return dict(entries)[name]

    # ---- containers

    def build(self):
        """Makes both containers; `container` and `sealed` are their bytes."""
        if self.inner is None:
            self.make_signed()
            self.make_sealed()

    def make_signed(self):
        names = sorted(n for n in self.files if re.match("(documents|evidence)/", n))
        manifest = documents.filled(self.changed("signed/manifest.xml", self.files["manifest.xml"]), self.value)
        try:
            statement, types = documents.canonical_json(manifest), documents.media_types(manifest)
        except Exception:
            # The case has made it unreadable; what a reader would see next is that of the good bundle.
            good = documents.filled(self.files["manifest.xml"], self.value)
            statement, types = documents.canonical_json(good), documents.media_types(good)
        entries = [("manifest.xml", manifest), ("manifest.json", self.changed("signed/manifest.json", statement))]
        entries += [(name, self.object(name)) for name in names]
        self.inner = self.signed("signed", "release", entries, types, self.signers)
        self.container = self.archive("signed", self.inner)
        self.content_digest = hashlib.sha256(dict(self.inner)["META-INF/ASiCManifest.xml"]).hexdigest()

    def make_sealed(self):
        header = documents.filled(self.changed("sealed/exchange.xml", self.files["exchange.xml"]), self.value)
        identifier = re.search(rb"<bundle>urn:uuid:([0-9a-f-]{36})<", header) or re.search(
            rb"<bundle>urn:uuid:([0-9a-f-]{36})<", self.files["exchange.xml"]
        )
        identifier = bytes.fromhex(identifier.group(1).decode().replace("-", ""))
        size = self.part_size or int(re.search(rb"<partSize>([0-9]+)<", self.files["exchange.xml"]).group(1))
        pieces = [self.container[i : i + size] for i in range(0, len(self.container), size)]
        if self.part_count:
            pieces = (pieces + [b"x"] * self.part_count)[: self.part_count]
        key = sealing.key_object(self.bundle_key, self.recipients, self.random, self.house, self.edits, self.oaep)
        entries = [("exchange.xml", header), ("key.p7m", self.changed("sealed/key.p7m", key))]
        for number, piece in enumerate(pieces, 1):
            name = f"parts/{number:05}.p7m"
            part = sealing.part(number, piece, identifier, self.bundle_key, self.random, self.edits, self.part_key)
            entries.append((name, self.changed("sealed/" + name, part)))
        if self.part_order:
            parts = [content for _, content in entries[2:]]
            entries[2:] = [(name, parts[i - 1]) for (name, _), i in zip(entries[2:], self.part_order)]
        self.outer = self.signed("sealed", "seal", entries, {}, self.sealers)
        self.sealed = self.archive("sealed", self.outer)

    def signed(self, place, name, entries, types, signers):
        """The entries with their manifest and the signature over it."""
        listed = documents.asic_manifest(entries, types)
        listed = documents.filled(self.changed(place + "/META-INF/ASiCManifest.xml", listed), self.value)
        for signer in signers:
            if signer.over == "other":
                signer.over = self.other_object(place + "/META-INF/ASiCManifest.xml")
            if signer.timestamp and signer.timestamp.over == "other":
                signer.timestamp.over = b"another signature"
        signature = signing.signed_data(
            name, 1, signing.DATA, listed, False, signers, self.carried[name], self.house, self.edits
        ).encode()
        signature = self.changed(place + "/META-INF/signature.p7s", signature)
        entries = [*entries, ("META-INF/ASiCManifest.xml", listed), ("META-INF/signature.p7s", signature)]
        entries = [(n, self.changed(f"{place}/{n}", content, late=True)) for n, content in entries]
        entries += self.renewed(place, entries, types)
        return [("mimetype", self.changed(place + "/mimetype", MIMETYPE)), *entries]

    def renewed(self, place, entries, types):
        """The entries of the renewals (EN 319 162-1 A.7): for each an archive manifest and the token over it."""
        added = []
        for number, renewal in enumerate(self.renewals[place], 1):
            newest = number == len(self.renewals[place])
            name = f"META-INF/ASiCArchiveManifest{'' if newest else f'{number:03}'}.xml"
            token = f"META-INF/timestamp{number:03}.tst"
            before = f"META-INF/ASiCArchiveManifest{number - 1:03}.xml"
            listed = documents.asic_manifest(entries + added, types, token, renewal.digest, before)
            listed = documents.filled(self.changed(f"{place}/{name}", listed), self.value)
            over = b"another manifest" if renewal.stamp.over == "other" else listed
            stamped = signing.timestamp_token(renewal.stamp, over, self.house, self.edits).encode()
            stamped = self.changed(f"{place}/{token}", stamped)
            added += [
                (name, self.changed(f"{place}/{name}", listed, late=True)),
                (token, self.changed(f"{place}/{token}", stamped, late=True)),
            ]
        return added

    def renew(self, place, when, *settings):
        """A line `renew CONTAINER TIME NAME=VALUE…`."""
        renewal = Renewal(f"renewal.{len(self.renewals[place]) + 1}", when)
        for name, value in (setting.split("=", 1) for setting in settings):
            renewal.set(name, value)
        self.renewals[place].append(renewal)

    def archive(self, place, entries):
        archive = Archive(entries)
        for words in self.zip_changes[place]:
            archive.change(words)
        return archive.encode()

    # ---- the lines of a case

    def setting(self, name, values):
        """A line `use NAME VALUES`."""
        owner, _, rest = name.partition(".")
        value = values[0] if values else None
        if name == "key.recipients":
            self.recipients = list(values)
        elif name == "key.oaep":
            self.oaep = value
        elif owner in self.carried and rest in ("certificates", "lists", "answers"):
            setattr(self.carried[owner], rest, list(values))
        elif name == "parts.key":
            self.part_key = hashlib.sha256(value.encode()).digest()
        elif name == "parts.size":
            self.part_size = int(value)
        elif name == "parts.count":
            self.part_count = int(value)
        elif name == "parts.order":
            self.part_order = [int(v) for v in values]
        elif name == "release.signers":
            known = {s.name: s for s in self.signers}
            self.signers = [known.get(v) or self.further(v) for v in values]
        elif name == "seal.signers":
            self.sealers = [s for s in self.sealers if s.name in values] + [
                self.further(v) for v in values if v not in [s.name for s in self.sealers]
            ]
        else:
            self.signer_setting(owner, rest, value)

    def further(self, name):
        """A signer beside those of the good bundle, named like its certificate."""
        return Signer(name, name, SIGNED_AT, STAMPED_AT)

    def signer_setting(self, owner, rest, value):
        signer = next((s for s in self.signers + self.sealers if s.name == owner), None)
        if signer is None:
            raise ValueError(f"nobody is named {owner}")
        target = signer
        if rest == "timestamp":
            signer.timestamp = None if value == "none" else copy.deepcopy(self.signers[0].timestamp)
            return
        if rest.startswith("timestamp."):
            target, rest = signer.timestamp, rest.removeprefix("timestamp.")
        if rest.startswith("signer."):
            target, rest = target.signer, rest.removeprefix("signer.")
        if rest in ("certificates", "lists", "answers"):
            setattr(target.carried, rest, value.split(","))
            return
        if not hasattr(target, rest):
            raise ValueError(f"{owner} has no setting {rest}")
        if rest == "certificate":
            target.certificate = target.key = target.names = value
        elif rest == "extra":
            target.extra = value.split(",")
        elif rest == "salt":
            target.salt = int(value)
        elif rest == "time" and value == "none":
            target.time = None
        else:
            setattr(target, rest, value)

"""Cases: their text files, and how each line changes the good bundle."""

import os
import shlex

from .bundle import Bundle
from .der import Edits
from .pki import Authorities

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NOT_CHECKED = {"revocation.not_available", "revocation.stale", "revocation.after_expiry"}
NOW = "2026-11-22T12:00:00Z"


class Case:
    """One folder below `cases`."""

    def __init__(self, name):
        self.name = name
        self.folder = os.path.join(ROOT, "cases", name)
        self.fields = {"kind": "sealed", "recipient": "kg-gateway", "at": NOW}
        self.changes = []
        with open(os.path.join(self.folder, "case"), encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                line = line.rstrip("\n")
                if not line or line.startswith("#"):
                    continue
                word, separator, rest = line.partition(": ")
                if not separator or word not in ("expect", "check", "about", "kind", "recipient", "at", "change"):
                    raise ValueError(f"{name}/case:{number}: {line}")
                if word == "change":
                    self.changes.append(shlex.split(rest))
                else:
                    self.fields[word] = rest
        missing = {"expect", "check", "about"} - set(self.fields)
        if missing:
            raise ValueError(f"{name}/case lacks {' and '.join(sorted(missing))}")

    @property
    def expect(self):
        return self.fields["expect"]

    @property
    def outcome(self):
        if self.expect == "passed":
            return "passed"
        return "not checked" if self.expect in NOT_CHECKED else "failed"

    @property
    def needs_own_house(self):
        changed = [c[1:] if c[0] == "other" else c for c in self.changes]
        return any(
            c[0] in ("certificate", "certificates", "lists", "crl", "ocsp", "trust")
            or (c[0] == "der" and c[1].split(".")[0] in ("certificate", "crl", "ocsp"))
            for c in changed
        )

    def build(self, keys, common):
        """The finished bundle and the authorities behind it."""
        edits = Edits()
        house = Authorities(keys, edits) if self.needs_own_house else common
        folders = [os.path.join(ROOT, "base"), self.folder]
        bundle = Bundle(self.name, folders, house, edits)
        bundle.other = Bundle(self.name + " other", [os.path.join(ROOT, "base")], house, Edits())
        for words in self.changes:
            apply(bundle, house, words)
        bundle.build()
        if self.needs_own_house:
            for place in house.trust["crls"]:
                house.revocation_list(place)
        edits.require_done()
        return bundle, house


def apply(bundle, house, words):
    """One `change` line."""
    verb, *rest = words
    if verb == "other":
        apply(bundle.other, house, rest)
    elif verb == "der":
        bundle.edits.add(rest[0], rest[1], rest[2:])
    elif verb == "use":
        bundle.setting(rest[0], rest[1:])
    elif verb == "certificate":
        if rest[1] == "like":
            house.add_certificate(rest[0], *rest[2:])
        else:
            house.change_certificate(rest[0], rest[1], " ".join(rest[2:]))
    elif verb == "certificates":
        # `certificates 60`: so many more stand in the seal, each of another gateway.
        names = [f"kz-seal-{number}" for number in range(int(rest[0]))]
        for name in names:
            house.add_certificate(name, "kz-seal", "keyOf=kz-seal", "cn=" + name)
        bundle.carried["seal"].certificates += names
    elif verb == "lists":
        # `lists 60`: so many more of one authority stand in the seal, each with another number.
        names = [f"kz-issuing-{number}" for number in range(int(rest[0]))]
        for number, name in enumerate(names):
            house.change_list(name, "new", "kz-issuing", str(100 + number))
        bundle.carried["seal"].lists += names
    elif verb == "ocsp":
        house.change_answer(*rest)
    elif verb == "renewals":
        # `renewals sealed 3`: so many, a second apart.
        for number in range(int(rest[1])):
            bundle.renew(rest[0], f"2026-11-22T11:30:{number:02}Z")
    elif verb == "renew":
        bundle.renew(*rest)
    elif verb == "crl":
        house.change_list(*rest)
    elif verb == "trust":
        house.change_trust(*rest)
    elif verb == "zip":
        bundle.zip_changes[rest[0]].append(rest[1:])
    elif verb == "files":
        # `files none evidence`: the container holds no files of that kind.
        bundle.files = {name: content for name, content in bundle.files.items() if not name.startswith(rest[1] + "/")}
    elif verb == "late":
        bundle.late_changes.append(rest)
    elif verb.startswith(("sealed/", "signed/")):
        bundle.changes.append(words)
    else:
        raise ValueError(f"there is no change {verb}")


def all_names():
    found = []
    for folder, _, names in os.walk(os.path.join(ROOT, "cases")):
        if "case" in names:
            found.append(os.path.relpath(folder, os.path.join(ROOT, "cases")))
    return sorted(found)

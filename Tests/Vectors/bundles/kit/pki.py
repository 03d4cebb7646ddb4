"""Certificates and revocation lists, made from a plan with keys that live only while the kit is built."""

import base64
import copy
import hashlib
import os
import shlex

from . import revocation
from .algorithms import certificate_signature, make_key, private_pem, public_info
from .der import bits, boolean, explicit, integer, null, octets, oid, printable, raw, seq, time, utf8
from .revocation import extension

ARC = "2.25.263198237183420567215386107512482095121."
PURPOSES = {
    "gatewaySeal": [ARC + "1"],
    "receipt": [ARC + "2"],
    "gatewayEncryption": [ARC + "3"],
    "agencyEncryption": [ARC + "4"],
    "personSignature": [ARC + "5"],
    "personSignIn": ["1.3.6.1.5.5.7.3.2", ARC + "6"],
    "gatewayTLS": ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"],
    "timestamping": ["1.3.6.1.5.5.7.3.8"],
    "ocspSigning": ["1.3.6.1.5.5.7.3.9"],
    "any": ["2.5.29.37.0"],
    "none": [],
}
USAGES = "digitalSignature nonRepudiation keyEncipherment dataEncipherment keyAgreement keyCertSign cRLSign".split()

PLAN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "base", "certificates")
SIGNING = "digitalSignature nonRepudiation"
AUTHORITY = "keyCertSign cRLSign"

# Directory of the trust directory: certificates in it.
TRUST = {
    "parties/KZ-GPO/anchors": ["root"],
    "parties/KZ-GPO/issuers": ["kz-issuing"],
    "parties/KG-GPO/anchors": ["root"],
    "parties/KG-GPO/issuers": ["kg-issuing"],
    "timestamping/anchors": ["root"],
    "intermediates": ["tsa-issuing"],
    "crls": ["root", "kz-issuing", "kg-issuing", "tsa-issuing"],
}


def read_plan(path):
    """The certificates of the good bundle: fields by name, in order."""
    plan = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if words := shlex.split(line, comments=True):
                plan[words[0]] = fields(words[1:])
    return plan


def fields(words):
    return {name: yes_or_no(value) for name, value in (word.split("=", 1) for word in words)}


def yes_or_no(value):
    return {"yes": True, "no": False}.get(value, value)


class Keys:
    """Keys by name and kind, each made once."""

    def __init__(self):
        self.made = {}

    def key(self, name, kind):
        if (name, kind) not in self.made:
            self.made[name, kind] = make_key(kind)
        return self.made[name, kind]


class Authorities:
    """Issues what the plan says, when it is first asked for."""

    def __init__(self, keys, edits):
        self.keys = keys
        self.edits = edits
        self.plan = read_plan(PLAN)
        self.lists = {name: revocation.new_list() for name in TRUST["crls"]}
        self.answers = {}
        self.made_lists, self.made_answers = {}, {}
        self.trust = copy.deepcopy(TRUST)
        self.issued = {}
        self.changed = False

    def key(self, name):
        plan = self.plan[name]
        return self.keys.key(plan.get("keyOf", name), plan["key"])

    def subject(self, name):
        plan = self.plan[name]
        party = plan.get("party")
        parts = [("2.5.4.6", printable(party[:2]))] if party else []
        parts += [("2.5.4.10", utf8("Kit (not for real use)"))]
        parts += [("2.5.4.97", utf8(party))] if party else []
        parts += [("2.5.4.3", utf8(plan["cn"]))]
        return seq(*(_rdn(*part) for part in parts))

    def serial(self, name):
        return 1000 + list(self.plan).index(name)

    def identifier(self, name):
        return hashlib.sha256(public_info(self.key(name))).digest()[:20]

    def issuer_and_serial(self, name, label=None):
        return seq(self.issuer_name(name), integer(self.serial(name), "serial"), label=label)

    def issuer_name(self, name):
        node = raw(self.subject(self.plan[name]["issuer"]).encode())
        node.label = "issuer"
        return node

    def certificate(self, name):
        if name not in self.issued:
            self.issued[name] = self._issue(name)
        return self.issued[name]

    def _issue(self, name):
        plan = self.plan[name]
        issuer = plan["issuer"]
        digest = plan.get("digest", "sha384" if self.plan[issuer]["key"] == "p384" else "sha256")
        signer = self.key(plan.get("signedWith", issuer))
        algorithm, _ = certificate_signature(signer, digest, b"")
        end = "2036-01-01T00:00:00Z" if plan.get("ca") else "2028-01-01T00:00:00Z"
        tbs = seq(
            explicit(0, integer(2)),
            integer(self.serial(name), "serial"),
            algorithm,
            self.issuer_name(name),
            seq(
                time(plan.get("notBefore", "2026-01-01T00:00:00Z"), "notBefore"),
                time(plan.get("notAfter", end), "notAfter"),
            ),
            self.subject(name),
            raw(public_info(self.key(name))),
            explicit(3, seq(*self._extensions(name, plan), label="extensions")),
        )
        tbs = self.edits.apply(f"certificate.{name}", tbs).encode()
        algorithm, signature = certificate_signature(signer, digest, tbs)
        return seq(raw(tbs), algorithm, bits(signature)).encode()

    def _extensions(self, name, plan):
        authority = plan.get("ca")
        limit = [integer(int(plan["pathLength"]))] if "pathLength" in plan else []
        yield extension("2.5.29.19", seq(*([boolean(True)] if authority else []), *limit), True, "basicConstraints")
        usage = plan.get("usage", AUTHORITY if authority else SIGNING).split()
        if usage != ["absent"]:
            yield extension("2.5.29.15", _usage_bits(usage), True, "keyUsage")
        if purposes := [p for word in plan.get("eku", "none").split() for p in PURPOSES.get(word, [word])]:
            critical = plan.get("ekuCritical", plan["eku"] == "timestamping")
            yield extension("2.5.29.37", seq(*(oid(p) for p in purposes)), critical, "extKeyUsage")
        yield extension("2.5.29.14", octets(self.identifier(name)), False, "subjectKeyIdentifier")
        key = octets(self.identifier(plan["issuer"]))
        key.tag = 0x80
        yield extension("2.5.29.35", seq(key), False, "authorityKeyIdentifier")
        if "permitted" in plan:
            # Name constraints (RFC 5280 §4.2.1.10) to one country.
            country = seq(_rdn("2.5.4.6", printable(plan["permitted"])))
            subtree = seq(explicit(4, country))
            yield extension("2.5.29.30", seq(explicit(0, subtree)), True, "nameConstraints")
        if plan.get("noCheck"):
            yield extension("1.3.6.1.5.5.7.48.1.5", null(), False, "noCheck")
        if "unknownCritical" in plan:
            yield extension(plan["unknownCritical"], null(), True, "unknown")

    def revocation_list(self, name):
        if name not in self.made_lists:
            self.made_lists[name] = revocation.revocation_list(name, self)
        return self.made_lists[name]

    def ocsp_response(self, name):
        if name not in self.made_answers:
            self.made_answers[name] = revocation.ocsp_response(name, self)
        return self.made_answers[name]

    # ---- the lines of a case

    def change_certificate(self, name, field, value):
        self.changed = True
        self.issued.clear()
        self.plan[name][field] = yes_or_no(value)

    def add_certificate(self, name, like, *changes):
        self.changed = True
        self.plan[name] = self.plan[like] | fields(changes)

    def change_list(self, name, verb, *arguments):
        self.changed = True
        if verb == "revoke":
            self.lists[name]["revoked"].append(arguments)
        elif verb in ("like", "new"):
            other, *number = arguments
            origin = {"named": other, "signedWith": other, "identifies": other}
            self.lists[name] = copy.deepcopy(self.lists[other]) | origin | {"number": (number or ["7"])[0]}
        else:
            self.lists[name][verb] = arguments[0]

    def change_answer(self, name, field, value):
        self.changed = True
        self.answers.setdefault(name, {})[field] = value

    def change_trust(self, verb, place, *names):
        self.changed = True
        if verb == "add":
            self.trust.setdefault(place, []).extend(names)
            if place == "crls":
                for name in names:
                    self.lists.setdefault(name, revocation.new_list())
        elif verb == "drop":
            for name in names:
                self.trust[place].remove(name)
        elif verb == "only":
            self.trust[place] = list(names)
        elif verb == "remove":
            self.trust = {p: n for p, n in self.trust.items() if not p.startswith(place)}
        else:
            raise ValueError(f"there is no trust change {verb}")

    def write_trust(self, directory):
        for place, names in self.trust.items():
            folder = os.path.join(directory, place)
            os.makedirs(folder, exist_ok=True)
            for name in names:
                if place == "crls":
                    content, ending = self.revocation_list(name), ".crl"
                else:
                    content, ending = certificate_pem(self.certificate(name)), ".crt"
                with open(os.path.join(folder, name + ending), "wb") as file:
                    file.write(content)

    def write_recipient(self, name, directory):
        with open(os.path.join(directory, name + ".crt"), "wb") as file:
            file.write(certificate_pem(self.certificate(name)))
        with open(os.path.join(directory, name + ".key"), "wb") as file:
            file.write(private_pem(self.key(name)))


def certificate_pem(der):
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def _rdn(kind, value):
    rdn = seq(seq(oid(kind), value))
    rdn.tag = 0x31
    return rdn


def _usage_bits(names):
    value = 0
    for name in names:
        value |= 0x80 >> USAGES.index(name)
    unused = (value & -value).bit_length() - 1
    return bits(bytes([value]), unused)

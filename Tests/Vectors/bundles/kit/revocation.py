"""Revocation information: CRLs (RFC 5280 §5) and OCSP responses (RFC 6960 §4.2)."""

import hashlib

from .algorithms import certificate_signature, digest_algorithm, public_info
from .der import Node, bits, boolean, explicit, integer, null, octets, oid, raw, seq, time

REASONS = {"keyCompromise": 1, "cessationOfOperation": 5, "certificateHold": 6, "removeFromCRL": 8}
BASIC = "1.3.6.1.5.5.7.48.1.1"


def new_list():
    return {"thisUpdate": "2026-11-22T11:00:00Z", "nextUpdate": "2026-11-29T11:00:00Z", "revoked": []}


def revocation_list(name, house):
    """The list of the authority of that name, as the case wants it."""
    plan = house.lists[name]
    signer_name = plan.get("signedWith", name)
    signer = house.key(signer_name)
    digest = plan.get("digest", "sha384" if house.plan[signer_name]["key"] == "p384" else "sha256")
    algorithm, _ = certificate_signature(signer, digest, b"")
    lines = [_line(house, *line) for line in plan["revoked"]]
    key = octets(house.identifier(plan.get("identifies", name)))
    key.tag = 0x80
    extensions = [
        extension("2.5.29.35", seq(key), False, "authorityKeyIdentifier"),
        extension("2.5.29.20", integer(int(plan.get("number", 7))), False, "crlNumber"),
    ]
    if "delta" in plan:
        extensions.append(extension("2.5.29.27", integer(int(plan["delta"])), True, "deltaCRLIndicator"))
    if plan.get("partial"):
        only_users = boolean(True)
        only_users.tag = 0x81
        extensions.append(extension("2.5.29.28", seq(only_users), True, "issuingDistributionPoint"))
    if "unknownCritical" in plan:
        extensions.append(extension(plan["unknownCritical"], null(), True, "unknown"))
    tbs = seq(
        integer(1, "version"),
        algorithm,
        raw(house.subject(plan.get("named", name)).encode()),
        time(plan["thisUpdate"], "thisUpdate"),
        *([] if plan["nextUpdate"] == "absent" else [time(plan["nextUpdate"], "nextUpdate")]),
        *([seq(*lines, label="revoked")] if lines else []),
        explicit(0, seq(*extensions, label="extensions")),
    )
    tbs = house.edits.apply(f"crl.{name}", tbs).encode()
    _, signature = certificate_signature(signer, digest, tbs + (b"\0" if plan.get("falseSignature") else b""))
    return seq(raw(tbs), algorithm, bits(signature)).encode()


def _line(house, name, when, reason, invalid=None):
    code = seq(oid("2.5.29.21"), octets(bytes([10, 1, REASONS[reason]])))
    since = [seq(oid("2.5.29.24"), octets(time(invalid, generalized=True).encode()))] if invalid else []
    return seq(integer(house.serial(name)), time(when), seq(code, *since))


def ocsp_response(name, house):
    """A response about the certificate of that name, by the responder that its issuer appointed."""
    plan = {
        "by": "kz-ocsp",
        "about": name,
        "status": "good",
        "thisUpdate": "2026-11-22T11:00:00Z",
        "nextUpdate": "2026-11-23T11:00:00Z",
        "producedAt": "2026-11-22T11:00:00Z",
    } | house.answers.get(name, {})
    if plan.get("error"):
        return seq(Node(10, bytes([int(plan["error"])]))).encode()
    issuer = plan.get("issuer", house.plan[plan["about"]]["issuer"])
    subject = house.subject(issuer).encode()
    # What is hashed of the key is the BIT STRING without its first byte.
    public = _public_bits(public_info(house.key(issuer)))
    identifier = seq(
        digest_algorithm("sha1"),
        octets(hashlib.sha1(subject).digest()),
        octets(hashlib.sha1(public).digest()),
        integer(house.serial(plan["about"]), "serial"),
    )
    status = null()
    status.tag = 0x80
    if plan["status"] != "good":
        status = explicit(1, time(plan["status"], generalized=True))
    critical = []
    if "unknownCritical" in plan:
        critical = [explicit(1, seq(extension(plan["unknownCritical"], null(), True, "unknown")))]
    single = seq(
        identifier,
        status,
        time(plan["thisUpdate"], "thisUpdate", generalized=True),
        *([] if plan["nextUpdate"] == "absent" else [explicit(0, time(plan["nextUpdate"], generalized=True))]),
        *critical,
    )
    responder = plan["by"]
    data = seq(
        explicit(1, raw(house.subject(responder).encode())),
        time(plan["producedAt"], "producedAt", generalized=True),
        seq(single),
    )
    data = house.edits.apply(f"ocsp.{name}", data).encode()
    signer = house.key(plan.get("signedWith", responder))
    digest = plan.get("digest", "sha384" if house.plan[responder]["key"] == "p384" else "sha256")
    algorithm, signature = certificate_signature(signer, digest, data)
    certificates = [] if plan.get("bare") else [explicit(0, seq(raw(house.certificate(responder))))]
    basic = seq(raw(data), algorithm, bits(signature), *certificates)
    response = explicit(0, seq(oid(BASIC), octets(basic.encode())))
    return seq(Node(10, b"\0"), response).encode()


def _public_bits(info):
    # The key is the last element; its length is found from the front: SEQUENCE, algorithm, BIT STRING.
    offset = 2 if info[1] < 0x80 else 2 + (info[1] & 0x7F)
    offset += 2 + info[offset + 1]
    header = 2 if info[offset + 1] < 0x80 else 2 + (info[offset + 1] & 0x7F)
    return info[offset + header + 1 :]


def extension(kind, value, critical, label):
    return seq(oid(kind), *([boolean(True)] if critical else []), octets(value.encode()), label=label)

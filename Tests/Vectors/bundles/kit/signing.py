"""CAdES signatures with their timestamps (FORMAT.md section 9)."""

from .algorithms import digest, digest_algorithm, sign, signature_algorithm
from .der import bits, explicit, integer, octets, oid, raw, seq, set_of, time

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
ATTRIBUTES = {
    "contentType": "1.2.840.113549.1.9.3",
    "messageDigest": "1.2.840.113549.1.9.4",
    "signingTime": "1.2.840.113549.1.9.5",
    "signingCertificate": "1.2.840.113549.1.9.16.2.12",
    "signingCertificateV2": "1.2.840.113549.1.9.16.2.47",
    "signatureTimeStampToken": "1.2.840.113549.1.9.16.2.14",
    "counterSignature": "1.2.840.113549.1.9.6",
    "contentHint": "1.2.840.113549.1.9.16.2.4",
    "unknown": "2.25.1",
}


def attribute(name, value):
    return seq(oid(ATTRIBUTES[name], "type"), set_of([value]), label=name)


class Signer:
    """What one SignerInfo is made of; the lines `use NAME.…` of a case change it."""

    def __init__(self, name, certificate, when, stamped):
        self.name = name
        self.certificate = certificate
        self.key = certificate
        self.names = certificate
        self.time = when
        self.digest = None
        self.scheme = "pss"
        self.salt = None
        self.hash = "sha256"
        self.extra = []
        self.over = None
        self.attributes = "yes"
        self.content = DATA
        self.reference = "signingCertificateV2"
        self.timestamp = None if stamped is None else Stamp(name + ".timestamp", stamped)


class Stamp:
    """What a timestamp token is made of; the lines `use NAME.timestamp.…` change it."""

    def __init__(self, name, when):
        self.name = name
        self.time = when
        self.imprint = "sha256"
        self.over = None
        self.signer = Signer(name + ".signer", "tsa", None, None)
        self.signer.content = TST_INFO
        self.carried = Carried(["tsa", "tsa-issuing"])
        self.extension = None


def signer_info(signer, content, house, edits):
    """A SignerInfo over the content, with its timestamp."""
    key = house.key(signer.key)
    name = signer.digest or ("sha384" if house.plan[signer.key]["key"] == "p384" else "sha256")
    covered = content if signer.over is None else signer.over
    reference = house.certificate(signer.names)
    hashed = digest(signer.hash, reference)
    # An absent algorithm means SHA-256 (RFC 5035 §4).
    identity = [] if signer.hash == "sha256" else [digest_algorithm(signer.hash)]
    kind = signer.reference
    if kind == "signingCertificate":
        hashed, identity = digest("sha1", reference), []
    attributes = [
        attribute("contentType", oid(signer.content, "value")),
        attribute("messageDigest", octets(digest(name, covered), "value")),
        attribute(kind, seq(seq(seq(*identity, octets(hashed, "hash"), label="first"), label="list"), label="value")),
    ]
    if signer.time:
        attributes.append(attribute("signingTime", time(signer.time, "value")))
    attributes += [attribute(extra, octets(b"kit", "value")) for extra in signer.extra]
    signed = edits.apply(signer.name + ".attributes", set_of(attributes, "attributes", tag=0xA0))
    message = b"\x31" + signed.encode()[1:] if signer.attributes == "yes" else covered
    value = sign(key, name, signer.scheme, message, signer.salt)
    unsigned = []
    if signer.timestamp:
        over = value if signer.timestamp.over is None else signer.timestamp.over
        token = timestamp_token(signer.timestamp, over, house, edits)
        unsigned = [set_of([attribute("signatureTimeStampToken", token)], "unsigned", tag=0xA1)]
    info = seq(
        integer(1, "version"),
        house.issuer_and_serial(signer.certificate, "sid"),
        digest_algorithm(name, "digestAlgorithm"),
        *([signed] if signer.attributes == "yes" else []),
        signature_algorithm(key, name, signer.scheme, "signatureAlgorithm", signer.salt),
        octets(value, "signature"),
        *unsigned,
        label=signer.name,
    )
    signer.digest_used = name
    return edits.apply(signer.name, info)


OCSP_INFO = "1.3.6.1.5.5.7.16.2"


class Carried:
    """What a SignedData carries for its validation: certificates, revocation lists, OCSP responses, by name."""

    def __init__(self, certificates, lists=(), answers=()):
        self.certificates = list(certificates)
        self.lists = list(lists)
        self.answers = list(answers)

    def choices(self, house):
        """RevocationInfoChoices (RFC 5652 §10.2.1), OCSP responses in the form of RFC 5940."""
        lists = [raw(house.revocation_list(name), name) for name in self.lists]
        return lists + [explicit(1, oid(OCSP_INFO, "form"), raw(house.ocsp_response(n), "value"), label="ocsp-" + n)
                        for n in self.answers]  # fmt: skip


def signed_data(name, version, kind, content, attached, signers, carried, house, edits):
    """ContentInfo with SignedData over the content."""
    # RFC 5652 §5.1: information in another form than a list makes it version 5.
    version = 5 if carried.answers else version
    choices = carried.choices(house)
    infos = [signer_info(signer, content, house, edits) for signer in signers]
    digests = sorted({signer.digest_used for signer in signers})
    inside = [explicit(0, octets(content, "octets"), label="content")] if attached else []
    listed = [raw(house.certificate(c), c) for c in carried.certificates]
    data = seq(
        oid(SIGNED_DATA, "type"),
        explicit(
            0,
            seq(
                integer(version, "version"),
                set_of([digest_algorithm(d, d) for d in digests], "digestAlgorithms"),
                seq(oid(kind, "contentType"), *inside, label="encapContentInfo"),
                *([set_of(listed, "certificates", tag=0xA0)] if listed else []),
                *([set_of(choices, "crls", tag=0xA1)] if choices else []),
                set_of(infos, "signerInfos"),
                label="body",
            ),
        ),
    )
    return edits.apply(name, data)


def timestamp_token(stamp, bytes_, house, edits):
    """A token of RFC 3161 over the bytes, by the authority of the kit."""
    extensions = []
    if stamp.extension:
        extensions = [explicit(1, seq(oid("2.25.2"), raw(b"\x01\x01\xff"), octets(b"")))]
    hashed = octets(digest(stamp.imprint, bytes_), "hash")
    info = seq(
        integer(1, "version"),
        oid("2.25.3", "policy"),
        seq(digest_algorithm(stamp.imprint, "algorithm"), hashed, label="imprint"),
        integer(4711, "serial"),
        time(stamp.time, "time", generalized=True),
        *extensions,
    )
    info = edits.apply(stamp.name + ".info", info).encode()
    token = signed_data(
        stamp.name, 3, TST_INFO, info, True, [stamp.signer], stamp.carried, house, edits
    )
    token.label = "value"
    return token

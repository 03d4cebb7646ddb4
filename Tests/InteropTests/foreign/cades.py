"""CAdES signatures and RFC 3161 tokens, right or wrong in one place each."""

import hashlib

from asn1crypto import cms, tsp, x509 as asn1_x509
from cryptography.hazmat.primitives.asymmetric import ec, padding

from der import generalized_time, integer, null, octets, oid, seq, set_of, tlv, utc_time
from people import HASHES

DIGESTS = {"sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4", "sha256": "2.16.840.1.101.3.4.2.1",
           "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
ECDSA = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3",
         "sha512": "1.2.840.10045.4.3.4"}
DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
CERTIFICATE_VALUES = "1.2.840.113549.1.9.16.2.23"
REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24"
ARCHIVE_V2 = "1.2.840.113549.1.9.16.2.48"
ARCHIVE_V3 = "0.4.0.1733.2.4"
HASH_INDEX_V3 = "0.4.0.19122.1.5"
OCSP_INFO = "1.3.6.1.5.5.7.16.2"


def digest(name, content):
    return hashlib.new(name, content).digest()


def digest_algorithm(name):
    return seq(oid(DIGESTS[name]))


def attribute(kind, *values):
    return seq(oid(kind), set_of(values))


def names(person):
    """IssuerAndSerialNumber."""
    certificate = asn1_x509.Certificate.load(person.der)
    return seq(certificate.issuer.dump(), certificate["tbs_certificate"]["serial_number"].dump())


def certificate_reference(person, name):
    """SigningCertificateV2; the default digest is left out as DER demands."""
    fields = [octets(digest(name, person.der))]
    if name != "sha256":
        fields.insert(0, digest_algorithm(name))
    return seq(seq(seq(*fields)))


def sign(person, name, scheme, content):
    """The signature value and its AlgorithmIdentifier."""
    if isinstance(person.key, ec.EllipticCurvePrivateKey):
        return person.key.sign(content, ec.ECDSA(HASHES[name])), seq(oid(ECDSA[name]))
    if scheme == "pss":
        size = len(digest(name, b""))
        parameters = seq(tlv(0xA0, digest_algorithm(name)),
                         tlv(0xA1, seq(oid("1.2.840.113549.1.1.8"), digest_algorithm(name))),
                         tlv(0xA2, integer(size)))
        pss = padding.PSS(padding.MGF1(HASHES[name]), size)
        return person.key.sign(content, pss, HASHES[name]), seq(oid("1.2.840.113549.1.1.10"), parameters)
    number = {"sha1": 5, "sha256": 11, "sha384": 12, "sha512": 13}[name]
    identifier = seq(oid(f"1.2.840.113549.1.1.{number}"), null())
    return person.key.sign(content, padding.PKCS1v15(), HASHES[name]), identifier


class Signer:
    """One SignerInfo; every part can be put in another way."""

    def __init__(self, person, content, name="sha256", scheme="pkcs1", time="20261120100000Z", kind=DATA,
                 reference=None, omit=(), doubled=(), wrong_digest=False, key_identifier=False, old_reference=False,
                 unordered=False, other_type=None, flipped=False, no_attributes=False, reference_digest="sha256"):
        self.person = person
        self.name = name
        self.unsigned = []
        attributes = {
            CONTENT_TYPE: attribute(CONTENT_TYPE, oid(other_type or kind)),
            SIGNING_TIME: attribute(SIGNING_TIME, utc_time(time)),
            MESSAGE_DIGEST: attribute(MESSAGE_DIGEST, octets(digest(name, b"other" if wrong_digest else content))),
            SIGNING_CERTIFICATE_V2: attribute(
                SIGNING_CERTIFICATE_V2, certificate_reference(reference or person, reference_digest)),
        }
        if old_reference:
            del attributes[SIGNING_CERTIFICATE_V2]
            attributes[SIGNING_CERTIFICATE] = attribute(
                SIGNING_CERTIFICATE, seq(seq(seq(octets(digest("sha1", person.der))))))
        listed = [one for kind_, one in attributes.items() if kind_ not in omit]
        listed += [attributes[kind_] for kind_ in doubled]
        ordered = listed if unordered else sorted(listed)
        if unordered:
            ordered = sorted(listed, reverse=True)
        signed = tlv(0x31, *sorted(listed))
        value, algorithm = sign(person, name, scheme, content if no_attributes else signed)
        if flipped:
            value = value[:-1] + bytes([value[-1] ^ 1])
        self.value = value
        if key_identifier:
            from cryptography import x509
            identifier = person.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
            start = integer(3) + tlv(0x80, identifier)
        else:
            start = integer(1) + names(person)
        self.fields = (start + digest_algorithm(name) + (b"" if no_attributes else tlv(0xA0, *ordered)) + algorithm
                       + octets(value))

    def der(self):
        unsigned = set_of([attribute(kind, *values) for kind, *values in self.unsigned], 0xA1)
        return seq(self.fields, unsigned if self.unsigned else b"")


class Signature:
    """A detached SignedData."""

    def __init__(self, content, *signers, certificates=None, lists=(), responses=(), inside=None, version=1, kind=DATA):
        self.content = content
        self.signers = list(signers)
        found = [one.person for one in signers] + [one.person.issuer for one in signers]
        given = certificates if certificates is not None else [one for one in found if one.issuer is not one]
        self.certificates = sorted({one.der for one in given})
        self.choices = list(lists) + [tlv(0xA1, oid(OCSP_INFO), one) for one in responses]
        self.inside = inside
        self.version = version
        self.kind = kind

    def der(self):
        info = seq(oid(self.kind), b"" if self.inside is None else tlv(0xA0, octets(self.inside)))
        body = seq(integer(self.version), set_of({digest_algorithm(one.name) for one in self.signers}), info,
                   set_of(self.certificates, 0xA0) if self.certificates else b"",
                   set_of(self.choices, 0xA1) if self.choices else b"",
                   set_of([one.der() for one in self.signers]))
        return seq(oid(SIGNED_DATA), tlv(0xA0, body))

    def checked(self):
        """The bytes, which asn1crypto must read and write alike."""
        der = self.der()
        read = cms.ContentInfo.load(der, strict=True)
        assert read["content"]["signer_infos"][0]["signature"].native and read.dump() == der, "asn1crypto reads it in another way"
        return der

    def stamp(self, token, signer=0):
        self.signers[signer].unsigned.append((SIGNATURE_TIMESTAMP, token))
        return self

    def archive(self, person, time, name="sha256", signer=0, over=None, index=None, **more):
        """Adds an archive timestamp of version 3 over everything that is there by now."""
        one = self.signers[signer]
        values = [oid(kind) + value for kind, *values in one.unsigned for value in values]
        if index is None:
            def digests(members):
                return seq(*[octets(digest(name, member)) for member in members])
            index = seq(digest_algorithm(name), digests(self.certificates), digests(self.choices), digests(values))
        covered = oid(DATA) + digest(name, self.content if over is None else over) + one.fields + index
        token = timestamp(person, covered, time, name, unsigned=[(HASH_INDEX_V3, index)], **more)
        one.unsigned.append((ARCHIVE_V3, token))
        return self


def timestamp(person, content, time="20261120100100Z", name="sha256", unsigned=(), lists=(), certificates=None,
              flipped=False, reference=None, imprint=None, policy="1.3.6.1.4.1.99999.1"):
    """A token over content; `imprint` names a weaker digest."""
    weak = imprint or name
    info = seq(integer(1), oid(policy), seq(digest_algorithm(weak), octets(digest(weak, content))), integer(4711),
               generalized_time(time))
    signer = Signer(person, info, name, time=time, kind=TST_INFO, flipped=flipped, reference=reference)
    signer.unsigned = list(unsigned)
    signature = Signature(info, signer, certificates=[person] if certificates is None else certificates, lists=lists,
                          inside=info, version=3, kind=TST_INFO)
    return signature.der()

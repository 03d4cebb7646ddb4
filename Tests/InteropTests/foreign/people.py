"""Authorities, signers and timestamp authorities, with keys that are made for one run and never stored."""

import hashlib
import os

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from der import generalized_time, integer, null, octets, oid, seq, tlv, when

HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(), "sha1": hashes.SHA1()}
_keys = {}
_serials = iter(range(0x1001, 0x100000))


def make_key(kind, name):
    """Keys of one kind and name are made once: RSA takes its time."""
    if (kind, name) not in _keys:
        if kind.startswith("rsa"):
            _keys[kind, name] = rsa.generate_private_key(65537, int(kind[3:]))
        else:
            curves = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1, "brainpool": ec.BrainpoolP256R1,
                      "p224": ec.SECP224R1}
            _keys[kind, name] = ec.generate_private_key(curves[kind]())
    return _keys[kind, name]


class Person:
    """A certificate with its key."""

    def __init__(self, name, kind="p256", issuer=None, start="20260101000000Z", end="20280101000000Z", authority=False,
                 usages=("digital_signature", "content_commitment"), purposes=(), critical=False, digest="sha256"):
        self.name = name
        self.key = make_key(kind, name)
        self.issuer = issuer or self
        subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "EE"),
                             x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(subject if issuer is None else issuer.certificate.subject)
                   .public_key(self.key.public_key()).serial_number(next(_serials))
                   .not_valid_before(when(start)).not_valid_after(when(end))
                   .add_extension(x509.BasicConstraints(authority, None), True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False))
        above = self.key if issuer is None else issuer.key
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), False)
        named = {"key_cert_sign", "crl_sign"} if authority else set(usages)
        every = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                 "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
        builder = builder.add_extension(x509.KeyUsage(**{one: one in named for one in every}), True)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(purposes)), critical)
        self.certificate = builder.sign(above, HASHES[digest])

    @property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def revocation_list(self, this="20261122000000Z", following="20261129000000Z", revoked=(), key=None):
        """A list of what this authority revoked: pairs of person and time."""
        builder = (x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
                   .last_update(when(this)).next_update(when(following))
                   .add_extension(x509.CRLNumber(next(_serials)), False))
        signing = key or self.key
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), False)
        for person, time in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(person.certificate.serial_number)
                .revocation_date(when(time)).build())
        return builder.sign(signing, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def ocsp_response(self, person, this="20261122000000Z", following="20261129000000Z", key=None):
        """A good answer about a person; by hand, because a library would write the time of the run into it."""
        own = asn1_x509.Certificate.load(self.der)
        key_hash = hashlib.sha1(own.public_key["public_key"].contents[1:]).digest()
        name_hash = hashlib.sha1(own.subject.dump()).digest()
        named = seq(seq(oid("1.3.14.3.2.26"), null()), octets(name_hash), octets(key_hash),
                    integer(person.certificate.serial_number))
        single = seq(named, tlv(0x80), generalized_time(this), tlv(0xA0, generalized_time(following)))
        data = seq(tlv(0xA2, octets(key_hash)), generalized_time(this), seq(single))
        value = (key or self.key).sign(data, ec.ECDSA(hashes.SHA256()))
        basic = seq(data, seq(oid("1.2.840.10045.4.3.2")), tlv(0x03, b"\0" + value))
        return seq(tlv(0x0A, b"\0"), tlv(0xA0, seq(oid("1.3.6.1.5.5.7.48.1.1"), octets(basic))))


EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
SERVER = ExtendedKeyUsageOID.SERVER_AUTH
STAMPING = ExtendedKeyUsageOID.TIME_STAMPING


class World:
    """Whom the trust directory names, and those it does not."""

    def __init__(self):
        self.root = Person("Signers Root", authority=True, start="20100101000000Z", end="20500101000000Z")
        self.issuing = Person("Signers Issuing", issuer=self.root, authority=True, start="20100101000000Z",
                              end="20490101000000Z")
        self.stamp_root = Person("Timestamps Root", authority=True, start="20100101000000Z", end="20500101000000Z")
        self.other_root = Person("Nobody's Root", authority=True, start="20100101000000Z", end="20500101000000Z")

        def signer(name, kind="p256", **more):
            return Person(name, kind, more.pop("issuer", self.issuing), **more)

        def stamper(name, kind="p256", **more):
            given = {"issuer": self.stamp_root, "purposes": [STAMPING], "critical": True, **more}
            return Person(name, kind, given.pop("issuer"), **given)

        self.anna = signer("Anna Tamm", purposes=[EMAIL])
        self.boris = signer("Борис Ким", "p384")
        self.clara = signer("Clara Roos", "p521")
        self.daniyar = signer("Данияр Сейтов", "rsa2048")
        self.edda = signer("Edda Brainpool", "brainpool")
        self.weak = signer("Weak Key", "rsa1024")
        self.curve = signer("Small Curve", "p224")
        self.server = signer("A Server", purposes=[SERVER])
        self.cipher = signer("For Ciphers", "rsa2048", usages=("key_encipherment",))
        self.stranger = signer("A Stranger", issuer=self.other_root)
        self.expired = signer("Expired Early", end="20260601000000Z")
        self.revoked = signer("Revoked Early")
        self.revoked_later = signer("Revoked Later")
        self.hashed = signer("Signed by SHA-1", digest="sha1")
        self.bygone = signer("Bygone Signer", start="20150101000000Z", end="20180101000000Z")

        self.stamps = stamper("Stamps", "rsa2048")
        self.stamps_ec = stamper("Stamps EC")
        self.stamps_stranger = stamper("Stamps of Nobody", issuer=self.other_root)
        self.stamps_server = stamper("Stamps by a Server", purposes=[SERVER], critical=False)
        self.stamps_lax = stamper("Stamps not Critical", critical=False)
        self.stamps_2016 = stamper("Stamps 2016", start="20150101000000Z", end="20190601000000Z")
        self.stamps_2019 = stamper("Stamps 2019", start="20180101000000Z", end="20240601000000Z")
        self.stamps_2023 = stamper("Stamps 2023", start="20220101000000Z", end="20300101000000Z")

        revoked = [(self.revoked, "20261101000000Z"), (self.revoked_later, "20261121000000Z")]
        self.lists = {
            "root": self.root.revocation_list(),
            "issuing": self.issuing.revocation_list(revoked=revoked),
            "stamps": self.stamp_root.revocation_list(),
        }

    def write_trust(self, path, lists):
        """A trust directory; `lists` names the revocation lists that are in it."""
        for folder in ("parties", "intermediates", "crls", "timestamping/anchors", "signers/anchors"):
            os.makedirs(os.path.join(path, folder))
        with open(os.path.join(path, "timestamping/anchors/root.crt"), "wb") as file:
            file.write(self.stamp_root.pem)
        with open(os.path.join(path, "signers/anchors/root.crt"), "wb") as file:
            file.write(self.root.pem)
        for name in lists:
            with open(os.path.join(path, "crls", name + ".crl"), "wb") as file:
                file.write(self.lists[name])

"""Keys and signatures of suite `rogatory-1`, and what lies outside it for the cases."""

import hashlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from .der import explicit, integer, null, oid, raw, seq

DIGESTS = {
    "sha1": (hashes.SHA1, "1.3.14.3.2.26"),
    "sha224": (hashes.SHA224, "2.16.840.1.101.3.4.2.4"),
    "sha256": (hashes.SHA256, "2.16.840.1.101.3.4.2.1"),
    "sha384": (hashes.SHA384, "2.16.840.1.101.3.4.2.2"),
    "sha512": (hashes.SHA512, "2.16.840.1.101.3.4.2.3"),
}
ECDSA = {
    "sha1": "1.2.840.10045.4.1",
    "sha224": "1.2.840.10045.4.3.1",
    "sha256": "1.2.840.10045.4.3.2",
    "sha384": "1.2.840.10045.4.3.3",
    "sha512": "1.2.840.10045.4.3.4",
}
PKCS1 = {
    "sha1": "1.2.840.113549.1.1.5",
    "sha224": "1.2.840.113549.1.1.14",
    "sha256": "1.2.840.113549.1.1.11",
    "sha384": "1.2.840.113549.1.1.12",
    "sha512": "1.2.840.113549.1.1.13",
}
CURVES = {"p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1}


def make_key(kind):
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind]())
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa")))


def public_info(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def private_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def digest(name, content):
    return hashlib.new(name, content).digest()


def digest_algorithm(name, label=None, parameters=False):
    return seq(oid(DIGESTS[name][1], label="id"), *([null()] if parameters else []), label=label)


def mask(name):
    return seq(oid("1.2.840.113549.1.1.8"), digest_algorithm(name))


def signature_algorithm(key, name, scheme, label=None, salt=None):
    """The AlgorithmIdentifier of a signature; `scheme` is `pss` or `pkcs1` for RSA keys."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return seq(oid(ECDSA[name], label="id"), label=label)
    if scheme == "pkcs1":
        return seq(oid(PKCS1[name], label="id"), null(), label=label)
    size = len(digest(name, b"")) if salt is None else salt
    parameters = seq(
        explicit(0, digest_algorithm(name), label="hash"),
        explicit(1, mask(name), label="mask"),
        explicit(2, integer(size), label="salt"),
        label="parameters",
    )
    return seq(oid("1.2.840.113549.1.1.10", label="id"), parameters, label=label)


def sign(key, name, scheme, message, salt=None):
    method = DIGESTS[name][0]()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(method))
    if scheme == "pkcs1":
        return key.sign(message, padding.PKCS1v15(), method)
    size = method.digest_size if salt is None else salt
    return key.sign(message, padding.PSS(padding.MGF1(method), size), method)


def certificate_signature(key, name, tbs):
    """Signs a certificate, revocation list or OCSP response: (algorithm, signature)."""
    return raw(signature_algorithm(key, name, "pkcs1").encode()), sign(key, name, "pkcs1", tbs)

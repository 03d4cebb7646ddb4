"""`key.p7m` and parts (FORMAT.md sections 7 and 8)."""

from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

from .algorithms import digest_algorithm, make_key, mask
from .der import bits, explicit, integer, octets, oid, seq, set_of

AUTH_ENVELOPED = "1.2.840.113549.1.9.16.1.23"
DATA = "1.2.840.113549.1.7.1"
AES256_GCM = "2.16.840.1.101.3.4.1.46"
AES256_WRAP = "2.16.840.1.101.3.4.1.45"


def encrypted(content_key, nonce, content):
    """AuthEncryptedContentInfo and tag."""
    sealed = AESGCM(content_key).encrypt(nonce, content, None)
    ciphertext = octets(sealed[:-16], "ciphertext")
    ciphertext.tag = 0x80
    parameters = seq(octets(nonce, "nonce"), integer(16, "tagLength"), label="parameters")
    algorithm = seq(oid(AES256_GCM, "id"), parameters, label="algorithm")
    return seq(oid(DATA, "contentType"), algorithm, ciphertext, label="encryptedContent"), octets(sealed[-16:], "tag")


def envelope(recipients, content_key, nonce, content):
    info, tag = encrypted(content_key, nonce, content)
    return seq(
        oid(AUTH_ENVELOPED, "type"),
        explicit(
            0,
            seq(integer(0, "version"), set_of(recipients, "recipients"), info, tag, label="body"),
        ),
    )


def key_transport(name, content_key, house, oaep="sha256"):
    method = {"sha256": hashes.SHA256, "sha1": hashes.SHA1}[oaep]()
    wrapped = house.key(name).public_key().encrypt(content_key, padding.OAEP(padding.MGF1(method), method, None))
    parameters = seq(
        explicit(0, digest_algorithm(oaep), label="hash"), explicit(1, mask(oaep), label="mask"), label="parameters"
    )
    return seq(
        integer(0, "version"),
        house.issuer_and_serial(name, "rid"),
        seq(oid("1.2.840.113549.1.1.7", "id"), parameters, label="algorithm"),
        octets(wrapped, "encryptedKey"),
        label=name,
    )


def key_agreement(name, content_key, house):
    static = house.key(name)
    kind = house.plan[name]["key"]
    scheme, method = {
        "p256": ("1.3.132.1.11.1", hashes.SHA256()),
        "p384": ("1.3.132.1.11.2", hashes.SHA384()),
    }[kind]
    ephemeral = make_key(kind)
    wrap = seq(oid(AES256_WRAP, "id"), label="wrap")
    # ECC-CMS-SharedInfo of RFC 5753 §7.2, without entityUInfo.
    shared = seq(wrap, explicit(2, octets((256).to_bytes(4, "big"))))
    secret = ephemeral.exchange(ec.ECDH(), static.public_key())
    wrapped = keywrap.aes_key_wrap(X963KDF(method, 32, shared.encode()).derive(secret), content_key)
    point = ephemeral.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    originator = explicit(1, seq(oid("1.2.840.10045.2.1", "id"), label="algorithm"), bits(point, label="point"))
    info = seq(
        integer(3, "version"),
        explicit(0, originator, label="originator"),
        seq(oid(scheme, "id"), wrap, label="algorithm"),
        seq(seq(house.issuer_and_serial(name, "rid"), octets(wrapped, "encryptedKey"), label="key"), label="keys"),
        label=name,
    )
    info.tag = 0xA1
    return info


def key_object(bundle_key, names, random, house, edits, oaep="sha256"):
    content_key = random("key")
    recipients = []
    for name in names:
        if house.plan[name]["key"].startswith("rsa"):
            recipients.append(key_transport(name, content_key, house, oaep))
        else:
            recipients.append(key_agreement(name, content_key, house))
    return edits.apply("key", envelope(recipients, content_key, random("key nonce")[:12], bundle_key)).encode()


def part(number, content, identifier, bundle_key, random, edits, wrapping_key=None):
    content_key = random(f"part {number}")
    recipient = seq(
        integer(4, "version"),
        seq(octets(identifier, "identifier"), label="kekid"),
        seq(oid(AES256_WRAP, "id"), label="wrap"),
        octets(keywrap.aes_key_wrap(wrapping_key or bundle_key, content_key), "encryptedKey"),
        label="recipient",
    )
    recipient.tag = 0xA2
    nonce = random(f"nonce {number}")[:12]
    return edits.apply(f"part.{number}", envelope([recipient], content_key, nonce, content)).encode()

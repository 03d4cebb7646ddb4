#!/usr/bin/python3
"""Opens a sealed bundle with primitives only and proves everything in it; none of our programs takes part.

    open_bundle.py BUNDLE --root ROOT.pem [--intermediate CA.pem]... --certificate C.pem --key K.pem --out DIR

Needs the Debian packages python3-asn1crypto and python3-cryptography. Revocation is not looked at here.
Exit status: 0 everything holds; 1 something does not, named on standard error.
"""

import argparse
import base64
import hashlib
import io
import os
import re
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

from asn1crypto import algos, cms, core, pem, tsp, x509
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF

ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
SHA256_URI = "http://www.w3.org/2001/04/xmlenc#sha256"
HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
ARC = "2.25.263198237183420567215386107512482095121."
GATEWAY_SEAL, PERSON_SIGNATURE, TIME_STAMPING = ARC + "1", ARC + "5", "time_stamping"


class NotProven(Exception):
    """What does not hold."""


def require(condition, sentence):
    if not condition:
        raise NotProven(sentence)


def strictly(kind, data, name):
    """Reads DER to the last byte and requires that writing it again gives the same bytes."""
    value = kind.load(data, strict=True)
    # asn1crypto parses lazily; this reads everything below.
    value.native
    require(value.dump(force=True) == data, f"{name} is not canonical DER")
    return value


def require_definite(data, name, depth=0):
    """Requires definite lengths in their shortest form all the way down, and not a byte more."""
    require(depth < 40, f"{name} is nested too deep")
    position = 0
    while position < len(data):
        tag = data[position]
        require(tag & 0x1F != 0x1F and position + 1 < len(data), f"{name} has a tag of several bytes")
        length, position = data[position + 1], position + 2
        if length >= 0x80:
            count = length & 0x7F
            digits = data[position : position + count]
            length, position = int.from_bytes(digits, "big"), position + count
            require(0 < count == len(digits) and digits[0] != 0 and length >= 0x80, f"{name}: a length is not DER")
        require(position + length <= len(data), f"{name} is cut off")
        if tag & 0x20:
            require_definite(data[position : position + length], name, depth + 1)
        position += length


def written_again(value):
    """The DER of a value after everything in it was read and written again."""
    value = value.copy()
    value.native
    return value.dump(force=True)


# ---- certificates


def read_certificates(paths):
    found = []
    for path in paths:
        with open(path, "rb") as file:
            for kind, _, data in pem.unarmor(file.read(), multiple=True):
                require(kind == "CERTIFICATE", f"{path} holds a {kind}")
                found.append(x509.Certificate.load(data, strict=True))
    return found


def public_key(certificate):
    return serialization.load_der_public_key(certificate.public_key.dump())


def verify(key, algorithm, signature, message):
    """Verifies one signature; `algorithm` is a SignedDigestAlgorithm. Raises on a bad one."""
    kind = algorithm.signature_algo
    digest = HASHES[algorithm.hash_algo]
    if kind == "ecdsa":
        require(isinstance(key, ec.EllipticCurvePublicKey), "an ECDSA signature without such a key")
        key.verify(signature, message, ec.ECDSA(digest))
    elif kind == "rsassa_pss":
        require(isinstance(key, rsa.RSAPublicKey) and key.key_size >= 3072, "an RSA key that is too short")
        mask = algorithm["parameters"]["mask_gen_algorithm"]
        require(mask["parameters"]["algorithm"].native == algorithm.hash_algo, "PSS with two hash functions")
        length = algorithm["parameters"]["salt_length"].native
        key.verify(signature, message, padding.PSS(padding.MGF1(digest), length), digest)
    else:
        require(kind == "rsassa_pkcs1v15" and isinstance(key, rsa.RSAPublicKey), f"{kind} is not allowed")
        key.verify(signature, message, padding.PKCS1v15(), digest)


def prove_path(certificate, others, root, purpose, when):
    """Follows issuers up to the root and verifies each signature; the last certificate has exactly one purpose."""
    usage = certificate.extended_key_usage_value
    require(usage is not None and usage.native == [purpose], f"{certificate.subject.human_friendly}: not for {purpose}")
    current = certificate
    for _ in range(8):
        validity = current["tbs_certificate"]["validity"]
        require(
            validity["not_before"].native <= when <= validity["not_after"].native,
            f"{current.subject.human_friendly} was not valid",
        )
        issuers = [c for c in [root, *others] if c.subject.dump() == current.issuer.dump()]
        require(issuers, f"the issuer of {current.subject.human_friendly} is not at hand")
        issuer = issuers[0]
        require(issuer.basic_constraints_value.native["ca"], f"{issuer.subject.human_friendly} may not issue")
        verify(
            public_key(issuer),
            current["signature_algorithm"],
            current["signature_value"].native,
            current["tbs_certificate"].dump(),
        )
        if issuer.dump() == root.dump():
            return
        current = issuer
    raise NotProven("a path without end")


# ---- signatures


class Prover:
    def __init__(self, root, intermediates):
        self.root = root
        self.intermediates = intermediates

    def signed_data(self, data, content, name, purpose):
        """Proves every signature and its timestamp. Returns the certificates of the signers."""
        require_definite(data, name)
        info = cms.ContentInfo.load(data, strict=True)
        require(info["content_type"].native == "signed_data", f"{name} is no SignedData")
        signed = info["content"]
        # All of it must be DER but the timestamp tokens, which are the authority's (RFC 5652 allows them BER).
        for field in ("digest_algorithms", "certificates"):
            require(written_again(signed[field]) == signed[field].dump(), f"{name}: {field} are not canonical DER")
        for signer in signed["signer_infos"]:
            require(written_again(signer["signed_attrs"]) == signer["signed_attrs"].dump(), f"{name} is not canonical DER")
        infos = [signer.dump() for signer in signed["signer_infos"]]
        require(infos == sorted(infos), f"{name}: the signatures are not in the order of DER")
        require(signed["encap_content_info"]["content"].native is None, f"{name} is not detached")
        signers = []
        for signer in signed["signer_infos"]:
            certificate = self.signer(signed, signer, content, "data", name)
            tokens = [a for a in signer["unsigned_attrs"] if a["type"].native == "signature_time_stamp_token"]
            require(len(tokens) == 1 and len(tokens[0]["values"]) == 1, f"{name} has no single timestamp for each signer")
            when = self.timestamp(tokens[0]["values"][0].dump(), signer["signature"].native, name)
            others = self.intermediates + [c.chosen for c in signed["certificates"]]
            prove_path(certificate, others, self.root, purpose, when)
            signers.append(certificate)
        require(signers, f"{name} has no signer")
        return signers

    def signer(self, signed, signer, content, content_type, name):
        """Proves one SignerInfo over the content. Returns its certificate."""
        identifier = signer["sid"].chosen
        matching = [
            c.chosen
            for c in signed["certificates"]
            if c.chosen.issuer.dump() == identifier["issuer"].dump()
            and c.chosen.serial_number == identifier["serial_number"].native
        ]
        require(len(matching) == 1, f"{name} does not carry one certificate for each signer")
        certificate = matching[0]
        attributes = {a["type"].native: a["values"] for a in signer["signed_attrs"]}
        require(len(attributes) == len(signer["signed_attrs"]), f"{name} has an attribute twice")
        require(attributes["content_type"][0].native == content_type, f"{name} is over another kind of content")
        digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content).digest()
        require(attributes["message_digest"][0].native == digest, f"{name} is over another content")
        identity = attributes["signing_certificate_v2"][0]["certs"][0]
        hashed = hashlib.new(identity["hash_algorithm"]["algorithm"].native, certificate.dump()).digest()
        require(identity["cert_hash"].native == hashed, f"{name} names another certificate")
        # What is signed is the SET OF, not the [0] that stands in the message.
        message = b"\x31" + signer["signed_attrs"].dump()[1:]
        algorithm = signer["signature_algorithm"]
        if algorithm["algorithm"].native == "rsassa_pkcs1v15":
            algorithm = algos.SignedDigestAlgorithm(
                {"algorithm": signer["digest_algorithm"]["algorithm"].native + "_rsa"}
            )
        verify(public_key(certificate), algorithm, signer["signature"].native, message)
        return certificate

    def timestamp(self, data, signature, name):
        """Proves a timestamp token over a signature value. Returns its time."""
        signed = cms.ContentInfo.load(data, strict=True)["content"]
        content = bytes(signed["encap_content_info"]["content"])
        statement = strictly(tsp.TSTInfo, content, f"the statement in the timestamp of {name}")
        imprint = statement["message_imprint"]
        digest = hashlib.new(imprint["hash_algorithm"]["algorithm"].native, signature).digest()
        require(imprint["hashed_message"].native == digest, f"the timestamp of {name} is over another signature")
        require(len(signed["signer_infos"]) == 1, f"the timestamp of {name} has not one signer")
        certificate = self.signer(signed, signed["signer_infos"][0], content, "tst_info", f"the timestamp of {name}")
        others = self.intermediates + [c.chosen for c in signed["certificates"]]
        when = statement["gen_time"].native
        prove_path(certificate, others, self.root, TIME_STAMPING, when)
        return when


# ---- containers


def read_container(data, name):
    archive = zipfile.ZipFile(io.BytesIO(data))
    require(archive.testzip() is None, f"{name}: a CRC-32 is wrong")
    names = archive.namelist()
    require(len(set(names)) == len(names), f"{name} has a name twice")
    require(all(i.compress_type == zipfile.ZIP_STORED for i in archive.infolist()), f"{name} is compressed")
    require(names[0] == "mimetype", f"{name} does not begin with its media type")
    objects = {n: archive.read(n) for n in names}
    require(objects["mimetype"] == b"application/vnd.etsi.asic-e+zip", f"{name} is no ASiC-E container")
    return objects


def prove_digests(objects, name):
    """Every object is listed by the manifest in META-INF, once, with its digest."""
    manifest = objects["META-INF/ASiCManifest.xml"]
    listed = []
    for reference in ElementTree.fromstring(manifest).iter(ASIC + "DataObjectReference"):
        uri = reference.get("URI")
        require(reference.find(DSIG + "DigestMethod").get("Algorithm") == SHA256_URI, f"{name}: not SHA-256")
        digest = base64.b64decode(reference.find(DSIG + "DigestValue").text, validate=True)
        require(hashlib.sha256(objects[uri]).digest() == digest, f"{name}: {uri} is not what was signed")
        listed.append(uri)
    expected = [n for n in objects if n != "mimetype" and not n.startswith("META-INF/")]
    require(listed == expected, f"{name}: not every object is listed once")
    return manifest


# ---- envelopes


def open_content(info, key, name):
    """Decrypts the content of an AuthEnvelopedData with its content key."""
    require(info["content_type"].native == "authenticated_enveloped_data", f"{name} is no AuthEnvelopedData")
    content = info["content"]
    encrypted = content["auth_encrypted_content_info"]
    algorithm = encrypted["content_encryption_algorithm"]
    require(algorithm["algorithm"].native == "aes256_gcm" and len(key) == 32, f"{name}: not AES-256-GCM")
    parameters = core.Sequence.load(algorithm["parameters"].dump(), strict=True)
    nonce, length = parameters[0].native, parameters[1].native
    tag = content["mac"].native
    require(len(nonce) == 12 and length == 16 and len(tag) == 16, f"{name}: not the nonce or tag prescribed")
    return AESGCM(key).decrypt(nonce, encrypted["encrypted_content"].native + tag, None)


class SharedInfo(core.Sequence):
    """ECC-CMS-SharedInfo of RFC 5753."""

    _fields = [
        ("key_info", core.Sequence),
        ("entity_u_info", core.OctetString, {"explicit": 0, "optional": True}),
        ("supp_pub_info", core.OctetString, {"explicit": 2}),
    ]


def open_key(data, certificate, key):
    """The bundle key, from the recipient info that is for the certificate."""
    info = strictly(cms.ContentInfo, data, "key.p7m")

    def is_ours(identifier):
        return (
            identifier["issuer"].dump() == certificate.issuer.dump()
            and identifier["serial_number"].native == certificate.serial_number
        )

    for recipient in info["content"]["recipient_infos"]:
        if recipient.name == "ktri" and is_ours(recipient.chosen["rid"].chosen):
            algorithm = recipient.chosen["key_encryption_algorithm"]
            require(algorithm["algorithm"].native == "rsaes_oaep", "a key transport other than OAEP")
            parameters = algorithm["parameters"]
            require(parameters["hash_algorithm"]["algorithm"].native == "sha256", "OAEP without SHA-256")
            oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
            content_key = key.decrypt(recipient.chosen["encrypted_key"].native, oaep)
            return open_content(info, content_key, "key.p7m")
        if recipient.name == "kari":
            for encrypted in recipient.chosen["recipient_encrypted_keys"]:
                if is_ours(encrypted["rid"].chosen):
                    content_key = agree(recipient.chosen, encrypted["encrypted_key"].native, key)
                    return open_content(info, content_key, "key.p7m")
    raise NotProven("the bundle is not for this certificate")


def agree(recipient, wrapped, key):
    """Ephemeral-static ECDH of RFC 5753 with AES-256 key wrap."""
    scheme = recipient["key_encryption_algorithm"]["algorithm"].dotted
    digest = {"1.3.132.1.11.1": hashes.SHA256(), "1.3.132.1.11.2": hashes.SHA384()}[scheme]
    wrap = recipient["key_encryption_algorithm"]["parameters"]
    wrap = core.Sequence.load(wrap.dump(), strict=True)
    require(wrap[0].native == "2.16.840.1.101.3.4.1.45", "a key wrap other than AES-256")
    point = recipient["originator"].chosen["public_key"].native
    if isinstance(point, tuple):
        point = core.BitString(point).contents[1:]
    ephemeral = ec.EllipticCurvePublicKey.from_encoded_point(key.curve, bytes(point))
    shared = SharedInfo({"key_info": wrap, "supp_pub_info": (256).to_bytes(4, "big")})
    if recipient["ukm"].native is not None:
        shared["entity_u_info"] = recipient["ukm"].native
    secret = key.exchange(ec.ECDH(), ephemeral)
    return keywrap.aes_key_unwrap(X963KDF(digest, 32, shared.dump()).derive(secret), wrapped)


def open_part(data, name, bundle_key, identifier):
    info = strictly(cms.ContentInfo, data, name)
    recipients = info["content"]["recipient_infos"]
    require(len(recipients) == 1 and recipients[0].name == "kekri", f"{name} is not under the bundle key")
    recipient = recipients[0].chosen
    require(recipient["kekid"]["key_identifier"].native == identifier, f"{name} belongs to another bundle")
    require(recipient["key_encryption_algorithm"]["algorithm"].native == "aes256_wrap", f"{name}: not AES-256 key wrap")
    content_key = keywrap.aes_key_unwrap(bundle_key, recipient["encrypted_key"].native)
    return open_content(info, content_key, name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("--root", required=True)
    parser.add_argument("--intermediate", action="append", default=[])
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--out", required=True)
    given = parser.parse_args()

    prover = Prover(read_certificates([given.root])[0], read_certificates(given.intermediate))
    certificate = read_certificates([given.certificate])[0]
    with open(given.key, "rb") as file:
        key = serialization.load_pem_private_key(file.read(), None)
    with open(given.bundle, "rb") as file:
        sealed = read_container(file.read(), "the sealed container")

    manifest = prove_digests(sealed, "the sealed container")
    seals = prover.signed_data(sealed["META-INF/signature.p7s"], manifest, "the seal", GATEWAY_SEAL)
    require(len(seals) == 1, "more than one seal")
    identifier = re.search(rb"urn:uuid:([0-9a-f-]{36})", sealed["exchange.xml"]).group(1).decode()
    identifier = bytes.fromhex(identifier.replace("-", ""))

    bundle_key = open_key(sealed["key.p7m"], certificate, key)
    names = [n for n in sealed if n.startswith("parts/")]
    require(names == [f"parts/{i + 1:05}.p7m" for i in range(len(names))], "the parts are not numbered in order")
    container = b"".join(open_part(sealed[n], n, bundle_key, identifier) for n in names)

    signed = read_container(container, "the signed container")
    manifest = prove_digests(signed, "the signed container")
    signers = prover.signed_data(signed["META-INF/signature.p7s"], manifest, "the signatures", PERSON_SIGNATURE)

    os.mkdir(given.out)
    with open(os.path.join(given.out, "signed.asice"), "wb") as file:
        file.write(container)
    for name, data in signed.items():
        require(re.fullmatch(r"[A-Za-z0-9./-]+", name) and ".." not in name, f"{name!r} is not a name of ours")
        path = os.path.join(given.out, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
    print(f"opened {len(names)} parts with {len(signed)} objects")
    for person in seals + signers:
        print(f"signed by {person.subject.human_friendly}")


if __name__ == "__main__":
    try:
        main()
    except NotProven as error:
        sys.exit(f"not proven: {error}")
    except Exception as error:
        # A library's refusal, such as InvalidSignature or InvalidTag, often without words of its own.
        sys.exit(f"not proven: {type(error).__name__} {error}")

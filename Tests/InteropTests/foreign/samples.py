"""The samples: good ones by many makers' habits, and one fault in each of the others."""

import base64
import hashlib

import cades
from asic import E, S, container, manifest
from cades import Signature, Signer, timestamp
from der import octets, open_lengths, open_outside, seq, tlv

FILES = {"report.txt": b"The account was opened on 3 March.\n", "data/Отчёт 1.csv": b"a;b\n1;2\n" * 400}
P7S = "META-INF/signature001.p7s"
MANIFEST = "META-INF/ASiCManifest001.xml"


class Sample:
    def __init__(self, name, content, outcome, code="", check="", trust="full", objects=-1):
        self.name = name
        self.content = content
        self.line = [name, outcome, code, check, trust, str(objects)]


def make(world):
    """Every sample of signatures and containers."""
    made = []

    def good(name, content, objects=2, **more):
        made.append(Sample(name, content, "passed", objects=objects, **more))

    def bad(name, content, code, check, **more):
        made.append(Sample(name, content, "failed", code, check, **more))

    def unchecked(name, content, code, check, **more):
        made.append(Sample(name, content, "notChecked", code, check, **more))

    def stamped(person, content, level="t", stamper=None, **more):
        signature = Signature(content, Signer(person, content, **more))
        if level != "b":
            signature.stamp(timestamp(stamper or world.stamps, signature.signers[0].value))
        return signature

    def asic_e(signature=None, files=FILES, listed=None, digest="sha256", extra=None, zipped=None, der=None, **more):
        """ASiC-E with one manifest; `signature` makes the object from the manifest's bytes."""
        statement = manifest(P7S, files if listed is None else listed, digest, **more)
        make_one = signature or (lambda content: stamped(world.anna, content).checked())
        return container({**files, MANIFEST: statement, P7S: make_one(statement) if der is None else der,
                          **(extra or {})}, **(zipped or {}))

    def one(person, **more):
        return lambda content: stamped(person, content, **more).checked()

    def asic_s(content=FILES["report.txt"], der=None, name="report.txt", **more):
        return container({name: content, "META-INF/signature.p7s": der or stamped(world.anna, content).checked()},
                         mimetype=S, **more)

    # Algorithms.
    for digest in ("sha256", "sha384", "sha512"):
        good(f"ecdsa-p256-{digest}", asic_e(one(world.anna, name=digest), digest=digest))
        good(f"rsa-pkcs1-{digest}", asic_e(one(world.daniyar, name=digest, scheme="pkcs1")))
        good(f"rsa-pss-{digest}", asic_e(one(world.daniyar, name=digest, scheme="pss")))
        good(f"reference-{digest}", asic_e(one(world.anna, reference_digest=digest)))
    good("ecdsa-p384", asic_e(one(world.boris, name="sha384")))
    good("ecdsa-p521", asic_e(one(world.clara, name="sha512")))
    good("ecdsa-brainpool", asic_e(one(world.edda)))
    good("stamped-by-ec", asic_e(one(world.anna, stamper=world.stamps_ec)))

    # Habits.
    good("level-b", asic_e(one(world.anna, level="b")))
    good("key-identifier", asic_e(lambda c: stamped(world.anna, c, key_identifier=True).der()))
    good("unordered-attributes", asic_e(lambda c: stamped(world.anna, c, unordered=True).der()))
    good("ber", asic_e(lambda c: open_outside(stamped(world.anna, c).der(), 4)))
    good("ber-everywhere", asic_e(lambda c: open_lengths(stamped(world.anna, c).der())))
    good("deflated", asic_e(zipped={"deflated": True}))
    good("deflated-streamed", asic_e(zipped={"deflated": True, "streamed": True, "compressed": True}))
    good("mimetype-last", asic_e(zipped={"last": True}))
    good("mimetype-missing", asic_e(zipped={"mimetype": None}))
    good("mimetype-in-comment", asic_e(zipped={"mimetype": None, "comment": b"mimetype=" + E}))
    good("mimetype-line-end", asic_e(zipped={"mimetype": E + b"\r\n"}))
    good("comment", asic_e(zipped={"comment": b"made by zipfile"}))
    good("directories", asic_e(zipped={"folders": ["data/", "META-INF/"]}))
    good("raw-references", asic_e(uri=str))
    good("revocation-carried", asic_e(lambda c: carrying(world, c).checked()), trust="bare")
    good("revocation-values", asic_e(lambda c: values(world, c).der()), trust="bare")
    good("ocsp-carried", asic_e(lambda c: answered(world, c).der()), trust="bare")
    good("revoked-after-the-timestamp", asic_e(one(world.revoked_later)))

    # Several manifests and signatures.
    def two_signers(content):
        signature = Signature(content, Signer(world.anna, content), Signer(world.daniyar, content, scheme="pss"))
        for index in (0, 1):
            signature.stamp(timestamp(world.stamps, signature.signers[index].value), index)
        signature.signers.sort(key=lambda signer: signer.der())
        return signature.checked()

    good("two-signers", asic_e(two_signers))

    def one_of_two(content):
        signature = Signature(content, Signer(world.anna, content),
                              Signer(world.daniyar, content, scheme="pss", flipped=True))
        return signature.checked()

    bad("two-signers-one-forged", asic_e(one_of_two), "signature.invalid", "signature.2.signature")

    def second_stamp(content):
        signature = stamped(world.anna, content)
        return signature.stamp(timestamp(world.stamps, b"other", "20261120100200Z")).der()

    bad("two-timestamps-one-copied", asic_e(second_stamp), "timestamp.imprint_mismatch", "signature.1.2.timestamp")
    first = {"report.txt": FILES["report.txt"]}
    second = {"data/Отчёт 1.csv": FILES["data/Отчёт 1.csv"]}
    statements = [manifest("META-INF/signature001.p7s", first), manifest("META-INF/signature002.p7s", second, "sha512")]
    several = {**FILES, MANIFEST: statements[0], "META-INF/ASiCManifest002.xml": statements[1],
               P7S: stamped(world.anna, statements[0]).checked(),
               "META-INF/signature002.p7s": stamped(world.boris, statements[1], name="sha384").checked()}
    good("two-manifests", container(several))
    bad("two-manifests-swapped",
        container({**several, P7S: several["META-INF/signature002.p7s"], "META-INF/signature002.p7s": several[P7S]}),
        "signature.digest_mismatch", "signature.1.signature")
    bad("two-manifests-one-signature",
        container({**several, "META-INF/ASiCManifest002.xml": manifest(P7S, second)}),
        "asic.signature_reference", "manifest.2.signature")
    token = manifest("META-INF/timestamp.tst", FILES, kind="application/vnd.etsi.timestamp-token")
    stamp_only = {**FILES, MANIFEST: token, "META-INF/timestamp.tst": timestamp(world.stamps, token)}
    good("e-timestamp-only", container(stamp_only))
    bad("e-timestamp-of-other",
        container({**stamp_only, "META-INF/timestamp.tst": timestamp(world.stamps, b"other")}),
        "timestamp.imprint_mismatch", "timestamp.1.timestamp")

    # ASiC-S.
    text = FILES["report.txt"]
    good("s-signature", asic_s(), objects=1)
    large = "".join(f"{number * 2654435761 % 1000003};{number}\n" for number in range(200_000)).encode()
    good("s-large-sha512", asic_s(large, stamped(world.daniyar, large, name="sha512", scheme="pss").checked(),
                                  deflated=True), objects=1)
    good("s-timestamp", container({"report.txt": text, "META-INF/timestamp.tst": timestamp(world.stamps, text)},
                                  mimetype=S), objects=1)
    good("s-without-mimetype", container({"report.txt": text, "META-INF/signature.p7s":
                                          stamped(world.anna, text).checked()}, mimetype=None), objects=1)
    bad("s-altered", asic_s(text + b".", stamped(world.anna, text).checked()),
        "signature.digest_mismatch", "signature.1.signature")
    bad("s-two-objects", container({**FILES, "META-INF/signature.p7s": stamped(world.anna, text).checked()},
                                   mimetype=S), "foreign.data_objects", "foreign.data_object")
    bad("s-timestamp-of-other", container(
        {"report.txt": text, "META-INF/timestamp.tst": timestamp(world.stamps, b"other")}, mimetype=S),
        "timestamp.imprint_mismatch", "timestamp.1.timestamp")

    # What is not checked.
    unchecked("xades-only", container({**FILES, "META-INF/signatures.xml": b"<signatures/>"}),
              "foreign.kind_not_checked", "foreign.not_checked", objects=0)
    unchecked("xades-beside", asic_e(extra={"META-INF/signatures001.xml": b"<signatures/>"}),
              "foreign.kind_not_checked", "foreign.not_checked")
    unchecked("evidence-record", asic_e(extra={"META-INF/evidencerecord.ers": b"0"}),
              "foreign.kind_not_checked", "foreign.not_checked")
    unchecked("unsigned-file", asic_e(extra={"extra.txt": b"not signed"}),
              "foreign.unsigned_files", "foreign.unsigned")
    unchecked("unreferenced-signature", asic_e(extra={
        "META-INF/signature009.p7s": stamped(world.anna, b"what").checked()}),
        "foreign.signature_unreferenced", "foreign.unreferenced")
    unchecked("archive-version-2", asic_e(lambda c: old_archive(world, stamped, c)),
              "foreign.kind_not_checked", "signature.1.older_archive_timestamps")
    unchecked("no-revocation-list", asic_e(), "revocation.not_available", "signature.1.revocation", trust="stamps",
              objects=0)
    unchecked("no-revocation-list-of-timestamps", asic_e(), "revocation.not_available",
              "signature.1.timestamp_authority", trust="signers", objects=0)

    # Containers.
    bad("no-signature", container(FILES), "foreign.no_signature", "foreign.signatures")
    bad("wrong-mimetype", asic_e(zipped={"mimetype": b"application/epub+zip"}), "foreign.mimetype",
        "foreign.inventory")
    bad("altered-file", asic_e(wrong="report.txt"), "bundle.digest_mismatch", "manifest.1.digests")
    bad("missing-file", asic_e(files={"report.txt": text}, listed=FILES), "asic.object_missing", "manifest.1.format")
    bad("altered-manifest", asic_e(der=stamped(world.anna, manifest(P7S, FILES, "sha512")).checked()),
        "signature.digest_mismatch", "signature.1.signature")
    bad("missing-signature", container({**FILES, MANIFEST: manifest(P7S, FILES),
                                        "META-INF/signature002.p7s": stamped(world.anna, b"what").checked()}),
        "foreign.signature_missing", "manifest.1.format")
    bad("manifest-sha1", asic_e(digest="sha1"), "asic.weak_digest", "manifest.1.format")
    bad("manifest-doubled", asic_e(extension=_reference("report.txt", text)), "asic.reference", "manifest.1.format")
    bad("manifest-outside", asic_e(extension=_reference("http://example.org/x", b"x")), "asic.reference",
        "manifest.1.format")
    bad("manifest-above", asic_e(extension=_reference("../x", b"x")), "asic.reference", "manifest.1.format")
    bad("manifest-critical", asic_e(extension="<asic:ASiCManifestExtensions><asic:Extension Critical=\"true\">"
                                    "<asic:Unknown/></asic:Extension></asic:ASiCManifestExtensions>"),
        "asic.malformed", "manifest.1.format")
    bad("manifest-doctype", asic_e(lambda c: stamped(world.anna, c).checked(), files=FILES, extra={
        "META-INF/ASiCManifest002.xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
                                        b"<a>&b;</a>"}), "xml.doctype", "manifest.2.format")

    # Signatures.
    def broken(title, code, check="signature.1.signature", **more):
        bad(title, asic_e(lambda c: stamped(world.anna, c, **more).der()), code, check)

    form = "signatures.1.format"
    broken("wrong-digest", "signature.digest_mismatch", wrong_digest=True)
    broken("flipped-signature", "signature.invalid", flipped=True)
    broken("other-certificate-referenced", "signature.certificate_mismatch", reference=world.boris)
    broken("no-certificate-reference", "signature.missing_attribute", form, omit=[cades.SIGNING_CERTIFICATE_V2])
    broken("old-certificate-reference", "signature.weak_digest", form, old_reference=True)
    broken("reference-by-sha1", "signature.weak_digest", "signature.1.signature", reference_digest="sha1")
    broken("no-message-digest", "signature.missing_attribute", form, omit=[cades.MESSAGE_DIGEST])
    broken("no-content-type", "signature.missing_attribute", form, omit=[cades.CONTENT_TYPE])
    broken("no-signed-attributes", "signature.missing_attribute", form, no_attributes=True)
    broken("message-digest-doubled", "signature.duplicate_attribute", form, doubled=[cades.MESSAGE_DIGEST])
    broken("signing-time-doubled", "signature.duplicate_attribute", form, doubled=[cades.SIGNING_TIME])
    broken("other-content-type", "signature.content_type", form, other_type=cades.TST_INFO)
    broken("sha1-signature", "signature.weak_digest", form, name="sha1")
    bad("attached", asic_e(lambda c: Signature(c, Signer(world.anna, c), inside=c).der()),
        "signature.not_detached", form)
    bad("certificate-missing", asic_e(lambda c: Signature(c, Signer(world.anna, c), certificates=[]).der()),
        "signature.certificate_missing", form)
    bad("no-signer", asic_e(lambda c: Signature(c, certificates=[world.anna]).der()), "signature.signer_count", form)
    bad("trailing-bytes", asic_e(lambda c: stamped(world.anna, c).der() + b"\0"), "signature.malformed", form)
    bad("not-cms", asic_e(lambda c: b"no signature"), "signature.malformed", form)
    bad("length-huge", asic_e(lambda c: b"\x30\x88\x7f" + b"\xff" * 7 + b"\x06\x00"), "signature.malformed", form)

    def many(content):
        signature = Signature(content, Signer(world.anna, content))
        signature.certificates = [tlv(0xA3, octets(number.to_bytes(2, "big"))) for number in range(300)]
        return signature.der()

    bad("many-certificates", asic_e(many), "signature.certificates", form)
    bad("too-deep", asic_e(lambda c: _deep(2_000)), "signature.malformed", form)

    # Certificates.
    def by(title, person, code, check="signature.1.certificate", **more):
        bad(title, asic_e(lambda c: stamped(person, c, **more).der()), code, check)

    by("rsa-1024", world.weak, "key.not_in_suite", "signature.1.signature")
    by("p-224", world.curve, "key.not_in_suite", "signature.1.signature")
    by("server-certificate", world.server, "certificate.wrong_purpose")
    by("cipher-certificate", world.cipher, "certificate.key_usage")
    by("stranger", world.stranger, "certificate.untrusted")
    by("expired", world.expired, "certificate.expired")
    by("revoked", world.revoked, "certificate.revoked")
    by("certificate-by-sha1", world.hashed, "certificate.weak_signature")
    by("authority-signs", world.issuing, "certificate.wrong_purpose")
    bad("nobody-trusted", asic_e(), "certificate.untrusted", "signature.1.certificate", trust="nobody")
    bad("list-of-wrong-issuer", asic_e(lambda c: carrying(world, c, wrong=True).der()), "revocation.wrong_issuer",
        "signature.1.certificate", trust="bare")

    bad("ocsp-forged", asic_e(lambda c: answered(world, c, world.other_root.key).der()), "ocsp.bad_signature",
        "signature.1.certificate", trust="bare")

    # Timestamps.
    def stamps(title, code, check="signature.1.timestamp", person=None, over=None, **more):
        def signature(content):
            made = Signature(content, Signer(world.anna, content))
            return made.stamp(timestamp(person or world.stamps, made.signers[0].value if over is None else over, **more))
        bad(title, asic_e(lambda c: signature(c).der()), code, check)

    authority = "signature.1.timestamp_authority"
    other = Signature(b"x", Signer(world.anna, b"x")).signers[0].value
    stamps("timestamp-copied", "timestamp.imprint_mismatch", over=other)
    stamps("timestamp-forged", "timestamp.signature", flipped=True)
    stamps("timestamp-of-nobody", "certificate.untrusted", authority, person=world.stamps_stranger)
    stamps("timestamp-by-server", "certificate.wrong_purpose", authority, person=world.stamps_server)
    stamps("timestamp-not-critical", "certificate.wrong_purpose", authority, person=world.stamps_lax)
    stamps("timestamp-other-reference", "timestamp.signature", reference=world.stamps_ec)
    stamps("timestamp-sha1", "timestamp.weak_digest", imprint="sha1")
    stamps("timestamp-future", "timestamp.future", time="20261201100000Z")
    stamps("timestamp-certificate-missing", "timestamp.certificate_missing", certificates=[])
    stamps("timestamp-expired", "certificate.expired", authority, person=world.stamps_2016, time="20180601000000Z")
    bad("timestamp-not-one", asic_e(lambda c: Signature(c, Signer(world.anna, c)).stamp(octets(b"no token")).der()),
        "timestamp.malformed", "signature.1.timestamp")
    return made


def _reference(name, content):
    value = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return (f'<asic:DataObjectReference URI="{name}"><ds:DigestMethod '
            'Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
            f"<ds:DigestValue>{value}</ds:DigestValue></asic:DataObjectReference>")


def _deep(levels):
    nested = b""
    for _ in range(levels):
        nested = tlv(0x30, nested)
    return nested


def stamped_with(world, signature):
    return signature.stamp(timestamp(world.stamps, signature.signers[0].value, lists=[world.lists["stamps"]]))


def carrying(world, content, wrong=False):
    """Baseline LT: lists inside; or one that another key of the issuer's name made."""
    issuing = world.lists["issuing"]
    if wrong:
        issuing = world.issuing.revocation_list(key=world.other_root.key)
    signature = Signature(content, Signer(world.anna, content), lists=[issuing, world.lists["root"]])
    return stamped_with(world, signature)


def answered(world, content, key=None):
    """Baseline LT with an OCSP response for the signer, perhaps made with another key."""
    signature = Signature(content, Signer(world.anna, content), lists=[world.lists["root"]],
                          responses=[world.issuing.ocsp_response(world.anna, key=key)], version=5)
    return stamped_with(world, signature)


def values(world, content):
    """The older way: certificates and lists in unsigned attributes."""
    signature = Signature(content, Signer(world.anna, content), certificates=[world.anna])
    stamped_with(world, signature)
    signature.signers[0].unsigned += [
        (cades.CERTIFICATE_VALUES, seq(world.issuing.der)),
        (cades.REVOCATION_VALUES, seq(tlv(0xA0, seq(world.lists["issuing"], world.lists["root"])))),
    ]
    return signature


def old_archive(world, stamped, content):
    signature = stamped(world.anna, content)
    signature.signers[0].unsigned.append((cades.ARCHIVE_V2, timestamp(world.stamps, b"older")))
    return signature.der()

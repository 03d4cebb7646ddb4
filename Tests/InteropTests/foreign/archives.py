"""Proof for long times: archive timestamps in signatures, and archive manifests in containers.

The signer of 2016 is long expired, and so are the authorities of 2016 and 2019; that of 2023 still stands.
"""

from asic import S, container, manifest
from cades import Signature, Signer, timestamp
from der import octets, oid, seq
from samples import FILES, MANIFEST, P7S, Sample

TST = "application/vnd.etsi.timestamp-token"


def make(world):
    made = []

    def good(name, content, objects=2):
        made.append(Sample(name, content, "passed", trust="bare", objects=objects))

    def bad(name, content, code, check):
        made.append(Sample(name, content, "failed", code, check, trust="bare"))

    def lists(year):
        given = {"this": f"{year}0102000000Z", "following": f"{year}1231000000Z"}
        return {name: person.revocation_list(**given) for name, person in
                [("root", world.root), ("issuing", world.issuing), ("stamps", world.stamp_root)]}

    then, later, now = lists(2016), lists(2019), lists(2026)

    def signed(content, stamp=True):
        """A signature of 2016 at baseline LT."""
        signature = Signature(content, Signer(world.bygone, content, time="20160501100000Z"),
                              lists=[then["root"], then["issuing"], later["stamps"]])
        if stamp:
            signature.stamp(timestamp(world.stamps_2016, signature.signers[0].value, "20160501100100Z"))
        return signature

    def archived(content, **more):
        """Archive timestamps of 2019 and, over that one, of 2023."""
        signature = signed(content)
        signature.archive(world.stamps_2019, "20190301000000Z", "sha256")
        # Before the next archive timestamp, what proves the one before it is put in.
        signature.choices.append(lists(2023)["stamps"])
        return signature.archive(world.stamps_2023, "20230301000000Z", "sha512", lists=[now["stamps"]], **more)

    def container_e(signature):
        statement = manifest(P7S, FILES)
        return container({**FILES, MANIFEST: statement, P7S: signature(statement).der()})

    def container_s(signature):
        text = FILES["report.txt"]
        return container({"report.txt": text, "META-INF/signature.p7s": signature(text).der()}, mimetype=S)

    good("archive-timestamps", container_e(archived))
    good("s-archive-timestamps", container_s(archived), objects=1)
    bad("archive-timestamps-missing", container_e(signed), "certificate.expired", "signature.1.timestamp_authority")

    def only_first(content):
        signature = signed(content)
        return signature.archive(world.stamps_2019, "20190301000000Z", lists=[later["stamps"]])

    bad("archive-timestamp-expired", container_e(only_first), "certificate.expired",
        "signature.1.archive.1.timestamp_authority")
    bad("archive-timestamp-of-other-content", container_e(lambda c: archived(c, over=b"other")),
        "timestamp.imprint_mismatch", "signature.1.archive.2.timestamp")
    bad("archive-timestamp-forged", container_e(lambda c: archived(c, flipped=True)),
        "timestamp.signature", "signature.1.archive.2.timestamp")

    def without_index(content):
        signature = archived(content)
        kind, _ = signature.signers[0].unsigned[-1]
        covered = oid("1.2.840.113549.1.7.1") + content
        signature.signers[0].unsigned[-1] = (kind, timestamp(world.stamps_2023, covered, "20230301000000Z"))
        return signature

    bad("archive-timestamp-without-index", container_e(without_index), "timestamp.index_missing",
        "signature.1.archive.2.timestamp")

    def removed(content):
        signature = archived(content)
        signature.choices.pop(0)
        return signature

    bad("archived-list-removed", container_e(removed), "timestamp.index_mismatch", "signature.1.archive.2.timestamp")

    def stamp_removed(content):
        signature = archived(content)
        signature.signers[0].unsigned.pop(0)
        return signature

    bad("archived-timestamp-removed", container_e(stamp_removed), "timestamp.index_mismatch",
        "signature.1.archive.2.timestamp")
    bad("archive-index-malformed", container_e(lambda c: archived(c, index=seq(octets(b"index")))),
        "timestamp.index_malformed", "signature.1.archive.2.timestamp")

    def late(content):
        """A signature timestamp that no archive timestamp covers is checked as of now."""
        signature = archived(content)
        return signature.stamp(timestamp(world.stamps_2016, signature.signers[0].value, "20160501100200Z"))

    bad("timestamp-added-after-archive", container_e(late), "certificate.expired", "signature.1.2.timestamp_authority")

    # Archive manifests (EN 319 162-1 Annex A.7).
    def renewed(steps=2, wrong=None, token=None, files=FILES, drop=()):
        statement = manifest(P7S, files)
        entries = {**files, MANIFEST: statement, P7S: signed(statement).der()}
        plan = [("META-INF/ASiCArchiveManifest001.xml", "META-INF/timestamp001.tst", world.stamps_2019,
                 "20190301000000Z", "sha256", [lists(2023)["stamps"]]),
                ("META-INF/ASiCArchiveManifest.xml", "META-INF/timestamp002.tst", world.stamps_2023,
                 "20230301000000Z", "sha512", [now["stamps"]])]
        last = None
        for number, (name, stamp, person, time, digest, carried) in enumerate(plan[:steps], 1):
            covered = {one: content for one, content in entries.items() if one not in drop}
            content = manifest(stamp, covered, digest, TST, root=last, wrong=wrong if number == steps else None)
            over = token if token is not None and number == steps else content
            entries = {**entries, name: content, stamp: timestamp(person, over, time, lists=carried)}
            last = name
        return entries

    good("archive-manifests", container(renewed()))
    bad("archive-manifest-expired", container(renewed(1)), "certificate.expired", "archive.1.timestamp_authority")
    bad("archive-manifest-wrong-digest", container(renewed(wrong=P7S)), "bundle.digest_mismatch", "archive.1.digests")
    bad("archive-manifest-other-timestamp", container(renewed(token=b"other")), "timestamp.imprint_mismatch",
        "archive.1.timestamp")
    chain = renewed()
    without = {name: content for name, content in chain.items() if name != "META-INF/timestamp001.tst"}
    bad("archive-manifest-link-missing", container(without), "asic.object_missing", "archive.1.manifest")
    bad("archive-manifest-not-chained",
        container(renewed(drop=["META-INF/ASiCArchiveManifest001.xml", "META-INF/timestamp001.tst"])),
        "certificate.expired", "archive.2.timestamp_authority")
    text = FILES["report.txt"]
    first = timestamp(world.stamps_2019, text, "20190301000000Z", lists=[lists(2023)["stamps"]])
    covered = {"report.txt": text, "META-INF/timestamp.tst": first}
    above = manifest("META-INF/timestamp002.tst", covered, "sha512", TST)
    good("s-archived-timestamp", container({
        **covered, "META-INF/ASiCArchiveManifest.xml": above,
        "META-INF/timestamp002.tst": timestamp(world.stamps_2023, above, "20230301000000Z",
                                               lists=[now["stamps"]])}, mimetype=S), objects=1)
    return made

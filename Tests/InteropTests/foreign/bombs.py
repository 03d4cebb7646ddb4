"""Archives that would become too large or too many."""

from asic import container, manifest
from cades import Signature, Signer
from samples import FILES, MANIFEST, P7S, Sample


def make(world):
    statement = manifest(P7S, FILES)
    signed = {**FILES, MANIFEST: statement, P7S: Signature(statement, Signer(world.anna, statement)).checked()}

    def beside(files, **more):
        return container({**signed, **files}, deflated=True, **more)

    zeros = beside({"zeros": bytes(64 << 20)})

    def declaring(real, declared):
        """A compressed file whose headers declare another size than it has."""
        content = bytearray(beside({"text": bytes(real)}))
        right, wrong = real.to_bytes(4, "little"), declared.to_bytes(4, "little")
        assert content.count(right) == 2
        return bytes(content.replace(right, wrong))

    def bad(name, content, code, check):
        return Sample(name, content, "failed", code, check)

    return [
        bad("bomb-ratio", zeros, "zip.ratio", "foreign.structure"),
        bad("bomb-larger-than-declared", declaring(64 << 20, 1_000_003), "zip.deflate", "foreign.content"),
        bad("bomb-smaller-than-declared", declaring(70_000, 70_001), "zip.deflate", "foreign.content"),
        bad("bomb-many-entries", beside({f"f{number}": b"" for number in range(1_001)}), "zip.too_many_entries",
            "foreign.structure"),
        bad("bomb-many-signatures", beside({f"META-INF/signature{number}.p7s": b"" for number in range(65)}),
            "foreign.too_many_signatures", "foreign.inventory"),
        bad("bomb-large-signature", beside({"META-INF/signature002.p7s": b"".join(
            number.to_bytes(4, "big") for number in range(3_000_000))}), "zip.entry_too_large", "foreign.inventory"),
        # Nothing inside an entry is ever opened.
        Sample("bomb-nested", beside({"inner.zip": zeros}), "notChecked", "foreign.unsigned_files",
               "foreign.unsigned", objects=2),
    ]

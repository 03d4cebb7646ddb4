"""ASiC containers as zipfile writes them."""

import base64
import hashlib
import io
import zipfile
from urllib.parse import quote

E = b"application/vnd.etsi.asic-e+zip"
S = b"application/vnd.etsi.asic-s+zip"
URIS = {"sha1": "http://www.w3.org/2000/09/xmldsig#sha1", "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
        "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384", "sha512": "http://www.w3.org/2001/04/xmlenc#sha512"}


def manifest(signature, files, name="sha256", kind="application/x-pkcs7-signature", root=None, wrong=None, uri=quote,
             extension="", extra=()):
    """An ASiCManifest; `files` maps names to contents."""
    lines = ['<?xml version="1.0" encoding="UTF-8" standalone="no"?>',
             '<asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" '
             'xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
             f'<asic:SigReference MimeType="{kind}" URI="{uri(signature)}"/>']
    listed = list(files.items()) + list(extra)
    for one, content in listed:
        algorithm = hashlib.sha1 if name == "sha1" else getattr(hashlib, name)
        value = base64.b64encode(algorithm(content + (b"!" if one == wrong else b"")).digest()).decode()
        first = ' Rootfile="true"' if one == root else ""
        lines.append(f'<asic:DataObjectReference MimeType="application/octet-stream"{first} URI="{uri(one)}">'
                     f'<ds:DigestMethod Algorithm="{URIS[name]}"/><ds:DigestValue>{value}</ds:DigestValue>'
                     "</asic:DataObjectReference>")
    lines.append(extension + "</asic:ASiCManifest>")
    return "\n".join(lines).encode()


class Unseekable(io.RawIOBase):
    """What makes zipfile write data descriptors."""

    def __init__(self):
        self.bytes = bytearray()

    def writable(self):
        return True

    def write(self, data):
        self.bytes += data
        return len(data)


def container(files, mimetype=E, deflated=False, comment=b"", last=False, streamed=False, folders=(), compressed=None):
    """A ZIP archive of files by name; `mimetype=None` leaves that entry out."""
    target = Unseekable() if streamed else io.BytesIO()
    entries = list(files.items())
    if mimetype is not None:
        entries.insert(len(entries) if last else 0, ("mimetype", mimetype))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as archive:
        archive.comment = comment
        for folder in folders:
            archive.writestr(zipfile.ZipInfo(folder, (2026, 11, 20, 10, 0, 0)), b"")
        for name, content in entries:
            info = zipfile.ZipInfo(name, (2026, 11, 20, 10, 0, 0))
            plain = name == "mimetype" and not compressed
            info.compress_type = zipfile.ZIP_DEFLATED if deflated and not plain else zipfile.ZIP_STORED
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return bytes(target.bytes) if streamed else target.getvalue()

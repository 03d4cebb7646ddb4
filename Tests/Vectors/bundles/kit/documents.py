"""The documents of a bundle: filled templates, `manifest.json`, `META-INF/ASiCManifest.xml` (FORMAT.md 4 to 6)."""

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree

LISTS = {"requiredSigners", "fields", "cites", "documents", "evidence", "custody", "identifiers"}
NUMBERS = {"formatVersion", "sequence", "highestSequenceSeen", "size"}
MEDIA_TYPES = {
    "exchange.xml": "application/xml",
    "manifest.xml": "application/xml",
    "manifest.json": "application/json",
}


def filled(text, value):
    """A template with every `@word:argument@` replaced by what `value` gives for it."""
    return re.sub(rb"@([a-zA-Z0-9]+)(?::([^@\s]+))?@", lambda m: value(*(p and p.decode() for p in m.groups())), text)


def local_name(element):
    return element.tag.rpartition("}")[2]


def statement(element):
    """The value that an element of `manifest.xml` has in `manifest.json`."""
    name = local_name(element)
    if name in LISTS:
        return [statement(child) for child in element]
    if len(element):
        return {local_name(child): statement(child) for child in element}
    return int(element.text) if name in NUMBERS else element.text or ""


def canonical_json(manifest_xml):
    """`manifest.json` in the form of RFC 8785. Names are ASCII here, so their order is that of Python's strings."""
    value = statement(ElementTree.fromstring(manifest_xml))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def media_types(manifest_xml):
    """Path and media type of every file that the manifest describes."""
    found = {}
    for element in ElementTree.fromstring(manifest_xml).iter():
        children = {local_name(child): child.text for child in element}
        if "path" in children:
            found[children["path"]] = children["mediaType"]
    return found


DIGEST_URIS = {
    "sha1": "http://www.w3.org/2000/09/xmldsig#sha1",
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}


def asic_manifest(entries, types, signature="META-INF/signature.p7s", digest="sha256", root=None):
    """`META-INF/ASiCManifest.xml` over entries given as (name, content), or the archive manifest of a renewal."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">',
        f'  <SigReference URI="{signature}" MimeType="{media_type(signature)}"/>',
    ]
    for name, content in entries:
        kind = MEDIA_TYPES.get(name) or types.get(name) or media_type(name)
        kind = kind.replace("&", "&amp;")
        value = base64.b64encode(hashlib.new(digest, content).digest()).decode()
        mark = ' Rootfile="true"' if name == root else ""
        lines += [
            f'  <DataObjectReference URI="{name}" MimeType="{kind}"{mark}>',
            f'    <ds:DigestMethod Algorithm="{DIGEST_URIS[digest]}"/>',
            f"    <ds:DigestValue>{value}</ds:DigestValue>",
            "  </DataObjectReference>",
        ]
    return "\n".join([*lines, "</ASiCManifest>", ""]).encode()


def media_type(name):
    """Of what the manifest of a message does not describe."""
    endings = {
        "xml": "application/xml",
        "p7s": "application/pkcs7-signature",
        "tst": "application/vnd.etsi.timestamp-token",
    }
    return endings.get(name.rpartition(".")[2], "application/pkcs7-mime")

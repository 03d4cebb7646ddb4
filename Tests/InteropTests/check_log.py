#!/usr/bin/python3
"""Checks what a gateway's log proves, with hashlib and openssl only; none of our programs takes part.

    check_log.py --key NAME+KEYID+BASE64 checkpoint NOTE
    check_log.py --key NAME+KEYID+BASE64 proof PROOF.tlog-proof ENTRY
    check_log.py --key NAME+KEYID+BASE64 export EXPORT

Written from the standards (RFC 6962, C2SP signed-note, tlog-checkpoint, tlog-proof) and from Schemas/FORMAT.md.
Exit status: 0 everything holds; 1 something does not, named on standard error.
"""

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile

# SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410).
ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
DASH = "\u2014 "


class NotProven(Exception):
    """What does not hold."""


def require(condition, sentence):
    if not condition:
        raise NotProven(sentence)


def sha256(data):
    return hashlib.sha256(data).digest()


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def base64_bytes(text):
    """Base64 in its one canonical form."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise NotProven(f"{text!r} is not base64") from error
    require(base64.b64encode(data).decode() == text, f"{text!r} is not canonical base64")
    return data


def decimal(text):
    """A number without sign and leading zeros."""
    require(text.isascii() and text.isdigit() and str(int(text)) == text, f"{text!r} is not a decimal number")
    return int(text)


class Key:
    """A log's name and Ed25519 key."""

    def __init__(self, vkey):
        self.name, key_id, rest = vkey.split("+", 2)
        data = base64_bytes(rest)
        require(data[:1] == b"\x01" and len(data) == 33, "the key is not one of Ed25519")
        self.public = data[1:]
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        require(self.id.hex() == key_id, "the key id does not belong to the key")

    def verify(self, signature, message):
        with tempfile.TemporaryDirectory() as folder:
            for name, data in [("key", ED25519_SPKI + self.public), ("signature", signature), ("message", message)]:
                with open(f"{folder}/{name}", "wb") as file:
                    file.write(data)
            command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"]
            command += ["-inkey", f"{folder}/key", "-sigfile", f"{folder}/signature", "-in", f"{folder}/message"]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0


def checkpoint(note, key):
    """Size and root that the log signed."""
    require(not any(byte < 0x20 and byte != 0x0A for byte in note), "the note has control characters")
    require(note.endswith(b"\n") and b"\n\n" in note, "the note has no signatures")
    text, signatures = note.rsplit(b"\n\n", 1)
    text += b"\n"
    own = []
    for line in signatures.decode()[:-1].split("\n"):
        require(line.startswith(DASH), "a signature line has another form")
        words = line[len(DASH):].split(" ")
        require(len(words) == 2, "a signature line has another form")
        data = base64_bytes(words[1])
        if words[0] == key.name and data[:4] == key.id:
            own.append(data[4:])
    require(len(own) == 1, "the note is not signed once by the log's key")
    require(key.verify(own[0], text), "the signature is not genuine")
    lines = text.decode().split("\n")
    require(len(lines) == 4 and lines[3] == "", "the note is not a name, a size and a root")
    require(lines[0] == key.name, "the checkpoint is another log's")
    root = base64_bytes(lines[2])
    require(len(root) == 32, "the root is not 32 bytes")
    return decimal(lines[1]), root


def root_of(index, size, leaf, path):
    """The root that the path leads to, by the recursive definition of RFC 6962 section 2.1.1."""
    require(0 <= index < size, "the index is outside the tree")
    if size == 1:
        require(not path, "the path is too long")
        return leaf
    require(path, "the path is too short")
    split = 1 << (size - 1).bit_length() - 1
    if index < split:
        return node_hash(root_of(index, split, leaf, path[:-1]), path[-1])
    return node_hash(path[-1], root_of(index - split, size - split, leaf, path[:-1]))


def check_proof(text, entry, key):
    """Index and size of a tlog-proof that holds for the entry."""
    head, note = text.split(b"\n\n", 1)
    lines = head.decode().split("\n")
    require(lines.pop(0) == "c2sp.org/tlog-proof@v1", "the proof is of another version")
    if lines and lines[0].startswith("extra "):
        lines.pop(0)
    require(lines and lines[0].startswith("index "), "the proof has no index")
    index = decimal(lines.pop(0)[len("index "):])
    size, root = checkpoint(note, key)
    path = [base64_bytes(line) for line in lines]
    require(all(len(hash_) == 32 for hash_ in path), "a hash is not 32 bytes")
    require(root_of(index, size, leaf_hash(entry), path) == root, "the entry does not stand in the log")
    return index, size


def canonical(line):
    """A JSON object in the form of RFC 8785; the keys are ASCII and the numbers whole."""
    value = json.loads(line)
    again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    require(again.encode() == line, "a line or an entry is not canonical JSON")
    return value


def check_export(lines, key):
    """Number of entries and size of the log, of an export that holds."""
    digest = hashlib.sha256()
    head = signed = None
    count, subtrees, ended = 0, [], False
    for raw in lines:
        require(raw.endswith(b"\n") and not ended, "the export does not end with its last line")
        line = canonical(raw[:-1])
        if line["type"] == "end":
            ended = True
            require(line["digest"] == digest.hexdigest(), "the export is damaged")
            require(line["entries"] == count, "the export has another number of entries than it says")
            continue
        digest.update(raw)
        if head is None:
            require(line["type"] == "head" and line["format"] == "rogatory-log-export-1", "the export has no head")
            require(Key(line["vkey"]).public == key.public and line["origin"] == key.name, "the export is another log's")
            head = line
        elif signed is None:
            require(line["type"] == "checkpoint", "the export has no checkpoint")
            signed = checkpoint(line["note"].encode(), key)
        elif line["type"] == "entry":
            entry = base64_bytes(line["entry"])
            require(canonical(entry)["version"] == 1, f"entry {line['index']} is of another version")
            leaf = leaf_hash(entry)
            if head["selection"] == "whole":
                require(line["index"] == count, f"entry {count} is missing")
                require(base64_bytes(line["leaf"]) == leaf, f"entry {count} is altered")
                subtrees = append(subtrees, leaf)
            else:
                path = [base64_bytes(hash_) for hash_ in line["path"]]
                proven = root_of(line["index"], signed[0], leaf, path)
                require(proven == signed[1], f"entry {line['index']} does not stand in the log")
            count += 1
        elif line["type"] == "checkpoint":
            size, root = checkpoint(line["note"].encode(), key)
            require(size == count and root == fold(subtrees), f"the entries before {count} are not those signed")
    require(ended, "the export does not end with its last line")
    if head["selection"] == "whole":
        require(count == signed[0] and fold(subtrees) == signed[1], "the entries do not give the signed root")
    return count, signed[0]


def append(subtrees, leaf):
    """The complete subtrees (height, hash) from the left, with another leaf."""
    subtrees = subtrees + [(0, leaf)]
    while len(subtrees) > 1 and subtrees[-1][0] == subtrees[-2][0]:
        (height, left), (_, right) = subtrees[-2:]
        subtrees = subtrees[:-2] + [(height + 1, node_hash(left, right))]
    return subtrees


def fold(subtrees):
    if not subtrees:
        return sha256(b"")
    root = subtrees[-1][1]
    for _, left in reversed(subtrees[:-1]):
        root = node_hash(left, root)
    return root


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("checkpoint").add_argument("note")
    proof = commands.add_parser("proof")
    proof.add_argument("proof")
    proof.add_argument("entry")
    commands.add_parser("export").add_argument("export")
    arguments = parser.parse_args()
    try:
        key = Key(arguments.key)
        if arguments.command == "checkpoint":
            size, root = checkpoint(read(arguments.note), key)
            print(f"checkpoint holds: size {size}, root {root.hex()}")
        elif arguments.command == "proof":
            entry = read(arguments.entry)
            kind = canonical(entry)["kind"]
            index, size = check_proof(read(arguments.proof), entry, key)
            print(f"proof holds: entry {index} of {size}, {kind}")
        else:
            with open(arguments.export, "rb") as file:
                count, size = check_export(file, key)
            print(f"export holds: {count} entries, log of size {size}")
    except NotProven as error:
        sys.exit(f"check_log.py: {error}")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        sys.exit(f"check_log.py: not in the form it must have: {error!r}")


if __name__ == "__main__":
    main()

#!/usr/bin/python3
"""Witnessing seen from outside: checks cosigned checkpoints and fork proofs, and speaks to a gateway as a log does.

    check_witness.py --log KEY cosigned NOTE --witness KEY
    check_witness.py --log KEY fork PROOF
    check_witness.py --log KEY submit LOG --old SIZE --witness KEY --url URL --cert PEM --key PEM --ca PEM
    check_witness.py --log KEY abuse LOG --old SIZE --url URL --cert PEM --key PEM --ca PEM

LOG is JSON: {"note": a signed checkpoint, "entries": [every entry in base64]}. Written from C2SP tlog-witness,
tlog-cosignature and signed-note, RFC 6962 and Schemas/FORMAT.md; signatures are checked by python3-cryptography.
Exit status: 0 everything holds; 1 something does not, named on standard error.
"""

import argparse
import base64
import http.client
import json
import ssl
import struct
import sys
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

import check_log
from check_log import NotProven, base64_bytes, decimal, leaf_hash, node_hash, require, sha256

DASH = "\u2014 "


class Key:
    """A name with an Ed25519 key of type 1 (log) or 4 (witness)."""

    def __init__(self, vkey, kind):
        self.name, key_id, rest = vkey.split("+", 2)
        data = base64_bytes(rest)
        require(data[0] == kind and len(data) == 33, f"{vkey} is no key of type {kind}")
        self.public = Ed25519PublicKey.from_public_bytes(data[1:])
        self.id = sha256(self.name.encode() + b"\n" + data)[:4]
        require(self.id.hex() == key_id, "the key id does not belong to the key")

    def verify(self, signature, message):
        try:
            self.public.verify(signature, message)
        except InvalidSignature as error:
            raise NotProven(f"the signature by {self.name} is not genuine") from error


def signatures(note, key):
    """The text of a note, and what the key signed under it."""
    require(not any(byte < 0x20 and byte != 0x0A for byte in note), "the note has control characters")
    require(note.endswith(b"\n") and b"\n\n" in note, "the note has no signatures")
    text, lines = note.rsplit(b"\n\n", 1)
    found = []
    for line in lines.decode()[:-1].split("\n"):
        words = line[len(DASH):].split(" ")
        require(line.startswith(DASH) and len(words) == 2, "a signature line has another form")
        data = base64_bytes(words[1])
        if words[0] == key.name and data[:4] == key.id:
            found.append(data[4:])
    return text + b"\n", found


def checkpoint(note, log):
    """Size and root that the log signed."""
    text, found = signatures(note, log)
    require(len(found) == 1, f"the note is not signed once by {log.name}")
    log.verify(found[0], text)
    lines = text.decode().split("\n")
    require(len(lines) == 4 and lines[3] == "" and lines[0] == log.name, "the note is no checkpoint of the log")
    return decimal(lines[1]), base64_bytes(lines[2])


def cosigned(note, witness):
    """The time at which the witness cosigned the note."""
    text, found = signatures(note, witness)
    require(len(found) == 1, f"the note is not cosigned once by {witness.name}")
    require(len(found[0]) == 72, "the cosignature is not 8 and 64 bytes long")
    (stamp,) = struct.unpack(">Q", found[0][:8])
    require(stamp < 1 << 63 and stamp <= time.time() + 300 + 86_400 * 3_650, "the cosignature is of no possible time")
    witness.verify(found[0][8:], f"cosignature/v1\ntime {stamp}\n".encode() + text)
    return stamp


def tree(leaves):
    """RFC 6962 section 2.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(tree(leaves[:split]), tree(leaves[split:]))


def consistency(size, leaves, whole=True):
    """RFC 6962 section 2.1.2, SUBPROOF."""
    if size == len(leaves):
        return [] if whole else [tree(leaves)]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if size <= split:
        return consistency(size, leaves[:split], whole) + [tree(leaves[split:])]
    return consistency(size - split, leaves[split:], False) + [tree(leaves[:split])]


def beginning(first, second, path, given):
    """The root at the smaller size, and the root at the larger one, to which a proof leads (RFC 9162 section 2.1.4.2)."""
    hashes = ([given] if first & (first - 1) == 0 else []) + path
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = hashes[0]
    for hash_ in hashes[1:]:
        require(last > 0, "the proof is too long")
        if place & 1 or place == last:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, hash_)
        place, last = place >> 1, last >> 1
    require(last == 0, "the proof is too short")
    return old, new


def check_fork(data, log):
    """What a fork proof proves."""
    require(data.endswith(b"\n"), "the proof does not end with a line end")
    proof = check_log.canonical(data[:-1])
    require(proof["format"] == "rogatory-fork-proof-1", "the proof is of another version")
    first = checkpoint(proof["cosigned"].encode(), log)
    second = checkpoint(proof["shown"].encode(), log)
    kind = proof["kind"]
    if kind == "same_size":
        require(first[0] == second[0] and first[1] != second[1], "the two do not contradict each other")
        return f"fork holds: two roots of size {first[0]}"
    if kind == "other_beginning":
        path = [base64_bytes(line) for line in proof["path"]]
        stated = base64_bytes(proof["beginning"])
        old, new = beginning(first[0], second[0], path, stated)
        require(new == second[1] and old == stated, "the proof does not lead to the later root")
        require(old != first[1], "the two do not contradict each other")
        return f"fork holds: size {second[0]} does not begin with the {first[0]} entries that were signed"
    require(kind == "shorter" and second[0] < first[0], "the two do not contradict each other")
    return f"both are signed: size {second[0]}, as {proof['witness']} says after size {first[0]}"


class Gateway:
    """A gateway's listener for partners."""

    def __init__(self, arguments):
        parts = urllib.parse.urlsplit(arguments.url)
        context = ssl.create_default_context(cafile=arguments.ca)
        # The certificate names the gateway's host, and tests reach it by its address.
        context.check_hostname = False
        context.load_cert_chain(arguments.cert, arguments.key)
        self.connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context, timeout=60)

    def post(self, body):
        self.connection.request("POST", "/exchange/v1/log/add-checkpoint", body)
        answer = self.connection.getresponse()
        return answer.status, answer.getheader("Content-Type") or "", answer.getheader("Cosigned-Checkpoint"), answer.read()


def built(old, leaves, note):
    lines = [base64.b64encode(hash_).decode() for hash_ in (consistency(old, leaves) if old else [])]
    return "".join(f"{line}\n" for line in [f"old {old}"] + lines + [""]).encode() + note


def load(path, log):
    with open(path, "rb") as file:
        value = json.load(file)
    note = value["note"].encode()
    size, root = checkpoint(note, log)
    leaves = [leaf_hash(base64_bytes(entry)) for entry in value["entries"]][:size]
    require(len(leaves) == size and tree(leaves) == root, "the entries do not give the signed root")
    return note, leaves


def submit(arguments, log):
    note, leaves = load(arguments.log_file, log)
    status, kind, shown, answer = Gateway(arguments).post(built(arguments.old, leaves, note))
    if status == 409:
        require(kind == "text/x.tlog.size" and answer.endswith(b"\n"), "409 without the size")
        known = decimal(answer.decode()[:-1])
        require(checkpoint(base64_bytes(shown), log)[0] == known, "the checkpoint shown is of another size")
        return f"conflict: {known} was cosigned"
    require(status == 200, f"status {status}: {answer!r}")
    stamp = cosigned(note + answer, Key(arguments.witness, 4))
    return f"cosigned: size {len(leaves)} at {stamp}"


def abuse(arguments, log):
    note, leaves = load(arguments.log_file, log)
    good = built(arguments.old, leaves, note).decode()
    start, _, rest = good.partition("\n")
    hash_ = base64.b64encode(bytes(32)).decode()
    text, _, signed = note.decode().rpartition("\n\n")
    lines = text.split("\n")
    for name, body, expected in [
        ("nothing", "", 400),
        ("CR LF", good.replace("\n", "\r\n"), 400),
        ("no old size", rest, 400),
        ("leading zero", f"old 0{arguments.old}\n{rest}", 400),
        ("size overflow", f"old 9223372036854775808\n{rest}", 400),
        ("old larger than the checkpoint", f"old {len(leaves) + 1}\n{rest}", 400),
        ("64 hashes", f"{start}\n" + f"{hash_}\n" * 64 + f"\n{note.decode()}", 400),
        ("unused bits in base64", f"{start}\n{hash_[:-2]}B=\n\n{note.decode()}", 400),
        ("hash too short", f"{start}\nAAAA\n\n{note.decode()}", 400),
        ("signed twice", good + signed, 400),
        ("no signature", f"{start}\n\n{text}\n\n", 400),
        ("checkpoint of another origin", good.replace(log.name, "uz-gpo/exchange"), 404),
        ("another size under the signature", good.replace(f"\n{lines[1]}\n", f"\n{int(lines[1]) + 1}\n"), 403),
        ("stale old size", f"old {arguments.old - 1}\n{rest}", 409),
        ("proof too long", f"{start}\n{hash_}\n{rest}", 422),
        ("proof left out", f"{start}\n\n{note.decode()}", 422),
        ("other proof", f"{start}\n" + f"{hash_}\n" * (len(rest.split(chr(10) * 2)[0].split(chr(10)))) + f"\n{note.decode()}", 422),
    ]:
        status, kind, _, answer = Gateway(arguments).post(body.encode())
        require(status == expected, f"{name}: status {status}, not {expected}: {answer!r}")
        problem = kind.startswith("application/problem+json")
        require(problem or status == 409 and kind == "text/x.tlog.size", f"{name}: answered with {kind}")
    return "refused: 17 kinds of abuse"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log", required=True)
    commands = parser.add_subparsers(dest="command", required=True)
    note = commands.add_parser("cosigned")
    note.add_argument("note")
    note.add_argument("--witness", required=True)
    commands.add_parser("fork").add_argument("proof")
    for name in ["submit", "abuse"]:
        client = commands.add_parser(name)
        client.add_argument("log_file")
        client.add_argument("--old", type=int, required=True)
        client.add_argument("--witness", required=name == "submit")
        for option in ["--url", "--cert", "--key", "--ca"]:
            client.add_argument(option, required=True)
    arguments = parser.parse_args()
    try:
        log = Key(arguments.log, 1)
        if arguments.command == "cosigned":
            data = read(arguments.note)
            size, root = checkpoint(data, log)
            print(f"cosigned checkpoint holds: size {size}, root {root.hex()}, {cosigned(data, Key(arguments.witness, 4))}")
        elif arguments.command == "fork":
            print(check_fork(read(arguments.proof), log))
        else:
            print({"submit": submit, "abuse": abuse}[arguments.command](arguments, log))
    except NotProven as error:
        sys.exit(f"check_witness.py: {error}")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        sys.exit(f"check_witness.py: not in the form it must have: {error!r}")


if __name__ == "__main__":
    main()

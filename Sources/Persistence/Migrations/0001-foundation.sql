-- Plain SQL common to SQLite and PostgreSQL. Ids and digests are text, times are seconds since 1970 in UTC,
-- booleans do not occur: what can end has a column that says when.

-- This gateway: one row. card and sheet are the signed statements about itself that it gave out last.
CREATE TABLE gateway (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    party TEXT NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    initialised BIGINT NOT NULL,
    card BLOB,
    sheet BLOB
);

-- A known value wrapped by the store key, by which a wrong key is noticed.
CREATE TABLE store_key_check (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    wrapped BLOB NOT NULL
);

-- The log: entries as they were hashed, with columns to search by.
CREATE TABLE log_entry (
    tree TEXT NOT NULL,
    entry_index BIGINT NOT NULL,
    time BIGINT NOT NULL,
    kind TEXT NOT NULL,
    outcome TEXT NOT NULL,
    thread TEXT,
    bundle TEXT,
    item TEXT,
    peer TEXT,
    person TEXT,
    leaf_hash TEXT NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (tree, entry_index)
);
CREATE INDEX log_entry_thread ON log_entry (tree, thread, entry_index);
CREATE INDEX log_entry_bundle ON log_entry (tree, bundle, entry_index);
CREATE INDEX log_entry_item ON log_entry (tree, item, entry_index);
CREATE INDEX log_entry_kind ON log_entry (tree, kind, entry_index);

-- Hashes of complete subtrees of 2^level leaves; level 0 stands with the entries.
CREATE TABLE log_node (
    tree TEXT NOT NULL,
    level BIGINT NOT NULL,
    node_index BIGINT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (tree, level, node_index)
);

CREATE TABLE log_checkpoint (
    tree TEXT NOT NULL,
    size BIGINT NOT NULL,
    root TEXT NOT NULL,
    note TEXT NOT NULL,
    signed BIGINT NOT NULL,
    PRIMARY KEY (tree, size)
);

-- People. The name can be erased; the log knows a person by a salted digest only.
CREATE TABLE authority (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    added BIGINT NOT NULL,
    suspended BIGINT
);

CREATE TABLE person (
    id TEXT NOT NULL PRIMARY KEY,
    authority TEXT NOT NULL REFERENCES authority (id),
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    local_user BIGINT UNIQUE,
    added BIGINT NOT NULL,
    suspended BIGINT
);

CREATE TABLE person_role (
    person TEXT NOT NULL REFERENCES person (id),
    role TEXT NOT NULL,
    granted BIGINT NOT NULL,
    PRIMARY KEY (person, role)
);

CREATE TABLE person_certificate (
    sha256 TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    purpose TEXT NOT NULL,
    der BLOB NOT NULL,
    added BIGINT NOT NULL,
    withdrawn BIGINT
);

-- A change of persons, roles, certificates, peers or agencies: proposed by one administrator, decided by another.
-- state: proposed, in_effect (put into effect at once, to be reviewed), confirmed, declined.
CREATE TABLE proposed_change (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    proposed BIGINT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES person (id),
    decided BIGINT,
    decided_by TEXT REFERENCES person (id),
    state TEXT NOT NULL,
    reason TEXT
);

-- Keys of this gateway; private keys are wrapped by the store key.
CREATE TABLE gateway_key (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    private_key BLOB NOT NULL,
    certificate_sha256 TEXT,
    certificate BLOB,
    chain BLOB,
    made BIGINT NOT NULL,
    installed BIGINT,
    retired BIGINT
);

-- Partners. What they are trusted with stands in peer_certificate; the card it came from is kept.
CREATE TABLE peer (
    party TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    card BLOB NOT NULL,
    exchange_log TEXT NOT NULL,
    capabilities BLOB,
    added BIGINT NOT NULL,
    suspended BIGINT
);

-- role: anchor, issuer, intermediate, or a certificate's purpose.
CREATE TABLE peer_certificate (
    party TEXT NOT NULL REFERENCES peer (party),
    role TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    der BLOB NOT NULL,
    PRIMARY KEY (party, role, sha256)
);

CREATE TABLE agency (
    id TEXT NOT NULL PRIMARY KEY,
    party TEXT NOT NULL,
    name TEXT NOT NULL,
    added BIGINT NOT NULL,
    suspended BIGINT
);

CREATE TABLE agency_certificate (
    sha256 TEXT NOT NULL PRIMARY KEY,
    agency TEXT NOT NULL REFERENCES agency (id),
    purpose TEXT NOT NULL,
    der BLOB NOT NULL,
    added BIGINT NOT NULL,
    withdrawn BIGINT
);

-- One request for assistance and everything said about it.
CREATE TABLE thread (
    id TEXT NOT NULL PRIMARY KEY,
    peer TEXT NOT NULL,
    authority TEXT REFERENCES authority (id),
    reference TEXT NOT NULL,
    subject TEXT NOT NULL,
    opened BIGINT NOT NULL,
    opened_by TEXT REFERENCES person (id),
    own_sequence BIGINT NOT NULL,
    own_last_digest TEXT,
    peer_sequence BIGINT NOT NULL,
    closed BIGINT
);
CREATE INDEX thread_peer ON thread (peer);

-- Bytes at rest: one encrypted blob each. Destroying the wrapped key is the erasure. authority and stored_by stand
-- with files that somebody here stored.
CREATE TABLE stored_file (
    id TEXT NOT NULL PRIMARY KEY,
    authority TEXT REFERENCES authority (id),
    stored_by TEXT REFERENCES person (id),
    blob_name TEXT UNIQUE,
    wrapped_key BLOB,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    crc32 BIGINT NOT NULL,
    original_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    stored BIGINT NOT NULL,
    destroyed BIGINT
);

-- origin_sender and origin_bundle say which received bundle the item came in, if it did.
CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY,
    authority TEXT NOT NULL REFERENCES authority (id),
    thread TEXT REFERENCES thread (id),
    file TEXT REFERENCES stored_file (id),
    original_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    description TEXT,
    acquisition TEXT,
    expected_sha256 TEXT,
    expected_size BIGINT,
    registered BIGINT NOT NULL,
    registered_by TEXT REFERENCES person (id),
    taken_in BIGINT,
    origin_sender TEXT,
    origin_bundle TEXT,
    origin_path TEXT
);
CREATE INDEX evidence_thread ON evidence (thread);
CREATE INDEX evidence_file ON evidence (file);

CREATE TABLE custody_event (
    evidence TEXT NOT NULL REFERENCES evidence (id),
    number BIGINT NOT NULL,
    time BIGINT NOT NULL,
    action TEXT NOT NULL,
    person TEXT NOT NULL,
    tool TEXT,
    place TEXT,
    note TEXT,
    PRIMARY KEY (evidence, number)
);

-- state: open, signed, approved, refused, withdrawn, sealed. order_body says how the bundle is to be delivered.
CREATE TABLE draft (
    id TEXT NOT NULL PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES thread (id),
    authority TEXT NOT NULL REFERENCES authority (id),
    author TEXT NOT NULL REFERENCES person (id),
    approver TEXT REFERENCES person (id),
    message_type TEXT NOT NULL,
    subject TEXT NOT NULL,
    manifest BLOB NOT NULL,
    content_digest TEXT NOT NULL,
    order_body TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    made BIGINT NOT NULL,
    changed BIGINT NOT NULL
);
CREATE INDEX draft_thread ON draft (thread);
-- The next sequence of a thread belongs to one draft.
CREATE UNIQUE INDEX draft_turn ON draft (thread) WHERE state IN ('open', 'signed', 'approved');

-- The files of a draft in the manifest's order; path is the one the manifest gives.
CREATE TABLE draft_file (
    draft TEXT NOT NULL REFERENCES draft (id),
    number BIGINT NOT NULL,
    path TEXT NOT NULL,
    file TEXT NOT NULL REFERENCES stored_file (id),
    evidence TEXT REFERENCES evidence (id),
    PRIMARY KEY (draft, number)
);

CREATE TABLE draft_signature (
    draft TEXT NOT NULL REFERENCES draft (id),
    certificate TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id),
    der BLOB NOT NULL,
    signed BIGINT NOT NULL,
    PRIMARY KEY (draft, certificate)
);

-- The key of a bundle is (sender, id); the row stays for ever, so an id is never taken twice.
-- state, outgoing: queued, announced, delivered, opened, rejected, expired, cancelled.
-- state, incoming: announced, received, opening, opened, rejected, abandoned.
CREATE TABLE exchange_bundle (
    sender TEXT NOT NULL,
    id TEXT NOT NULL,
    direction TEXT NOT NULL,
    peer TEXT NOT NULL,
    thread TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    header BLOB NOT NULL,
    sealed_digest TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    size BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    announcement BLOB,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    priority TEXT NOT NULL,
    mode TEXT NOT NULL,
    class TEXT NOT NULL,
    draft TEXT REFERENCES draft (id),
    message_type TEXT,
    subject TEXT,
    manifest BLOB,
    report TEXT,
    state TEXT NOT NULL,
    changed BIGINT NOT NULL,
    reason TEXT,
    file_present BIGINT,
    PRIMARY KEY (sender, id)
);
CREATE INDEX exchange_bundle_thread ON exchange_bundle (thread);
CREATE INDEX exchange_bundle_state ON exchange_bundle (direction, state);

-- Documents of an opened bundle; its evidence stands in evidence.
CREATE TABLE opened_document (
    sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    path TEXT NOT NULL,
    purpose TEXT NOT NULL,
    language TEXT,
    file TEXT NOT NULL REFERENCES stored_file (id),
    PRIMARY KEY (sender, bundle, path)
);

-- Receipts given and taken: one of a kind for each issuer and bundle.
CREATE TABLE receipt (
    sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    agency TEXT NOT NULL,
    der BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    time BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    PRIMARY KEY (sender, bundle, kind, issuer, agency)
);

-- Work that must happen, entered with the change that demands it and removed with the change it makes.
-- kind: seal, deliver, open, issue_receipt, send_receipt.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    peer TEXT,
    sender TEXT,
    bundle TEXT,
    draft TEXT,
    detail TEXT,
    person TEXT,
    entered BIGINT NOT NULL,
    due BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    last_error TEXT
);
CREATE INDEX outbox_due ON outbox (due);

-- Delivery, pulling and witnessing.

-- Delivery.

-- States from here on, outgoing: queued, announced, transferring, completed, acknowledged, opened, rejected, expired,
-- cancelled, superseded; incoming: announced, received, opening, opened, rejected, abandoned, superseded.
-- paused: since when a person has the delivery wait. superseded_by: the id of the bundle that took its place.
-- warned: when its people were told that it is about to expire. content_of: the id of the bundle of the same sender that
-- holds the content, where the same content came twice.
ALTER TABLE exchange_bundle ADD COLUMN paused BIGINT;
ALTER TABLE exchange_bundle ADD COLUMN superseded_by TEXT;
ALTER TABLE exchange_bundle ADD COLUMN warned BIGINT;
ALTER TABLE exchange_bundle ADD COLUMN content_of TEXT;
CREATE INDEX exchange_bundle_content ON exchange_bundle (sender, content_digest);
CREATE INDEX exchange_bundle_expires ON exchange_bundle (direction, state, expires);
UPDATE exchange_bundle SET state = 'acknowledged' WHERE direction = 'outgoing' AND state = 'delivered';

-- The signatures of a sealed draft with their timestamps, as one object; for sealing it again.
ALTER TABLE draft ADD COLUMN released_signature BLOB;

-- lane: where the work waits, a kind and a partner. rank: 0 for emergencies, 1 urgent, 2 routine. held: paused, crashed; it
-- waits for a person. begun: when the present attempt began; found at a start, it ended the gateway. crashes: how often.
ALTER TABLE outbox ADD COLUMN lane TEXT;
ALTER TABLE outbox ADD COLUMN rank BIGINT;
ALTER TABLE outbox ADD COLUMN held TEXT;
ALTER TABLE outbox ADD COLUMN begun BIGINT;
ALTER TABLE outbox ADD COLUMN crashes BIGINT;
UPDATE outbox SET rank = 2, lane = CASE kind
    WHEN 'seal' THEN 'seal ' WHEN 'open' THEN 'open ' || sender WHEN 'issue_receipt' THEN 'issue ' || sender
    WHEN 'deliver' THEN 'deliver ' || peer ELSE 'hand ' || peer END;
CREATE INDEX outbox_lane ON outbox (lane, held, rank, due, entered);
CREATE INDEX outbox_bundle ON outbox (sender, bundle);

-- Reception.

-- Pulling.

-- Who may fetch a bundle, in the order in which they came to. holder: party (name is the party whose gateway it is addressed
-- to), key (name is the certificate that it is encrypted to, in mode agency) or agency (name is the one its manifest names).
CREATE TABLE pull_right (
    number BIGINT NOT NULL PRIMARY KEY,
    bundle_sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    holder TEXT NOT NULL,
    name TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE UNIQUE INDEX pull_right_bundle ON pull_right (bundle_sender, bundle, holder, name);
CREATE INDEX pull_right_name ON pull_right (name, number);
-- Since when every bundle that can be fetched stands there.
ALTER TABLE gateway ADD COLUMN pull_rights BIGINT;

-- What was given to whom: ranges are the bytes handed over so far, first-last, separated by commas; served is when it was
-- whole for the first time.
CREATE TABLE pull_service (
    bundle_sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    caller TEXT NOT NULL,
    ranges TEXT NOT NULL,
    served BIGINT,
    PRIMARY KEY (bundle_sender, bundle, caller)
);
-- SHA-256 of the sealed file, once it was computed.
ALTER TABLE exchange_bundle ADD COLUMN file_sha256 TEXT;
-- The agency whose receipt is sent on; none for this gateway's own.
ALTER TABLE outbox ADD COLUMN agency TEXT;

-- Partners and trust services.
-- How the services outside stand. kind: tsa, ocsp, crl. standing: untried, working, failing, since that time.
CREATE TABLE trust_service (
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    standing TEXT NOT NULL,
    since BIGINT NOT NULL,
    last_tried BIGINT,
    last_success BIGINT,
    last_error TEXT,
    last_reason TEXT,
    failures BIGINT NOT NULL,
    next_try BIGINT,
    PRIMARY KEY (kind, address)
);

-- The certificate that a timestamp authority signed with last.
CREATE TABLE timestamp_authority (
    address TEXT NOT NULL PRIMARY KEY,
    der BLOB NOT NULL
);

-- A sheet that drops what was agreed is held until two administrators accept it.
ALTER TABLE peer ADD COLUMN sheet_fetched BIGINT;
ALTER TABLE peer ADD COLUMN sheet_tried BIGINT;
ALTER TABLE peer ADD COLUMN held_sheet BLOB;
ALTER TABLE peer ADD COLUMN held_since BIGINT;

-- Outside of these times a partner's certificate is not accepted; empty means that its own validity is all.
ALTER TABLE peer_certificate ADD COLUMN accepted_from BIGINT;
ALTER TABLE peer_certificate ADD COLUMN accepted_until BIGINT;

-- When a key is first used, and until when it is announced to partners; empty means from its installation and while it
-- is valid.
ALTER TABLE gateway_key ADD COLUMN current_from BIGINT;
ALTER TABLE gateway_key ADD COLUMN announced_until BIGINT;

-- Warnings that something expires, each given once. stage: days before the end, 0 when it is over.
CREATE TABLE expiry_warning (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    stage BIGINT NOT NULL,
    owner TEXT NOT NULL,
    subject TEXT NOT NULL,
    ends BIGINT NOT NULL,
    warned BIGINT NOT NULL,
    told BIGINT,
    PRIMARY KEY (kind, name, stage)
);
CREATE INDEX expiry_warning_told ON expiry_warning (told);

-- What the operator's program said of a received file. outcome: clean, found, error, too_large.
CREATE TABLE scan_finding (
    sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    path TEXT NOT NULL,
    outcome TEXT NOT NULL,
    engine TEXT,
    version TEXT,
    finding TEXT,
    scanned BIGINT NOT NULL,
    PRIMARY KEY (sender, bundle, path)
);

-- Witnesses.

-- The key with which a partner cosigns, from its card.
ALTER TABLE peer ADD COLUMN witness_key TEXT;

-- What this gateway cosigned last of each partner's exchange log; note carries the cosignature. A log with another key is
-- another log.
CREATE TABLE witnessed_log (
    party TEXT NOT NULL,
    log_key TEXT NOT NULL,
    size BIGINT NOT NULL,
    root TEXT NOT NULL,
    note TEXT NOT NULL,
    cosigned BIGINT NOT NULL,
    PRIMARY KEY (party, log_key)
);

-- Cosignatures that partners gave on checkpoints of the exchange log here; made is the partner's time, taken ours.
CREATE TABLE cosignature (
    party TEXT NOT NULL,
    size BIGINT NOT NULL,
    witness_key TEXT NOT NULL,
    line TEXT NOT NULL,
    made BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (party, size)
);
CREATE INDEX cosignature_size ON cosignature (size);
CREATE INDEX cosignature_taken ON cosignature (taken);

-- Logs that contradicted themselves. side: partner, the partner's log as we cosigned it; own, our log as the partner
-- cosigned it. kind: same_size, other_beginning, shorter, not_proven. proof is a file for others where there is one.
CREATE TABLE witness_finding (
    id TEXT NOT NULL PRIMARY KEY,
    party TEXT NOT NULL,
    side TEXT NOT NULL,
    log_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    cosigned_size BIGINT NOT NULL,
    shown_size BIGINT NOT NULL,
    proof BLOB,
    found BIGINT NOT NULL,
    cleared BIGINT
);
CREATE INDEX witness_finding_party ON witness_finding (party, cleared);
CREATE INDEX witness_finding_found ON witness_finding (found);

-- Requests for assistance, whatever channel they take; id is the thread's. What stands in phase, owes and next_* follows
-- from the acts, the treaty and the calendars, and is kept so that a hundred thousand can be listed at once.
-- side: requesting, requested; ours. channel: gateway, courier, diplomatic, email, contact_point.
-- peer: the partner's gateway, on the first two channels. form: the fields being drafted, as JSON.
-- remind: when it is to be worked out anew; worked_out: when that was done last.
-- next_due is the end of time when nothing falls due. owes: own, partner. next_kind: treaty, unconfirmed, requested, internal, preservation. next_by: own, partner.
CREATE TABLE assistance_request (
    id TEXT NOT NULL PRIMARY KEY,
    side TEXT NOT NULL,
    channel TEXT NOT NULL,
    partner_state TEXT NOT NULL,
    partner_authority TEXT NOT NULL,
    peer TEXT,
    authority TEXT NOT NULL REFERENCES authority (id),
    assigned TEXT REFERENCES person (id),
    stand_in TEXT REFERENCES person (id),
    reference TEXT NOT NULL,
    partner_reference TEXT,
    subject TEXT NOT NULL,
    instrument TEXT,
    request_types TEXT NOT NULL,
    facts TEXT NOT NULL,
    form TEXT NOT NULL,
    search TEXT NOT NULL,
    opened BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    phase TEXT NOT NULL,
    flags TEXT NOT NULL,
    owes TEXT,
    next_deadline TEXT,
    next_due BIGINT NOT NULL,
    next_kind TEXT,
    next_confidence TEXT,
    next_by TEXT,
    remind BIGINT,
    worked_out BIGINT,
    refusal_ground TEXT,
    dispatched BIGINT,
    received BIGINT,
    acknowledged BIGINT,
    decided BIGINT,
    executed BIGINT,
    is_overdue BIGINT NOT NULL,
    ended BIGINT
);
-- Open requests of an authority, the next to fall due first; and the narrower questions that are asked every day.
CREATE INDEX assistance_request_due ON assistance_request (authority, ended, next_due, id);
CREATE INDEX assistance_request_assigned ON assistance_request (assigned, ended, next_due, id);
CREATE INDEX assistance_request_partner ON assistance_request (authority, partner_state, ended, next_due, id);
CREATE INDEX assistance_request_phase ON assistance_request (authority, phase, ended, next_due, id, partner_state, owes);
CREATE INDEX assistance_request_reference ON assistance_request (reference);
CREATE INDEX assistance_request_stand_in ON assistance_request (stand_in, ended, next_due, id);
CREATE INDEX assistance_request_remind ON assistance_request (remind);
CREATE INDEX assistance_request_worked_out ON assistance_request (worked_out);
CREATE INDEX assistance_request_opened ON assistance_request (opened);

-- The words by which a request is found: of its references, subject and partner, folded. search holds them in one line.
CREATE TABLE request_word (
    word TEXT NOT NULL,
    request TEXT NOT NULL REFERENCES assistance_request (id),
    PRIMARY KEY (word, request)
);
CREATE INDEX request_word_request ON request_word (request, word);

-- Everything that either side did. A message has sequence, previous, digest and highest_seen; a step recorded by hand has
-- reference, recorded, recorded_by, and perhaps a scan. received: when the other side had it. is_closed: only an agency can
-- open it.
CREATE TABLE request_act (
    request TEXT NOT NULL REFERENCES assistance_request (id),
    number BIGINT NOT NULL,
    side TEXT NOT NULL,
    message_type TEXT NOT NULL,
    fields TEXT NOT NULL,
    sent BIGINT NOT NULL,
    received BIGINT,
    sequence BIGINT,
    previous TEXT,
    digest TEXT,
    highest_seen BIGINT,
    is_sole_release BIGINT NOT NULL,
    is_closed BIGINT NOT NULL,
    undelivered BIGINT,
    bundle_sender TEXT,
    bundle TEXT,
    reference TEXT,
    scan TEXT REFERENCES stored_file (id),
    recorded BIGINT,
    recorded_by TEXT REFERENCES person (id),
    PRIMARY KEY (request, number)
);
CREATE UNIQUE INDEX request_act_digest ON request_act (request, digest);

-- Reference numbers of an authority, counted by the year.
CREATE TABLE reference_number (
    authority TEXT NOT NULL REFERENCES authority (id),
    year BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (authority, year)
);

-- until is empty while the pause lasts.
CREATE TABLE deadline_pause (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES assistance_request (id),
    deadline TEXT NOT NULL,
    begins BIGINT NOT NULL,
    until BIGINT,
    reason TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id)
);
CREATE INDEX deadline_pause_request ON deadline_pause (request);

CREATE TABLE deadline_extension (
    id TEXT NOT NULL PRIMARY KEY,
    request TEXT NOT NULL REFERENCES assistance_request (id),
    deadline TEXT NOT NULL,
    until TEXT NOT NULL,
    reason TEXT NOT NULL,
    entered BIGINT NOT NULL,
    person TEXT NOT NULL REFERENCES person (id)
);
CREATE INDEX deadline_extension_request ON deadline_extension (request);

-- An official text attached to a statement of a profile. state: proposed, confirmed, declined.
CREATE TABLE treaty_confirmation (
    id TEXT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL,
    statement TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES stored_file (id),
    document_sha256 TEXT NOT NULL,
    citation TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed BIGINT NOT NULL,
    proposed_by TEXT NOT NULL REFERENCES person (id),
    decided BIGINT,
    decided_by TEXT REFERENCES person (id)
);
CREATE INDEX treaty_confirmation_state ON treaty_confirmation (state);

-- A state's days off in one year as they were imported; it takes the place of a shipped year.
CREATE TABLE calendar_year (
    state TEXT NOT NULL,
    year BIGINT NOT NULL,
    days TEXT NOT NULL,
    source TEXT NOT NULL,
    confidence TEXT NOT NULL,
    imported BIGINT NOT NULL,
    imported_by TEXT NOT NULL REFERENCES person (id),
    PRIMARY KEY (state, year)
);

-- What a person wants: language of notifications and feed, and where they go.
CREATE TABLE person_wish (
    person TEXT NOT NULL PRIMARY KEY REFERENCES person (id),
    language TEXT NOT NULL,
    email TEXT,
    digest_hour BIGINT NOT NULL
);

-- A notification is named by what it is about, so that it is made once whatever is restarted when.
-- routed: when the ways were entered that it goes.
CREATE TABLE notification (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    request TEXT REFERENCES assistance_request (id),
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    made BIGINT NOT NULL,
    routed BIGINT
);
CREATE INDEX notification_routed ON notification (routed, made);
CREATE INDEX notification_person ON notification (person, made);
CREATE INDEX notification_request ON notification (request);

-- One way that a notification goes to its person. way: command, email. state: waiting, sent, failed.
CREATE TABLE notification_delivery (
    notification TEXT NOT NULL REFERENCES notification (id),
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    due BIGINT NOT NULL,
    last_error TEXT,
    PRIMARY KEY (notification, way)
);
CREATE INDEX notification_delivery_due ON notification_delivery (way, state, due);

-- The last day for which a person's digest was thought of; day is the local one, ISO 8601.
CREATE TABLE person_digest (
    person TEXT NOT NULL PRIMARY KEY REFERENCES person (id),
    day TEXT NOT NULL
);

-- The secret of a feed's link is known by its digest only.
CREATE TABLE calendar_feed (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES person (id),
    secret_sha256 TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    made BIGINT NOT NULL,
    revoked BIGINT
);
CREATE INDEX calendar_feed_person ON calendar_feed (person);

-- A deadline as feeds showed it last; sequence counts how often it has moved since (RFC 5545 section 3.8.7.4).
CREATE TABLE calendar_entry (
    request TEXT NOT NULL REFERENCES assistance_request (id),
    deadline TEXT NOT NULL,
    start TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    modified BIGINT NOT NULL,
    PRIMARY KEY (request, deadline)
);

-- Emergency release.

-- A bundle that one person released, sent or received, with the object that the second signature must be over.
-- draft and supplement_draft stand with bundles sent from here; signature, signer and signed with the second signature
-- that was taken; supplement is the bundle that carried it. state: awaited, given, invalid.
CREATE TABLE sole_release (
    sender TEXT NOT NULL,
    bundle TEXT NOT NULL,
    thread TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    draft TEXT REFERENCES draft (id),
    signed_object BLOB NOT NULL,
    first_certificate BLOB NOT NULL,
    reason TEXT NOT NULL,
    released BIGINT NOT NULL,
    due BIGINT NOT NULL,
    state TEXT NOT NULL,
    code TEXT,
    signature BLOB,
    signer TEXT,
    signed BIGINT,
    supplement_draft TEXT REFERENCES draft (id),
    supplement TEXT,
    alarmed BIGINT,
    PRIMARY KEY (sender, bundle),
    FOREIGN KEY (sender, bundle) REFERENCES exchange_bundle (sender, id)
);
CREATE INDEX sole_release_content ON sole_release (sender, content_digest);
CREATE INDEX sole_release_due ON sole_release (state, due);
CREATE INDEX sole_release_draft ON sole_release (draft);
CREATE INDEX sole_release_supplement ON sole_release (supplement_draft);

-- Second signatures that came before the bundle that they are for was opened.
CREATE TABLE early_second_signature (
    sender TEXT NOT NULL,
    supplement TEXT NOT NULL,
    thread TEXT NOT NULL,
    content_digest TEXT NOT NULL,
    der BLOB NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (sender, supplement)
);
CREATE INDEX early_second_signature_content ON early_second_signature (sender, content_digest);

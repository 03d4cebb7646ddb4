extension LogEntry {
    /// What was done.
    public enum Kind: String, CaseIterable, Sendable {
        // Tree `exchange`.

        /// A thread of messages was opened.
        case threadOpened = "thread.opened"
        /// A thread that a partner opened was given to an authority; `subject` is the authority's id.
        case threadAssigned = "thread.assigned"
        /// An item of evidence was described; its bytes are not here yet.
        case evidenceRegistered = "evidence.registered"
        /// A document for a draft was stored; `subject` is the stored file's id.
        case documentStored = "document.stored"
        /// An item of evidence was taken in.
        case evidenceTakenIn = "evidence.taken_in"
        /// A step in the custody of an item was recorded.
        case evidenceCustody = "evidence.custody"
        /// A message was drafted.
        case draftMade = "draft.made"
        /// The officer signed a draft.
        case draftSigned = "draft.signed"
        /// The officer signed a draft and so released it alone, in an emergency.
        case draftSoleReleased = "draft.sole_released"
        /// A second person signed what one person had released; the sender's. `digest` is that of the signature.
        case draftSecondSignature = "draft.second_signature"
        /// A second person released a draft.
        case draftApproved = "draft.approved"
        /// A second person declined to release a draft.
        case draftRefused = "draft.refused"
        /// A draft was taken back.
        case draftWithdrawn = "draft.withdrawn"
        /// A bundle was sealed; the sender's.
        case bundleSealed = "bundle.sealed"
        /// The recipient took the announcement of a bundle; entered by both.
        case bundleAnnounced = "bundle.announced"
        /// The recipient acknowledged the whole bundle; the sender's.
        case bundleSent = "bundle.sent"
        /// A whole bundle is held durably; the recipient's.
        case bundleReceived = "bundle.received"
        /// A bundle was not taken; entered by the recipient, and by the sender when it gives up.
        case bundleRefused = "bundle.refused"
        /// A bundle was opened and verified; the recipient's.
        case bundleOpened = "bundle.opened"
        /// A bundle was opened or tried, and is not good; the recipient's.
        case bundleRejected = "bundle.rejected"
        /// The second signature of a bundle that one person had released came, good or not; the recipient's. `digest` is
        /// that of the signature.
        case bundleSecondSignature = "bundle.second_signature"
        /// A bundle or receipt was written to a courier's disk.
        case bundleExported = "bundle.exported"
        /// A bundle or receipt was read from a courier's disk.
        case bundleImported = "bundle.imported"
        /// The time for a delivery ran out.
        case bundleExpired = "bundle.expired"
        /// A delivery was called off by a person.
        case bundleCancelled = "bundle.cancelled"
        /// A delivery that made no progress was dropped.
        case bundleAbandoned = "bundle.abandoned"
        /// A person has a delivery wait.
        case bundlePaused = "bundle.paused"
        /// A paused delivery goes on.
        case bundleResumed = "bundle.resumed"
        /// A bundle with the same content took its place; `subject` is that one's id.
        case bundleSuperseded = "bundle.superseded"
        /// A whole sealed bundle was given to who fetched it, an agency (`authority`) or a partner's gateway.
        case bundleServed = "bundle.served"
        /// A receipt was made, or taken from an agency (`authority`) to be handed on; the recipient's.
        case receiptIssued = "receipt.issued"
        /// An agency's receipt was taken from the agency itself; the sender's.
        case receiptTaken = "receipt.taken"
        /// A receipt was verified and kept; the sender's.
        case receiptStored = "receipt.stored"
        /// A peer was entered.
        case peerAdded = "peer.added"
        /// A peer was suspended.
        case peerSuspended = "peer.suspended"
        /// A suspended peer was let in again.
        case peerResumed = "peer.resumed"
        /// A newer card took the place of a peer's card.
        case peerReplaced = "peer.replaced"
        /// An agency was entered.
        case agencyAdded = "agency.added"
        /// An agency was suspended.
        case agencySuspended = "agency.suspended"
        /// A suspended agency was let in again.
        case agencyResumed = "agency.resumed"
        /// A checkpoint of the house's tree was entered; `digest` is that of its note.
        case houseCheckpoint = "house.checkpoint"
        /// A partner's exchange log, or ours by what a partner cosigned of it, was found to contradict itself or to have
        /// become shorter; `subject` is the log's name, `digest` that of the proof.
        case witnessAlarm = "witness.alarm"
        /// The log that seemed to contradict itself was shown to continue after all; `subject` is the log's name.
        case witnessCleared = "witness.cleared"
        /// The operator's program looked at a received item or document; `digest` is that of its bytes.
        case evidenceScanned = "evidence.scanned"
        /// An item of evidence was destroyed.
        case evidenceDestroyed = "evidence.destroyed"
        /// A request without a thread between gateways was entered by hand or from a table.
        case requestEntered = "request.entered"
        /// A step outside the gateways was recorded by hand; `subject` is its number.
        case requestStepRecorded = "request.step_recorded"
        /// A request moved to another channel; `subject` is the channel.
        case requestMoved = "request.moved"
        /// A request was given to a person; `subject` is the person's id.
        case requestAssigned = "request.assigned"

        // Tree `house`.

        /// The gateway was set up.
        case gatewayInitialised = "gateway.initialised"
        /// The gateway started.
        case gatewayStarted = "gateway.started"
        /// The gateway stopped.
        case gatewayStopped = "gateway.stopped"
        /// A configuration was loaded; `digest` is that of its effective values.
        case configurationLoaded = "configuration.loaded"
        /// A person signed in.
        case sessionSignedIn = "session.signed_in"
        /// A person or caller was refused something.
        case accessRefused = "access.refused"
        /// A person looked at evidence.
        case viewEvidence = "view.evidence"
        /// A person looked at a bundle.
        case viewBundle = "view.bundle"
        /// A person looked at the log.
        case viewLog = "view.log"
        /// A change that takes two administrators was proposed.
        case changeProposed = "change.proposed"
        /// A second administrator confirmed a change.
        case changeConfirmed = "change.confirmed"
        /// A change was declined.
        case changeDeclined = "change.declined"
        /// An authority was entered.
        case authorityAdded = "authority.added"
        /// An authority was suspended.
        case authoritySuspended = "authority.suspended"
        /// The people of a suspended authority may act again.
        case authorityResumed = "authority.resumed"
        /// A person was entered.
        case personAdded = "person.added"
        /// A person was suspended.
        case personSuspended = "person.suspended"
        /// A suspended person may act again.
        case personResumed = "person.resumed"
        /// A certificate was registered.
        case certificateAdded = "certificate.added"
        /// A certificate's registration was withdrawn.
        case certificateWithdrawn = "certificate.withdrawn"
        /// A role was granted.
        case roleGranted = "role.granted"
        /// A role was revoked.
        case roleRevoked = "role.revoked"
        /// A key was made.
        case keyMade = "key.made"
        /// A key's certificate was installed.
        case keyInstalled = "key.installed"
        /// A key was retired.
        case keyRetired = "key.retired"
        /// It was decided when a key takes the place of its predecessor; `digest` is that of its certificate.
        case keyScheduled = "key.scheduled"
        /// A timestamp authority, OCSP responder or place of revocation lists began to fail; `subject` names it.
        case trustServiceFailing = "trust_service.failing"
        /// It works again.
        case trustServiceWorking = "trust_service.working"
        /// The trust directory was read anew after it had changed.
        case trustReloaded = "trust.reloaded"
        /// A partner's capability sheet that drops what was agreed waits for two administrators; `digest` is the sheet's.
        case sheetHeld = "sheet.held"
        /// Two administrators accepted such a sheet.
        case sheetAccepted = "sheet.accepted"
        /// A backup was made.
        case backupMade = "backup.made"
        /// A backup was restored.
        case backupRestored = "backup.restored"
        /// Entries of the log were exported.
        case logExported = "log.exported"
        /// An alarm was raised.
        case alarmRaised = "alarm.raised"
        /// A person had waiting work tried now; `subject` is its id.
        case workRetried = "work.retried"
        /// A deadline was paused; `subject` is the deadline's id.
        case deadlinePaused = "deadline.paused"
        /// A paused deadline runs again; `subject` is the deadline's id.
        case deadlineResumed = "deadline.resumed"
        /// A deadline was extended; `subject` is the deadline's id.
        case deadlineExtended = "deadline.extended"
        /// An official text was attached to a statement of a treaty's profile; `subject` is the statement.
        case treatyConfirmationProposed = "treaty.confirmation_proposed"
        /// A second person confirmed it.
        case treatyConfirmed = "treaty.confirmed"
        /// A second person declined it.
        case treatyConfirmationDeclined = "treaty.confirmation_declined"
        /// A work calendar was imported; `subject` is state and year, `digest` that of the file.
        case calendarImported = "calendar.imported"
        /// The secret link of a calendar feed was given out.
        case feedIssued = "feed.issued"
        /// The secret link of a calendar feed was revoked.
        case feedRevoked = "feed.revoked"

        /// The tree where entries of this kind stand.
        public var tree: LogTree { Self.exchangeKinds.contains(self) ? .exchange : .house }

        private static let exchangeKinds: Set<Kind> = [
            .threadOpened, .threadAssigned, .evidenceRegistered, .documentStored, .evidenceTakenIn, .evidenceCustody,
            .evidenceScanned,
            .draftMade, .draftSigned, .draftSoleReleased, .draftSecondSignature, .draftApproved,
            .draftRefused, .draftWithdrawn, .bundleSecondSignature, .bundleSealed, .bundleAnnounced, .bundleSent,
            .bundleReceived,
            .bundleRefused, .bundleOpened, .bundleRejected, .bundleExported, .bundleImported, .bundleExpired,
            .bundleCancelled, .bundleAbandoned, .bundlePaused, .bundleResumed, .bundleSuperseded, .bundleServed,
            .receiptIssued, .receiptTaken, .receiptStored, .peerAdded, .peerSuspended,
            .peerResumed, .peerReplaced, .agencyAdded, .agencySuspended, .agencyResumed, .houseCheckpoint,
            .witnessAlarm, .witnessCleared,
            .evidenceDestroyed, .requestEntered, .requestStepRecorded, .requestMoved, .requestAssigned,
        ]
    }
}

public import ExchangeModel

extension RequestAct {
    /// An act without its content; the raw value is its name on the wire, in texts and in listings.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case request
        case oralConfirmation
        case supplement
        case secondSignature
        case acknowledge
        case underReview
        case askInformation
        case giveInformation
        case accept
        case acceptConditions
        case declineConditions
        case transfer
        case beginExecution
        case announceDelay
        case postpone
        case resume
        case partiallyExecute
        case execute
        case confirmResults
        case refuse
        case returnUnexecuted
        case withdraw
        case remind
        case escalate
        case askStatus
        case giveStatus
        case extendDeadline
        case evidence
        case close
        case destructionCertificate
        case returnObjects
        case requestPreservation
        case preserved
        case askPreservationExtension
        case extendPreservation
        case warnPreservation
        case requestForPreservedDataReceived
        case releasePreservation

        /// Who may do it: one side, but for the acts that mean the same for both.
        public var owners: Set<Side> {
            switch self {
            case .request, .oralConfirmation, .supplement, .giveInformation, .acceptConditions, .declineConditions,
                .confirmResults, .withdraw, .remind, .escalate, .askStatus, .destructionCertificate, .returnObjects,
                .requestPreservation, .askPreservationExtension, .releasePreservation:
                [.requesting]
            case .acknowledge, .underReview, .askInformation, .accept, .transfer, .beginExecution, .announceDelay,
                .postpone, .resume, .partiallyExecute, .execute, .refuse, .returnUnexecuted, .giveStatus, .preserved,
                .extendPreservation, .warnPreservation, .requestForPreservedDataReceived:
                [.requested]
            case .secondSignature, .extendDeadline, .evidence, .close: [.requesting, .requested]
            }
        }

        /// The message type that carries it.
        public var messageType: EvidenceManifest.MessageType {
            switch self {
            case .request: .request
            case .oralConfirmation, .supplement, .secondSignature, .evidence: .supplement
            case .acknowledge, .confirmResults: .acknowledgement
            case .underReview, .beginExecution, .announceDelay, .resume, .remind, .escalate, .askStatus, .giveStatus,
                .extendDeadline:
                .status
            case .askInformation, .giveInformation, .acceptConditions, .declineConditions: .clarification
            case .accept, .execute: .response
            case .transfer: .transfer
            case .postpone: .postponement
            case .partiallyExecute: .partialExecution
            case .refuse: .refusal
            case .returnUnexecuted, .returnObjects: .return
            case .withdraw: .withdrawal
            case .close: .closure
            case .destructionCertificate: .destructionCertificate
            case .requestPreservation, .preserved, .askPreservationExtension, .extendPreservation, .warnPreservation,
                .requestForPreservedDataReceived, .releasePreservation:
                .preservation
            }
        }

        /// The act of a message that names none, as simple gateways write them; the side decides where a type serves both.
        static func plain(_ type: EvidenceManifest.MessageType, from side: Side?) -> Kind {
            switch (type, side) {
            case (.request, _): .request
            case (.acknowledgement, .requesting): .confirmResults
            case (.acknowledgement, _): .acknowledge
            case (.status, .requesting): .askStatus
            case (.status, _): .giveStatus
            case (.response, _): .execute
            case (.clarification, .requested): .askInformation
            case (.clarification, _): .giveInformation
            case (.supplement, .requested): .evidence
            case (.supplement, _): .supplement
            case (.partialExecution, _): .partiallyExecute
            case (.refusal, _): .refuse
            case (.postponement, _): .postpone
            case (.withdrawal, _): .withdraw
            case (.preservation, .requested): .preserved
            case (.preservation, _): .requestPreservation
            case (.transfer, _): .transfer
            case (.return, .requested): .returnUnexecuted
            case (.return, _): .returnObjects
            case (.destructionCertificate, _): .destructionCertificate
            case (.closure, _): .close
            }
        }
    }

    /// The act without its content.
    public var kind: Kind {
        switch self {
        case .request: .request
        case .oralConfirmation: .oralConfirmation
        case .supplement: .supplement
        case .secondSignature: .secondSignature
        case .acknowledge: .acknowledge
        case .underReview: .underReview
        case .askInformation: .askInformation
        case .giveInformation: .giveInformation
        case .accept: .accept
        case .acceptConditions: .acceptConditions
        case .declineConditions: .declineConditions
        case .transfer: .transfer
        case .beginExecution: .beginExecution
        case .announceDelay: .announceDelay
        case .postpone: .postpone
        case .resume: .resume
        case .partiallyExecute: .partiallyExecute
        case .execute: .execute
        case .confirmResults: .confirmResults
        case .refuse: .refuse
        case .returnUnexecuted: .returnUnexecuted
        case .withdraw: .withdraw
        case .remind: .remind
        case .escalate: .escalate
        case .askStatus: .askStatus
        case .giveStatus: .giveStatus
        case .extendDeadline: .extendDeadline
        case .evidence: .evidence
        case .close: .close
        case .destructionCertificate: .destructionCertificate
        case .returnObjects: .returnObjects
        case .requestPreservation: .requestPreservation
        case .preserved: .preserved
        case .askPreservationExtension: .askPreservationExtension
        case .extendPreservation: .extendPreservation
        case .warnPreservation: .warnPreservation
        case .requestForPreservedDataReceived: .requestForPreservedDataReceived
        case .releasePreservation: .releasePreservation
        }
    }

    /// The message type that carries the act.
    public var messageType: EvidenceManifest.MessageType { kind.messageType }
}

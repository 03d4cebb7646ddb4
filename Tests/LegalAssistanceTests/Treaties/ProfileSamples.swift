import ExchangeModel
import Foundation
import LegalAssistance

/// Profiles for the tests, as JSON.
enum ProfileSamples {
    /// A bilateral treaty with one of everything.
    static let bilateral = #"""
        {
          "id": "kz-xx-2001",
          "name": "Treaty between Kazakhstan and Xland on mutual legal assistance in criminal matters",
          "shortName": "KZ-XX 2001",
          "kind": "bilateralTreaty",
          "purpose": "legalAssistance",
          "adopted": "2001-05-17",
          "status": {"value": "inForce", "text": "In force", "since": "2002-01-01", "confidence": "recalled"},
          "parties": [
            {"state": "KZ", "confidence": "verified", "source": "the official gazette", "since": "2002-01-01"},
            {"state": "XX", "confidence": "recalled"}
          ],
          "requestTypes": [
            {"type": "takingEvidence", "confidence": "verified", "source": "the official gazette"},
            {"type": "searchAndSeizure", "confidence": "recalled", "names": ["search"]}
          ],
          "languages": {"text": "Russian or English", "article": "5", "confidence": "recalled", "accepted": ["ru", "en"]},
          "channel": {"text": "Prosecutors General", "article": "3", "confidence": "recalled"},
          "contents": [
            {"id": "4-a", "fields": ["requestingAuthority"], "text": "the authority", "article": "4(a)",
              "confidence": "verified", "source": "the official gazette"},
            {"id": "4-b", "fields": ["factsSummary", "offence"], "conditions": ["criminal"], "text": "the facts",
              "article": "4(b)", "confidence": "recalled"}
          ],
          "limits": [
            {"id": "kz-xx-2001/execution", "event": "execution", "amount": 30, "unit": "calendarDays",
              "from": "received", "article": "9", "kind": "max", "obliged": "requested", "confidence": "recalled"},
            {"id": "kz-xx-2001/writtenConfirmationOfOralRequest", "event": "writtenConfirmationOfOralRequest",
              "amount": 72, "unit": "hours", "from": "oralRequestSent", "article": "6", "kind": "max",
              "obliged": "requesting", "confidence": "verified", "source": "the official gazette"}
          ],
          "grounds": [
            {"id": "sovereignty", "kind": "optional", "text": "Sovereignty", "article": "8", "confidence": "recalled"}
          ],
          "urgent": {"available": true, "oral": true, "text": "Orally", "article": "6", "confidence": "recalled",
            "confirmationLimit": "kz-xx-2001/writtenConfirmationOfOralRequest"}
        }
        """#

    /// Rules of Kazakhstan's own service.
    static let rules = #"""
        {
          "id": "kz-service",
          "name": "Instruction on requests",
          "shortName": "Instruction",
          "kind": "internal",
          "purpose": "legalAssistance",
          "status": {"value": "inForce", "text": "In force", "confidence": "recalled"},
          "parties": [{"state": "KZ", "confidence": "recalled"}],
          "requestTypes": [],
          "languages": {"text": "No rule", "confidence": "recalled", "accepted": []},
          "channel": {"text": "No rule", "confidence": "recalled"},
          "contents": [
            {"id": "delivery", "fields": ["delivery"], "text": "how the results are to be delivered", "confidence": "recalled"}
          ],
          "limits": [
            {"id": "kz-service/acknowledgement", "event": "acknowledgement", "amount": 3, "unit": "workingDays",
              "from": "received", "article": "2", "kind": "max", "obliged": "requested", "confidence": "recalled"}
          ],
          "grounds": [],
          "urgent": {"available": false, "oral": false, "text": "No rule", "confidence": "recalled"}
        }
        """#

    /// A sample with one text replaced by another; `nil` if it does not hold the text exactly once.
    static func bilateral(replacing old: String, with new: String) -> String? {
        let parts = bilateral.components(separatedBy: old)
        return parts.count == 2 ? parts.joined(separator: new) : nil
    }

    static func read(_ texts: String...) throws -> [TreatyProfile] {
        try texts.flatMap { try TreatyProfiles(json: Array($0.utf8)).profiles }
    }

    /// Read once for all tests.
    static let shippedBook = Result { try TreatyBook.shipped() }

    static func book(adding texts: String...) throws -> TreatyBook {
        try shippedBook.get().adding(texts.flatMap { try TreatyProfiles(json: Array($0.utf8)).profiles })
    }
}

/// The error that some work throws, if it is one of ours.
func exchangeError(_ work: () throws -> Void) -> ExchangeError? {
    do {
        try work()
        return nil
    } catch let error as ExchangeError {
        return error
    } catch {
        return ExchangeError(ErrorCode("test.not_ours"), "\(error)")
    }
}

extension StateCode {
    init(sample text: String) throws {
        guard let state = StateCode(text) else { throw ExchangeError(ErrorCode("test.state"), text) }
        self = state
    }
}

extension CivilDate {
    init(sample text: String) throws {
        guard let date = CivilDate(iso: text) else { throw ExchangeError(ErrorCode("test.date"), text) }
        self = date
    }
}

import CaseWork
import EvidencePackaging
import ExchangeModel
import Foundation
import LegalAssistance
import Logging

/// Treaty profiles of a gateway's own: bilateral treaties, rules of its own service, corrections of shipped ones.
struct LocalProfiles {
    private static let most = 1_000

    let directory: String

    init(_ directory: String) { self.directory = directory }

    /// What is wrong with the directory and its files, file by file.
    var faults: [String] {
        do {
            _ = try book()
            return []
        } catch let error as ExchangeError {
            return error.details.isEmpty ? ["profiles: " + error.sentence] : error.details
        } catch {
            return ["profiles: \(directory) cannot be read"]
        }
    }

    /// The shipped profiles with those of the directory.
    ///
    /// - Throws: `configuration.invalid` naming every file that cannot be used, `treaty.*` when they do not fit together.
    func book() throws -> TreatyBook {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
                .filter { $0.hasSuffix(".json") }.sorted()
        } catch {
            throw Self.invalid(["profiles: \(directory) is no directory that can be read"])
        }
        guard names.count <= Self.most else {
            throw Self.invalid(["profiles: \(directory) holds more than \(Self.most) files"])
        }
        var faults: [String] = []
        var found: [TreatyProfile] = []
        for name in names {
            let path = directory + "/" + name
            do {
                let bytes = try SmallFile.read(path, limit: TreatyProfiles.largestFile)
                found += try TreatyProfiles(json: bytes).profiles
            } catch let error as ExchangeError {
                faults.append("profiles: \(path): \(error.sentence)" + error.details.map { "; " + $0 }.joined())
            }
        }
        guard faults.isEmpty else { throw Self.invalid(faults) }
        do {
            return try TreatyBook.shipped().adding(found)
        } catch {
            let sentence = (error as? ExchangeError)?.sentence ?? "they do not fit together"
            throw Self.invalid(["profiles: \(directory): \(sentence)"])
        }
    }

    private static func invalid(_ faults: [String]) -> ExchangeError {
        ExchangeError(
            .configurationInvalid,
            "The treaty profiles cannot be used",
            hint: "rogatory treaty check names the place in a file",
            details: faults
        )
    }
}

extension CaseBook {
    /// What a gateway's requests are judged by.
    ///
    /// - Throws: `configuration.invalid`, `treaty.*`.
    convenience init(
        of party: PartyID,
        _ configuration: GatewayConfiguration,
        now: @escaping @Sendable () -> ExchangeTime,
        logger: Logger
    ) throws {
        guard let state = StateCode(party.state) else {
            throw ExchangeError(.configurationInvalid, "The gateway's party \(party) names no state")
        }
        self.init(
            state: state,
            profiles: try configuration.profiles.map { try LocalProfiles($0).book() } ?? TreatyBook.shipped(),
            calendars: try WorkCalendar.shipped(),
            now: now,
            logger: logger
        )
    }
}

import ExchangeModel
import FoundationEssentials
import Persistence

/// Acquisition as it stands in the database: JSON with the names of the manifest.
enum AcquisitionRecord {
    private struct Stored: Codable {
        struct Device: Codable {
            var kind: String
            var make: String?
            var model: String?
            var identifiers: [Identifier]
        }

        struct Identifier: Codable {
            var name: String
            var value: String
        }

        var time: Int64
        var place: String?
        var person: String
        var tool: String
        var toolVersion: String?
        var writeBlocker: String?
        var device: Device?
    }

    static func text(_ acquisition: EvidenceManifest.Acquisition) throws -> String {
        let stored = Stored(
            time: acquisition.time.secondsSince1970,
            place: acquisition.place,
            person: acquisition.person,
            tool: acquisition.tool,
            toolVersion: acquisition.toolVersion,
            writeBlocker: acquisition.writeBlocker,
            device: acquisition.device.map { device in
                Stored.Device(
                    kind: device.kind,
                    make: device.make,
                    model: device.model,
                    identifiers: device.identifiers.map { Stored.Identifier(name: $0.name, value: $0.value) }
                )
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(stored), as: UTF8.self)
    }

    static func acquisition(_ text: String) throws -> EvidenceManifest.Acquisition {
        guard let stored = try? JSONDecoder().decode(Stored.self, from: Data(text.utf8)) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds an acquisition that cannot be read")
        }
        return EvidenceManifest.Acquisition(
            time: ExchangeTime(secondsSince1970: stored.time),
            place: stored.place,
            person: stored.person,
            tool: stored.tool,
            toolVersion: stored.toolVersion,
            writeBlocker: stored.writeBlocker,
            device: stored.device.map { device in
                EvidenceManifest.SourceDevice(
                    kind: device.kind,
                    make: device.make,
                    model: device.model,
                    identifiers: device.identifiers.map { EvidenceManifest.Field(name: $0.name, value: $0.value) }
                )
            }
        )
    }
}

extension EvidenceRegistration {
    /// Checks every value against what a manifest can state.
    ///
    /// - Throws: `request.value`.
    func check(now: ExchangeTime) throws {
        try StatementText.requireFileName(originalName)
        if let mediaType { try StatementText.requireMediaType(mediaType) }
        if let description { try StatementText.requireText(description, "description") }
        if let expectedSize, expectedSize < 0 {
            throw ExchangeError(.requestValue, "The expected size is negative")
        }
        if let acquisition { try Self.check(acquisition, now: now) }
        guard earlierCustody.count <= 100 else {
            throw ExchangeError(.requestValue, "More than 100 earlier custody events are stated")
        }
        var last: ExchangeTime?
        for event in earlierCustody {
            guard event.time <= now, last.map({ $0 <= event.time }) ?? true else {
                throw ExchangeError(
                    .requestValue,
                    "The earlier custody events are not in the order of their times, or lie in the future"
                )
            }
            last = event.time
            try StatementText.requireLine(event.action, "action of a custody event")
            try StatementText.requireLine(event.person, "person of a custody event")
            if let tool = event.tool { try StatementText.requireLine(tool, "tool of a custody event") }
            if let place = event.place { try StatementText.requireLine(place, "place of a custody event") }
            if let note = event.note { try StatementText.requireText(note, "note of a custody event") }
        }
    }

    private static func check(_ acquisition: EvidenceManifest.Acquisition, now: ExchangeTime) throws {
        guard acquisition.time <= now else {
            throw ExchangeError(.requestValue, "The time of the acquisition lies in the future")
        }
        try StatementText.requireLine(acquisition.person, "person of the acquisition")
        try StatementText.requireLine(acquisition.tool, "tool of the acquisition")
        let device = acquisition.device
        for (value, name) in [
            (acquisition.place, "place of the acquisition"), (acquisition.toolVersion, "version of the tool"),
            (acquisition.writeBlocker, "write blocker"), (device?.kind, "kind of the device"),
            (device?.make, "make of the device"), (device?.model, "model of the device"),
        ] {
            if let value { try StatementText.requireLine(value, name) }
        }
        guard let device else { return }
        try StatementText.requireFields(device.identifiers, "identifiers of the device", most: 100)
    }
}

import EvidencePackaging
import ExchangeModel
import Foundation

/// What an officer knows of the items' acquisition and custody, as a JSON file.
///
/// `everyItem` applies to all, `items` by original name; what stands there for an item replaces what stands for all.
struct AcquisitionFile: Codable {
    struct Details: Codable {
        var description: String?
        var acquisition: Acquisition?
        var custody: [Custody]?
    }

    struct Acquisition: Codable {
        var time: String
        var place: String?
        var person: String
        var tool: String
        var toolVersion: String?
        var writeBlocker: String?
        var device: Device?
    }

    struct Device: Codable {
        var kind: String
        var make: String?
        var model: String?
        var identifiers: [Identifier]?
    }

    struct Identifier: Codable {
        var name: String
        var value: String
    }

    struct Custody: Codable {
        var time: String
        var action: String
        var person: String
        var tool: String?
        var place: String?
        var note: String?
    }

    /// The same with times read.
    struct Known {
        var description: String?
        var acquisition: EvidenceManifest.Acquisition?
        var custody: [EvidenceManifest.CustodyEvent]
    }

    private var everyItem: Details?
    private var items: [String: Details]?

    /// Reads a file and checks every time in it.
    ///
    /// - Throws: `draft.invalid`, `file.*`.
    init(reading path: String) throws {
        let bytes = try SmallFile.read(path)
        do {
            self = try JSONDecoder().decode(AcquisitionFile.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw ExchangeError(
                .draftInvalid,
                "\(path) does not describe acquisition",
                hint: "Docs/guide-officer.md shows the form",
                details: [Self.sentence(of: error)]
            )
        }
        let unknown = try Self.keys(JSONSerialization.jsonObject(with: Data(bytes)))
            .subtracting(Self.keys(JSONSerialization.jsonObject(with: JSONEncoder().encode(self))))
        if let first = unknown.min() {
            throw ExchangeError(
                .draftInvalid,
                "\(path): nobody knows what “\(first)” is",
                hint: "Docs/guide-officer.md shows the form"
            )
        }
        let all = [everyItem].compactMap(\.self) + (items ?? [:]).values
        for text in all.flatMap({ [$0.acquisition?.time].compactMap(\.self) + ($0.custody ?? []).map(\.time) })
        where ExchangeTime(rfc3339: text) == nil {
            throw ExchangeError(
                .draftInvalid,
                "\(path): \(text) is not a time",
                hint: "write it like 2026-11-22T10:00:00Z"
            )
        }
    }

    /// Requires that every item named is one of those taken in, so that nothing known is lost by a slip of the pen.
    ///
    /// - Throws: `draft.invalid`.
    func requireItems(among names: [String]) throws {
        guard let stray = Set((items ?? [:]).keys).subtracting(names).min() else { return }
        throw ExchangeError(
            .draftInvalid,
            "The acquisition file speaks of “\(stray)”, which is not among the evidence",
            hint: "items are named by their original names"
        )
    }

    /// The paths of all keys whose value is not null.
    private static func keys(_ value: Any, below path: String = "") -> Set<String> {
        if let object = value as? [String: Any] {
            return object.reduce(into: []) { found, pair in
                guard !(pair.value is NSNull) else { return }
                let here = path.isEmpty ? pair.key : path + "." + pair.key
                found.insert(here)
                found.formUnion(keys(pair.value, below: here))
            }
        }
        if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys($1, below: path)) } }
        return []
    }

    /// What is known of an item.
    func details(of name: String) -> Known {
        let own = items?[name]
        let acquisition = own?.acquisition ?? everyItem?.acquisition
        let custody = own?.custody ?? everyItem?.custody ?? []
        return Known(
            description: own?.description ?? everyItem?.description,
            acquisition: acquisition.flatMap { given in
                ExchangeTime(rfc3339: given.time).map { time in
                    EvidenceManifest.Acquisition(
                        time: time,
                        place: given.place,
                        person: given.person,
                        tool: given.tool,
                        toolVersion: given.toolVersion,
                        writeBlocker: given.writeBlocker,
                        device: given.device.map { device in
                            EvidenceManifest.SourceDevice(
                                kind: device.kind,
                                make: device.make,
                                model: device.model,
                                identifiers: (device.identifiers ?? []).map {
                                    EvidenceManifest.Field(name: $0.name, value: $0.value)
                                }
                            )
                        }
                    )
                }
            },
            custody: custody.compactMap { event in
                ExchangeTime(rfc3339: event.time).map {
                    EvidenceManifest.CustodyEvent(
                        time: $0,
                        action: event.action,
                        person: event.person,
                        tool: event.tool,
                        place: event.place,
                        note: event.note
                    )
                }
            }
        )
    }

    private static func sentence(of error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context): "“\(key.stringValue)” is missing\(place(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "wrong kind of value\(place(context))"
        case .dataCorrupted: "it is not JSON"
        @unknown default: "it cannot be read"
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map(\.stringValue).joined(separator: ".")
        return path.isEmpty ? "" : " in \(path)"
    }
}

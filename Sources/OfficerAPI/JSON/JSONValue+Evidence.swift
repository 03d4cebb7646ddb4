public import ExchangeModel

extension JSONValue {
    /// A custody event as the interface writes and reads it.
    public init(_ event: EvidenceManifest.CustodyEvent) {
        self = .members([
            "time": .time(event.time), "action": .text(event.action), "person": .text(event.person),
            "tool": event.tool.map(JSONValue.text), "place": event.place.map(JSONValue.text),
            "note": event.note.map(JSONValue.text),
        ])
    }

    /// How an item was acquired, as the interface writes and reads it.
    public init(_ acquisition: EvidenceManifest.Acquisition) {
        self = .members([
            "time": .time(acquisition.time), "place": acquisition.place.map(JSONValue.text),
            "person": .text(acquisition.person), "tool": .text(acquisition.tool),
            "toolVersion": acquisition.toolVersion.map(JSONValue.text),
            "writeBlocker": acquisition.writeBlocker.map(JSONValue.text),
            "device": acquisition.device.map { device in
                .members([
                    "kind": .text(device.kind), "make": device.make.map(JSONValue.text),
                    "model": device.model.map(JSONValue.text),
                    "identifiers": .array(device.identifiers.map { JSONValue($0) }),
                ])
            },
        ])
    }

    /// A named value.
    public init(_ field: EvidenceManifest.Field) {
        self = .members(["name": .text(field.name), "value": .text(field.value)])
    }
}

import EvidencePackaging
import ExchangeModel
import Testing

@Suite struct ManifestTests {
    private func read(_ old: String, _ new: String) throws -> ErrorCode? {
        let text = String(decoding: try ManifestSamples.full.xml(), as: UTF8.self)
        let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count > 1, "nothing to replace: \(old)")
        return manifestCode { _ = try EvidenceManifest(xml: Array(parts.joined(separator: new).utf8)) }
    }

    private func write(_ change: (inout EvidenceManifest) -> Void) -> ErrorCode? {
        var manifest = ManifestSamples.full
        change(&manifest)
        return manifestCode { _ = try manifest.xml() }
    }

    @Test(arguments: ManifestSamples.all)
    func survivesTheRoundTrip(_ manifest: EvidenceManifest) throws {
        let bytes = try manifest.xml()
        let read = try EvidenceManifest(xml: bytes)
        #expect(read == manifest)
        #expect(try read.xml() == bytes)
        #expect(try read.json() == manifest.json())
    }

    /// Swift calls `é` and `e\u{301}` the same text, so the code points are compared too.
    @Test func keepsTextExactly() throws {
        let read = try EvidenceManifest(xml: ManifestSamples.full.xml())
        let awkward = Array(ManifestSamples.awkward.utf8)
        #expect(Array(read.fields[0].value.utf8) == awkward)
        #expect(Array(read.documents[1].file.originalName.utf8) == awkward)
        #expect(Array(read.evidence[0].custody[0].note?.utf8 ?? "".utf8) == awkward)
    }

    @Test func everyValueOfEveryChoiceSurvives() throws {
        for messageType in EvidenceManifest.MessageType.allCases {
            var manifest = ManifestSamples.minimal
            manifest.messageType = messageType
            #expect(try EvidenceManifest(xml: manifest.xml()) == manifest)
        }
        for onwardTransfer in EvidenceManifest.UseLimits.OnwardTransfer.allCases {
            var manifest = ManifestSamples.minimal
            manifest.useLimits = .init(onwardTransfer: onwardTransfer)
            #expect(try EvidenceManifest(xml: manifest.xml()) == manifest)
        }
        for purpose in EvidenceManifest.Document.Purpose.allCases {
            var manifest = ManifestSamples.minimal
            manifest.documents = [.init(file: ManifestSamples.file("documents/0001"), purpose: purpose)]
            #expect(try EvidenceManifest(xml: manifest.xml()) == manifest)
        }
        for role in EvidenceManifest.RequiredSigner.Role.allCases {
            var manifest = ManifestSamples.minimal
            manifest.requiredSigners[0].role = role
            #expect(try EvidenceManifest(xml: manifest.xml()) == manifest)
        }
    }

    @Test func carriesTenThousandItems() throws {
        var manifest = ManifestSamples.full
        let item = manifest.evidence[1]
        manifest.evidence = (1...10_000).map { number in
            var item = item
            item.file.path = EvidenceManifest.evidencePath(number)
            return item
        }
        let bytes = try manifest.xml()
        #expect(try EvidenceManifest(xml: bytes) == manifest)
        #expect(manifest.evidence[9_998].file.path == "evidence/9999")
        #expect(manifest.evidence[9_999].file.path == "evidence/10000")
        manifest.evidence.append(manifest.evidence[0])
        #expect(manifestCode { _ = try manifest.xml() } == ErrorCode("xml.schema"))
    }

    @Test func carriesTheLongestValue() throws {
        var manifest = ManifestSamples.minimal
        manifest.fields = [.init(name: "facts", value: String(repeating: "\r", count: 65_536))]
        #expect(try EvidenceManifest(xml: manifest.xml()) == manifest)
        manifest.fields[0].value += "x"
        #expect(manifestCode { _ = try manifest.xml() } == ErrorCode("xml.schema"))
    }

    @Test func refusesOtherVersions() throws {
        let unknown = ErrorCode("manifest.unknown_version")
        #expect(try read("evidence-manifest:1", "evidence-manifest:2") == unknown)
        #expect(try read("<formatVersion>1</formatVersion>", "<formatVersion>2</formatVersion>") == unknown)
        #expect(write { $0.formatVersion = 2 } == unknown)
        #expect(
            try read("urn:rogatory:evidence-manifest:1", "urn:rogatory:exchange-header:1") == ErrorCode("xml.schema")
        )
    }

    @Test func numbersPathsWithoutGaps() {
        let path = ErrorCode("manifest.path")
        #expect(write { $0.evidence[0].file.path = "evidence/0002" } == path)
        #expect(write { $0.evidence[1].file.path = "evidence/0001" } == path)
        #expect(write { $0.evidence[2].file.path = "evidence/0004" } == path)
        #expect(write { $0.evidence[2].file.path = "evidence/00003" } == path)
        #expect(write { $0.evidence.swapAt(0, 1) } == path)
        #expect(write { $0.documents.removeFirst() } == path)
        for hostile in [
            "evidence/../x", "evidence/1", "evidence/0001/x", "documents/0001", "/evidence/0001", "evidence/000１",
        ] {
            #expect(write { $0.evidence[0].file.path = hostile } == ErrorCode("xml.schema"))
        }
    }

    @Test func demandsItsOwnCertificateOfEachSigner() {
        #expect(
            write { $0.requiredSigners[1].certificate = $0.requiredSigners[0].certificate }
                == ErrorCode("manifest.signers")
        )
        #expect(write { $0.requiredSigners = [] } == ErrorCode("xml.schema"))
    }

    @Test func checksWhatTheSchemaCannot() {
        #expect(write { $0.soleReleaseReason = "night" } == ErrorCode("manifest.sole_release"))
        #expect(
            write {
                $0.soleReleaseReason = "night"
                $0.requiredSigners.removeLast()
            } == nil
        )
        #expect(
            write {
                $0.soleReleaseReason = "night"
                $0.requiredSigners.removeLast()
                $0.messageType = .destructionCertificate
            } == ErrorCode("manifest.sole_release")
        )
        #expect(write { $0.previousContentDigest = nil } == ErrorCode("manifest.sequence"))
        #expect(write { $0.sequence = 1 } == ErrorCode("manifest.sequence"))
        #expect(
            write { $0.evidence[0].custody[1].time = $0.evidence[0].custody[0].time.adding(seconds: -1) }
                == ErrorCode("manifest.custody_order")
        )
    }

    @Test func refusesValuesOutsideTheSchema() {
        let schema = ErrorCode("xml.schema")
        #expect(write { $0.subject = "" } == schema)
        #expect(write { $0.subject = "two\nlines" } == schema)
        #expect(write { $0.subject = "tab\t" } == schema)
        #expect(write { $0.subject = String(repeating: "я", count: 1_024) } == nil)
        #expect(write { $0.subject = String(repeating: "я", count: 1_025) } == schema)
        #expect(write { $0.fields[0].value = "\u{7f}" } == schema)
        #expect(write { $0.fields[0].value = "\u{85}" } == schema)
        #expect(write { $0.evidence[0].file.originalName = "" } == schema)
        #expect(write { $0.evidence[0].file.originalName = String(repeating: "a", count: 1_025) } == schema)
        #expect(write { $0.evidence[0].file.mediaType = "image" } == schema)
        #expect(write { $0.evidence[0].file.mediaType = "text/plain; charset=utf-8" } == schema)
        #expect(write { $0.evidence[0].file.size = -1 } == schema)
        #expect(write { $0.evidence[0].file.size = .max } == schema)
        #expect(write { $0.treaty = "Minsk 1993" } == schema)
        #expect(write { $0.documents[0].language = "" } == schema)
        #expect(write { $0.subject = "\u{1b}[2J" } == ErrorCode("xml.bad_character"))
    }

    @Test func refusesOtherElementsAndValues() throws {
        let schema = ErrorCode("xml.schema")
        #expect(try read("<subject>", "<unknown/><subject>") == schema)
        #expect(try read("<fields>", "<fields><unknown/>") == schema)
        #expect(try read("<custody>", "<custody x=\"\">") == schema)
        #expect(try read("<sha256>ab", "<sha256>AB") == schema)
        #expect(try read("2026-11-20T23:59:59Z", "2026-11-31T23:59:59Z") == schema)
        #expect(try read("<size>9007199254740991", "<size>9007199254740992") == schema)
        #expect(try read("<size>9007199254740991", "<size>99999999999999999999999999") == schema)
        #expect(try read("<size>9007199254740991", "<size> 9007199254740991") == ErrorCode("manifest.value"))
        #expect(try read("evidence/0001", "evidence/../x") == schema)
        #expect(try read("<fields>", "<i:include xmlns:i=\"http://www.w3.org/2001/XInclude\"/><fields>") == schema)
        #expect(
            try read(
                "<evidenceManifest ",
                "<evidenceManifest xmlns:x=\"http://www.w3.org/2001/XMLSchema-instance\" x:schemaLocation=\"a b\" "
            ) == ErrorCode("xml.schema_instance")
        )
    }

    @Test func jsonRefusesNumbersThatADoubleCannotHold() {
        var manifest = ManifestSamples.minimal
        manifest.highestSequenceSeen = 9_007_199_254_740_992
        #expect(manifestCode { _ = try manifest.json() } == ErrorCode("manifest.value"))
        manifest.highestSequenceSeen = .min
        #expect(manifestCode { _ = try manifest.json() } == ErrorCode("manifest.value"))
    }

    @Test func agreesWithItsHeaderOnly() {
        let disagrees = ErrorCode("bundle.header_disagrees")
        func agreement(
            _ changeHeader: (inout ExchangeHeader) -> Void,
            _ changeManifest: (inout EvidenceManifest) -> Void = { _ in }
        ) -> ErrorCode? {
            var header = ManifestSamples.header
            var manifest = ManifestSamples.full
            changeHeader(&header)
            changeManifest(&manifest)
            return manifestCode { try manifest.agreement(header: header) }
        }
        #expect(agreement { _ in } == nil)
        #expect(agreement { $0.formatVersion = 2 } == disagrees)
        #expect(agreement { $0.thread = ThreadID(at: $0.created, random: []) } == disagrees)
        #expect(agreement { $0.sequence = 8 } == disagrees)
        #expect(agreement { $0.sender = ManifestSamples.party("RU-GPO") } == disagrees)
        #expect(agreement { $0.recipient = ManifestSamples.party("RU-GPO") } == disagrees)
        #expect(agreement { $0.created = ManifestSamples.drafted } == nil)
        #expect(agreement { $0.created = ManifestSamples.drafted.adding(seconds: -1) } == disagrees)
        #expect(agreement { $0.bundleClass = .message } == disagrees)
        #expect(agreement({ _ in }, { $0.messageType = .refusal }) == disagrees)
        #expect(agreement({ _ in }, { $0.evidence = [] }) == disagrees)
        let message: (inout ExchangeHeader) -> Void = {
            $0.bundleClass = .message
            $0.mode = .gateway
        }
        for messageType in EvidenceManifest.MessageType.allCases {
            #expect(agreement(message, { $0.messageType = messageType }) == nil)
        }
    }
}

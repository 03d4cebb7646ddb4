import ExchangeModel
import Foundation
import Glibc
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A bundle that arrives in parts")
struct AssemblyTests {
    @Test("in any order becomes the sender's file, byte for byte", arguments: [1, 3])
    func anyOrder(parts: Int) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: parts)
        let announcement = try BundleAnnouncement(json: sent.announcement.json)
        #expect(announcement.totalSize == Int64(sent.file.count))
        var checks = CheckList()
        let seal = try announcement.proveSeal(trust: workshop.trust(), now: BundleWorkshop.now, checks: &checks)
        try checks.requireAllPassed()
        #expect(checks.report.checks.map(\.name) == BundleAnnouncement.plannedChecks)
        #expect(try seal?.certificate == workshop.sealer.certificate)
        let assembly = try BundleAssembly(at: workshop.folder + "/incoming", announcement: announcement)
        try sent.send(announcement.parts.map(\.number).reversed(), to: assembly)
        let target = workshop.folder + "/received.asice"
        try assembly.complete(publishingAs: target)
        #expect(try SmallFile.read(target, limit: 1 << 24) == sent.file)
        #expect(!FileManager.default.fileExists(atPath: workshop.folder + "/incoming"))
        #expect(try workshop.open(target).error == nil)
    }

    @Test("is the same however the parts are cut into pieces", arguments: [1, 17, 18, 160, 161, 162, 65_536, 1 << 20])
    func pieces(size: Int) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 1)
        let assembly = try BundleAssembly(at: workshop.folder + "/incoming", announcement: sent.announcement)
        try sent.send([1], to: assembly, pieces: size)
        try assembly.complete(publishingAs: workshop.folder + "/received")
        #expect(try SmallFile.read(workshop.folder + "/received", limit: 1 << 24) == sent.file)
    }

    @Test("takes a wrong part on no account, and the right one afterwards")
    func wrongParts() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 3)
        let other = try Sent(workshop, parts: 3, as: "other.asice")
        let path = workshop.folder + "/incoming"
        let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
        let parts = sent.announcement.parts
        let good = sent.bytes(of: parts[0])

        func refuse(_ code: ErrorCode, _ bytes: [UInt8], as number: Int = 1, _ place: SourceLocation = #_sourceLocation)
            throws
        {
            let writer = try assembly.part(number)
            refused(code, place) {
                try writer.write(bytes)
                try writer.finish()
            }
            refused(.assemblyPartClosed, place) { try writer.write([0]) }
            refused(.assemblyPartClosed, place) { try writer.finish() }
            #expect(assembly.missingParts.contains(number), sourceLocation: place)
        }
        func flipped(_ offset: Int) -> [UInt8] {
            var bytes = good
            bytes[offset] ^= 1
            return bytes
        }
        try refuse(.assemblyPartSize, good.dropLast())
        try refuse(.assemblyPartSize, good + [0])
        try refuse(.assemblyPartSize, [])
        try refuse(.assemblyPartDigest, flipped(5_000))
        try refuse(.assemblyPartDigest, flipped(good.count - 1))
        try refuse(.envelopeMalformed, flipped(good.count - 18))
        try refuse(.envelopeMalformed, flipped(0))
        try refuse(.envelopeAlgorithm, flipped(10))
        // Sound by itself, but not the one.
        try refuse(.assemblyPartDigest, sent.bytes(of: parts[1]))
        try refuse(.assemblyPartDigest, good, as: 2)
        try refuse(.envelopeMalformed, good, as: 3)
        try refuse(.envelopeKeyIdentifier, other.bytes(of: other.announcement.parts[0]))
        for number in [0, -1, 4, .max, .min] { refused(.assemblyNoSuchPart) { _ = try assembly.part(number) } }
        #expect(assembly.presentParts.isEmpty)

        try sent.send([2, 3, 1], to: assembly)
        refused(.assemblyPartPresent) { _ = try assembly.part(2) }
        #expect(assembly.missingParts.isEmpty)
        try assembly.complete(publishingAs: workshop.folder + "/received")
        #expect(try SmallFile.read(workshop.folder + "/received", limit: 1 << 24) == sent.file)
    }

    @Test("gives a part to one connection at a time, and to the next when that one goes away")
    func connections() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 2)
        let assembly = try BundleAssembly(at: workshop.folder + "/incoming", announcement: sent.announcement)
        let bytes = sent.bytes(of: sent.announcement.parts[0])
        do {
            let first = try assembly.part(1)
            try first.write(Array(bytes.prefix(3_000)))
            #expect(first.received == 3_000)
            refused(.assemblyPartBusy) { _ = try assembly.part(1) }
            try sent.send([2], to: assembly)
        }
        // A refused writer that goes away late does not free the part that the next one receives.
        var lingering: PartWriter? = try assembly.part(1)
        refused(.assemblyPartSize) { try lingering?.finish() }
        let next = try assembly.part(1)
        lingering = nil
        refused(.assemblyPartBusy) { _ = try assembly.part(1) }
        try next.write(bytes)
        try next.finish()
        try assembly.complete(publishingAs: workshop.folder + "/received")
        #expect(try SmallFile.read(workshop.folder + "/received", limit: 1 << 24) == sent.file)
    }

    @Test("is received side by side on several threads")
    func threads() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 6)
        let assembly = try BundleAssembly(at: workshop.folder + "/incoming", announcement: sent.announcement)
        DispatchQueue.concurrentPerform(iterations: 6) { index in
            #expect(throws: Never.self) { try sent.send([index + 1], to: assembly, pieces: 999) }
        }
        try assembly.complete(publishingAs: workshop.folder + "/received")
        #expect(try SmallFile.read(workshop.folder + "/received", limit: 1 << 24) == sent.file)
    }

    @Test("is completed once, only when it is whole, and replaces nothing")
    func completion() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 2)
        let assembly = try BundleAssembly(at: workshop.folder + "/incoming", announcement: sent.announcement)
        let target = workshop.folder + "/received"
        refused(.assemblyIncomplete) { try assembly.complete(publishingAs: target) }
        try sent.send([2], to: assembly)
        refused(.assemblyIncomplete) { try assembly.complete(publishingAs: target) }
        let writer = try assembly.part(1)
        try writer.write(sent.bytes(of: sent.announcement.parts[0]))
        refused(.assemblyIncomplete) { try assembly.complete(publishingAs: target) }
        #expect(!FileManager.default.fileExists(atPath: target))
        try writer.finish()

        _ = try workshop.write("received", [1, 2, 3])
        refused(.outputExists) { try assembly.complete(publishingAs: target) }
        #expect(try SmallFile.read(target) == [1, 2, 3])
        refused(.outputFailed) { try assembly.complete(publishingAs: workshop.folder + "/missing/received") }
        try assembly.complete(publishingAs: target + ".asice")
        #expect(try SmallFile.read(target + ".asice", limit: 1 << 24) == sent.file)
        refused(.assemblyClosed) { try assembly.complete(publishingAs: target + "2") }
        refused(.assemblyClosed) { _ = try assembly.part(1) }
    }

    @Test("goes on in the same file after a cut at any byte")
    func cuts() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 2)
        let path = workshop.folder + "/incoming"
        let part = sent.announcement.parts[0]
        let bytes = sent.bytes(of: part)
        let cuts = [
            0, 1, 100, 160, 161, 162, 4_095, 4_096, 30_000, bytes.count - 19, bytes.count - 18, bytes.count - 1,
        ]
        for (index, cut) in (cuts + [bytes.count]).enumerated() {
            do {
                let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
                if index == 0 { try sent.send([2], to: assembly) }
                #expect(assembly.presentParts == [2])
                try assembly.part(1).write(Array(bytes.prefix(cut)))
            }
            // The file is what a kill at this moment would leave.
        }
        let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
        #expect(assembly.missingParts == [1])
        try sent.send([1], to: assembly)
        try assembly.complete(publishingAs: workshop.folder + "/received")
        #expect(try SmallFile.read(workshop.folder + "/received", limit: 1 << 24) == sent.file)
    }

    @Test("counts a part as missing whose mark was cut at any byte, and one as there whose mark is whole")
    func tornMarks() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 2)
        let path = workshop.folder + "/incoming"
        do {
            let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
            try sent.send([1, 2], to: assembly)
        }
        let whole = try SmallFile.read(path, limit: 1 << 24)
        let place = sent.announcement.layout.entries[3]
        let mark = Int(place.headerOffset)..<Int(place.dataOffset)
        #expect(whole[mark] == sent.file[mark])
        for written in 0...mark.count {
            var torn = whole
            for offset in mark.dropFirst(written) { torn[offset] = 0 }
            _ = try workshop.write("incoming", torn)
            let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
            // The last bytes of the mark are zeros: the size has no more digits.
            let isWhole = torn == whole
            #expect(assembly.presentParts == (isWhole ? [1, 2] : [2]), "\(written) bytes")
        }
        let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
        try assembly.complete(publishingAs: workshop.folder + "/received")
        #expect(try SmallFile.read(workshop.folder + "/received", limit: 1 << 24) == sent.file)
    }

    @Test("is not continued in a file of another bundle, of another length, or that another is working on")
    func otherFiles() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 2)
        let other = try Sent(workshop, parts: 2, as: "other.asice")
        let path = workshop.folder + "/incoming"
        func begin(_ announcement: BundleAnnouncement) throws {
            _ = try BundleAssembly(at: path, announcement: announcement)
        }
        do {
            let assembly = try BundleAssembly(at: path, announcement: sent.announcement)
            refused(.assemblyInUse) { try begin(sent.announcement) }
            try sent.send([1], to: assembly)
        }
        refused(.assemblyOtherBundle) { try begin(other.announcement) }
        let whole = try SmallFile.read(path, limit: 1 << 24)
        for damaged in [whole.dropLast(), whole + [0], [], Array(whole.prefix(100))] {
            _ = try workshop.write("incoming", Array(damaged))
            refused(.assemblyOtherBundle) { try begin(sent.announcement) }
        }
        for entry in sent.announcement.layout.entries where !entry.name.hasPrefix("parts/") {
            for offset in [entry.headerOffset, entry.dataOffset, entry.dataEnd - 1] {
                var damaged = whole
                damaged[Int(offset)] ^= 1
                _ = try workshop.write("incoming", damaged)
                refused(.assemblyOtherBundle) { try begin(sent.announcement) }
            }
        }
        try BundleAssembly.discard(path)
        try BundleAssembly.discard(path)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: sent.path)
        refused(.outputFailed) { try begin(sent.announcement) }
        try BundleAssembly.discard(path)
        #expect(FileManager.default.fileExists(atPath: sent.path))
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        refused(.outputFailed) { try begin(sent.announcement) }
        refused(.outputFailed) {
            _ = try BundleAssembly(at: workshop.folder + "/missing/incoming", announcement: sent.announcement)
        }
    }

    @Test("takes no room on the disk before its parts arrive")
    func sparse() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        var forgery = try Forgery(of: Sent(workshop, parts: 1).path)
        // A header that announces 100 GiB, and a manifest that fits.
        let size: Int64 = 100 << 30
        let partSize = CryptoSuite.rogatory1.partSizes.upperBound
        var header = try ExchangeHeader(xml: forgery["exchange.xml"])
        header.contentSize = size
        header.partSize = partSize
        forgery["exchange.xml"] = try header.xml()
        let part = forgery.entries[3]
        let count = Int((size - 1) / partSize + 1)
        forgery.entries.remove(at: 3)
        for number in 1...count { forgery.entries.insert((BundleNames.part(number), part.bytes), at: 2 + number) }
        try forgery.reseal(workshop)
        let announcement = try forgery.announcement()
        #expect(announcement.totalSize > size && announcement.parts.count == count)
        let path = workshop.folder + "/incoming"
        let assembly = try BundleAssembly(at: path, announcement: announcement)
        #expect(assembly.missingParts.count == count)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(Int64(status.st_size) == announcement.totalSize)
        #expect(Int64(status.st_blocks) * 512 < 4 << 20)
    }

    @Test func aFullDiskHasAnErrorOfItsOwn() throws {
        let descriptor = Glibc.open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 1, count: 4_096)
        refused(.outputFull) { try bytes.withUnsafeBytes { try PositionedWriter.write($0, to: descriptor, at: 0) } }
    }
}

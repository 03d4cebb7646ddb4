import ExchangeModel
import Foundation
import TrustCrypto

@testable import EvidencePackaging

/// Reports of real bundles, and of manifests that nobody would want to print.
enum ReportSamples {
    /// Markup, an end of a script, directional formatting, an end of a quotation, a line break.
    static let hostileName = "<script>alert('1')</script>\u{202E}gpj.exe\"onload=x&lt;\n]]>"
    static let longName = String(repeating: "очень-длинное-имя-", count: 40) + ".tar.gz"

    static func time(_ text: String) -> ExchangeTime { ManifestSamples.time(text) }

    /// Custody and acquisition as a case has them.
    static func item(_ index: Int, name: String) -> EvidenceManifest.EvidenceItem {
        let device = EvidenceManifest.SourceDevice(
            kind: "smartphone",
            make: "Samsung",
            model: "Galaxy S23",
            identifiers: [.init(name: "IMEI", value: "490154203237518")]
        )
        return EvidenceManifest.EvidenceItem(
            file: ManifestSamples.file(EvidenceManifest.evidencePath(index), name: name, size: 300_000),
            description: index % 2 == 1 ? "Телефон, изъятый при обыске" : nil,
            acquisition: .init(
                time: time("2026-10-03T08:15:00Z"),
                place: "Алматы, лаборатория",
                person: "Б. Ахметов",
                tool: "ewfacquire",
                toolVersion: "20140814",
                writeBlocker: "Tableau T35u",
                device: device
            ),
            custody: [
                .init(
                    time: time("2026-10-02T14:30:00Z"),
                    action: "seized",
                    person: "А. Нурланова",
                    place: "Алматы, ул. Абая 10"
                ),
                .init(time: time("2026-10-02T16:00:00Z"), action: "handed over", person: "А. Нурланова", note: "№ 114"),
                .init(time: time("2026-10-03T08:15:00Z"), action: "acquired", person: "Б. Ахметов", tool: "ewfacquire"),
                .init(time: time("2026-11-20T09:00:00Z"), action: "taken in", person: "А. Нурланова"),
            ]
        )
    }

    /// Changes a draft's manifest into one with everything a report shows.
    static func enrich(_ manifest: inout EvidenceManifest) {
        manifest.subject = "Данные телефона по делу № 5"
        manifest.senderAgency = "Генеральная прокуратура"
        manifest.recipientAgency = "Генеральная прокуратура Кыргызской Республики"
        manifest.reference = "KZ-2026/117"
        manifest.useLimits = .init(
            speciality: "Дело № 5",
            onwardTransfer: .withConsent,
            destroyBy: time("2031-01-01T00:00:00Z")
        )
        for index in manifest.evidence.indices {
            let sample = item(index + 1, name: "")
            manifest.evidence[index].description = sample.description
            manifest.evidence[index].acquisition = index == 0 ? sample.acquisition : nil
            manifest.evidence[index].custody = sample.custody
        }
        manifest.evidence[0].file.originalName = hostileName
        if manifest.evidence.count > 1 { manifest.evidence[1].file.originalName = longName }
    }

    /// A bundle with everything in it, sealed.
    static func sealed(in workshop: BundleWorkshop, name: String = "it's a bundle.asice") throws -> String {
        let files = [
            try workshop.write("phone.E01", [UInt8](repeating: 1, count: 300_000)),
            try workshop.write("log.txt", Array("log\n".utf8)), try workshop.write("empty", []),
        ]
        let signers = [try workshop.officer, try workshop.approver]
        let draft = try workshop.draft(files: files, signers: signers, change: enrich)
        let path = workshop.folder + "/" + name
        _ = try BundleSealer(draft: draft, order: workshop.order()).seal(
            signature: workshop.release(draft, by: signers),
            to: path,
            timestamper: { try workshop.timestamp($0) }
        )
        return path
    }

    /// A report that nothing proves, with so many items.
    static func large(_ items: Int) -> BundleReport {
        var report = VerificationReport()
        report.pass("manifest.items", "Every file has the stated size and digest, \(items, as: "count") in all")
        var manifest = ManifestSamples.minimal
        manifest.evidence = (1...items).map { index in
            var item = item(index, name: "IMG_\(index).jpg")
            // Everybody's own event, so that nothing can be put together.
            item.custody.append(
                .init(
                    time: time("2026-11-21T09:00:00Z").adding(seconds: Int64(index)),
                    action: "photo \(index)",
                    person: "C"
                )
            )
            return item
        }
        return BundleReport(
            time: time("2026-11-22T10:00:00Z"),
            kind: .signedContainer,
            subject: VerificationReport.Subject(),
            report: report,
            manifest: manifest
        )
    }
}

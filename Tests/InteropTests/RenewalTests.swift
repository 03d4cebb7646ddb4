import ProgramHarness
import Testing

@Suite("A bundle over the years, with faketime and an authority made of openssl")
struct RenewalOverYearsTests {
    @Test("passes after fifteen years with one renewal, and not without")
    func fifteenYears() async throws {
        let world = try await DemoWorld.shared()
        let sample = try await SampleBundle.kazakh()
        let room = try Room()
        let finished = try await room.run([
            "/usr/bin/python3", ForeignReading.root + "/Tests/InteropTests/renew_for_years.py", OurPrograms.rogatory,
            OurPrograms.evidenceVerify, sample.path, world.trust, room.path,
        ])
        #expect(finished.status == 0, "\(finished)")
        #expect(finished.text.split(separator: "\n").count { $0.hasPrefix("holds\t") } == 9, "\(finished)")
    }
}

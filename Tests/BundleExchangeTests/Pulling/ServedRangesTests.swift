import Testing

@testable import BundleExchange

@Suite("Which bytes were handed over")
struct ServedRangesTests {
    @Test(
        "Pieces join where they touch, in any order",
        arguments: [
            ([0..<10, 10..<20], "0-19"), ([10..<20, 0..<10], "0-19"), ([0..<5, 10..<20, 4..<11], "0-19"),
            ([0..<5, 6..<8], "0-4,6-7"), ([3..<3], ""), ([0..<100, 20..<30], "0-99"), ([], ""),
        ] as [([Range<Int64>], String)]
    )
    func joining(_ pieces: [Range<Int64>], _ text: String) {
        var served = ServedRanges()
        for piece in pieces { served.add(piece) }
        #expect(served.text == text)
        #expect(ServedRanges(text: text) == served)
    }

    @Test("Only the whole is whole")
    func whole() {
        var served = ServedRanges()
        #expect(served.isWhole(0) && !served.isWhole(1))
        served.add(1..<100)
        #expect(!served.isWhole(100))
        served.add(0..<1)
        #expect(served.isWhole(100) && !served.isWhole(99) && !served.isWhole(101))
    }

    @Test(
        "What cannot be read was not served",
        arguments: [
            "", "x", "5", "9-3", "-1-5", "0-99999999999999999999", "0-9223372036854775807", "1-2-3", ",,,",
        ]
    )
    func unreadable(_ text: String) { #expect(ServedRanges(text: text) == ServedRanges()) }

    @Test("A caller who asks for crumbs fills no memory, and the crumbs do not count")
    func crumbs() {
        var served = ServedRanges()
        for place in Int64(0)..<10_000 { served.add(place * 2..<place * 2 + 1) }
        #expect(served.pieces.count <= ServedRanges.mostPieces)
        #expect(!served.isWhole(20_000))
        served.add(0..<20_000)
        #expect(served.isWhole(20_000))
    }
}

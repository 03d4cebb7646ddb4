import Testing

@testable import BundleExchange

@Suite struct RoleTests {
    // Written out, so that a change of the table is a change here.
    private static let table: [Act: Set<Role>] = [
        .seeSelf: [.officer, .approver, .agency, .auditor, .administrator],
        .seeStatus: [.auditor, .administrator],
        .listPeople: [.officer, .approver, .administrator],
        .changePeople: [.administrator],
        .listPeers: [.officer, .administrator],
        .pingPeer: [.officer, .administrator],
        .manageKeys: [.administrator],
        .seeThreads: [.officer, .approver],
        .openThread: [.officer],
        .recordStep: [.officer],
        .manageDeadlines: [.officer],
        .seeTreaties: [.officer, .approver, .auditor, .administrator],
        .confirmTreaty: [.officer, .approver],
        .importCalendar: [.officer, .administrator],
        .seeStatistics: [.officer, .approver, .auditor],
        .changeOwnWishes: [.officer, .approver, .administrator],
        .seeEvidence: [.officer, .approver],
        .takeInEvidence: [.officer],
        .recordCustody: [.officer],
        .readEvidence: [.officer, .approver],
        .seeDrafts: [.officer, .approver],
        .makeDraft: [.officer],
        .approveDraft: [.approver],
        .sendBundle: [.officer],
        .seeOutbox: [.officer, .auditor, .administrator],
        .steerOutbox: [.officer, .administrator],
        .seeBundles: [.officer, .approver, .agency],
        .openBundle: [.officer],
        .carryBundle: [.officer],
        .readLog: [.auditor],
        .auditLog: [.auditor],
        .seeWitnesses: [.auditor, .administrator],
        .backUp: [.administrator],
    ]

    @Test(arguments: Act.allCases)
    func everyActHasItsRoles(_ act: Act) throws {
        let expected = try #require(Self.table[act], "the act stands in no row of the table")
        #expect(Set(Role.allCases.filter { $0.acts.contains(act) }) == expected)
    }

    @Test func nobodyWhoRunsTheHouseReadsEvidence() {
        for role in [Role.administrator, .auditor] {
            #expect(role.acts.isDisjoint(with: [.readEvidence, .seeEvidence, .openBundle, .seeDrafts, .seeThreads]))
        }
    }

    @Test(
        arguments: [
            ([], true), ([.officer, .approver], true), ([.officer, .approver, .agency], true),
            ([.administrator], true), ([.auditor], true), ([.administrator, .officer], false),
            ([.administrator, .approver], false), ([.administrator, .agency], false),
            ([.administrator, .auditor], false), ([.auditor, .officer], false), ([.auditor, .agency], false),
        ] as [(Set<Role>, Bool)]
    )
    func rolesThatExcludeEachOther(_ roles: Set<Role>, _ fit: Bool) {
        #expect(((try? ChangeProof.requireSeparate(roles)) != nil) == fit)
    }
}

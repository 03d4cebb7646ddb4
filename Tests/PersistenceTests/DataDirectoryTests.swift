import ExchangeModel
import Foundation
import Persistence
import Testing

@Suite struct DataDirectoryTests {
    @Test func itIsForItsOwnerAlone() throws {
        let scratch = try ScratchDirectory()
        let directory = try DataDirectory(creating: scratch.file("data"))
        _ = try GatewayStore.migrate(directory)
        let store = try GatewayStore(opening: directory)
        let manager = FileManager.default
        for path in [directory.path, directory.blobs, directory.sealed, directory.incoming, directory.revocationLists] {
            #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700, "\(path)")
        }
        for path in ["", "-wal", "-shm"].map({ directory.database + $0 }) {
            #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600, "\(path)")
        }
        try store.close()
    }

    @Test func aSecondHolderIsRefused() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("data")
        do {
            let first = try DataDirectory(creating: path)
            await refuses(.dataInUse, "the same process") { _ = try DataDirectory(locking: path) }
            // Another process cannot take it either, by the same means that any program has.
            let script = "import fcntl,sys; fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)"
            #expect(try run("python3", ["-c", script, path + "/lock"]).output.contains("BlockingIOError"))
            _ = first
        }
        _ = try DataDirectory(locking: path)
    }

    @Test func anotherProcessHoldsItUntilItEnds() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("data")
        _ = try DataDirectory(creating: path)
        let holder = Process()
        let (input, output) = (Pipe(), Pipe())
        holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        let script =
            "import fcntl,sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); "
            + "sys.stdin.read()"
        holder.arguments = ["python3", "-c", script, path + "/lock"]
        holder.standardInput = input
        holder.standardOutput = output
        try holder.run()
        #expect(firstLine(from: output) == "held\n")
        await refuses(.dataInUse) { _ = try DataDirectory(locking: path) }
        kill(holder.processIdentifier, SIGKILL)
        holder.waitUntilExit()
        _ = try DataDirectory(locking: path)
    }

    @Test func whatIsNoDataDirectoryIsRefused() async throws {
        let scratch = try ScratchDirectory()
        await refuses(.dataMissing) { _ = try DataDirectory(locking: scratch.file("nowhere")) }
        let open = scratch.file("open")
        try FileManager.default.createDirectory(
            atPath: open,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o750]
        )
        await refuses(.dataPermissions, "open to a group") { _ = try DataDirectory(locking: open) }
        await refuses(.dataPermissions, "open to a group") { _ = try DataDirectory(creating: open) }
        let full = scratch.file("full")
        try FileManager.default.createDirectory(
            atPath: full,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try write([1], to: full + "/thesis.txt")
        await refuses(.dataExists) { _ = try DataDirectory(creating: full) }
        let link = scratch.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: full)
        await refuses(.dataPermissions, "a symbolic link") { _ = try DataDirectory(locking: link) }
        try write([1], to: scratch.file("file"))
        await refuses(.dataPermissions, "a file") { _ = try DataDirectory(locking: scratch.file("file")) }
    }

    @Test func aDatabaseOpenToOthersIsRefused() async throws {
        let under = try StoreUnderTest()
        try under.store.close()
        #expect(chmod(under.directory.database, 0o644) == 0)
        await refuses(.dataPermissions) { _ = try GatewayStore(opening: under.directory) }
    }

    @Test func aBackupHoldsBlobsAndSealedBundles() throws {
        let under = try StoreUnderTest()
        let key = try StoreKey(creating: under.directory.storeKey)
        let blobs = BlobStore(in: under.directory, key: key)
        let writer = try blobs.writer()
        try writer.write([1, 2, 3])
        let record = try writer.finish()
        let unfinished = try blobs.writer()
        try write([1], to: under.directory.sealed + "/a.asice")
        try write([1], to: under.directory.incoming + "/b.asice")
        #expect(try under.directory.backupFiles() == ["blobs/" + record.name, "sealed/a.asice"])
        _ = unfinished
    }
}

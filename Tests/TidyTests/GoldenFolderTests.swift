// Golden files that differ, are missing or that nothing draws are found.
import Drawing
import Foundation
import GoldenFiles
import Testing

@Suite struct GoldenFolderTests {
    @Test func everyRoleHasALetterOfItsOwn() {
        #expect(Set(Role.allCases) == Set(roleLetters.keys))
        #expect(Set(roleLetters.values).count == Role.allCases.count)
    }

    @Test func everyFileIsCompared() throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "highwater-golden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let drawn = ["a.txt": "one\ntwo\n", "b.txt": "three\n"]
        let compared = GoldenFolder(folder, isUpdating: false)
        #expect(try compared.differences(drawn).count == 2)
        #expect(try GoldenFolder(folder, isUpdating: true).differences(drawn) == [])
        #expect(try compared.differences(drawn) == [])
        let other = ["a.txt": "one\ntwice\n", "c.txt": ""]
        #expect(
            try compared.differences(other) == [
                "a.txt differs:\n2: twice\n was: two",
                "c.txt is missing: UPDATE_GOLDEN=1 writes it", "nothing draws b.txt",
            ])
        #expect(try compared.differences(["a.txt": "one\ntwo\n"], where: { $0 < "b" }) == [])
        // Writing anew takes away what nothing draws.
        let update = GoldenFolder(folder, isUpdating: true)
        #expect(try update.differences(["a.txt": "one\n"]) == [])
        #expect(try compared.differences(["a.txt": "one\n"]) == [])
    }
}

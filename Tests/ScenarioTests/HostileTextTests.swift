// Text of others is made harmless in two places that cannot share code, where it is drawn and where
// it is printed: the same characters, by the same sign.

import Drawing
import Testing
import Transport

@Suite struct HostileTextTests {
    @Test func whatIsNotDrawnIsNotPrinted() {
        var differ: [String] = []
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let drawn = String(harmless(scalar))
            let printed = printable(String(scalar))
            if drawn == printed { continue }
            // A character that this Unicode does not have yet is drawn, and not printed.
            if scalar.properties.generalCategory == .unassigned, printed == "·" { continue }
            differ.append(String(value, radix: 16))
        }
        #expect(differ == [])
    }
}

// The small values: errors, ids, lists of ids.

import KafkaWire
import Testing

@Suite struct ValueTests {
    @Test func errorsCarryKafkasNames() {
        #expect(KafkaError.notController.description == "NOT_CONTROLLER")
        #expect(KafkaError(rawValue: 999).description == "error 999")
        #expect(KafkaError(rawValue: -7).description == "error -7")
        #expect(KafkaError(rawValue: 137).description == "error 137")
        #expect(KafkaError(rawValue: 136).description == "CONTROLLER_ID_NOT_REGISTERED")
        #expect(KafkaError(rawValue: -1).description == "UNKNOWN_SERVER_ERROR")
        #expect(KafkaError(rawValue: .max).isKnown == false)
        #expect(KafkaError(rawValue: .min).retriable == false)
        let names = (-1...136).map { KafkaError(rawValue: $0).description }
        #expect(Set(names).count == 138)
        #expect(names.allSatisfy { !$0.hasPrefix("error ") })
    }

    @Test func errorsSayWhatToDo() {
        #expect(KafkaError.notController.retriable && !KafkaError.notController.refreshMetadata)
        let leader = KafkaError.notLeaderOrFollower
        #expect(leader.retriable && leader.refreshMetadata)
        #expect(!KafkaError.clusterAuthorizationFailed.retriable)
        #expect(!KafkaError.none.retriable && !KafkaError.none.isError)
        #expect(!KafkaError(rawValue: 999).retriable)
    }

    @Test func uuidsPrintAsKafkaPrintsThem() {
        #expect(KafkaUUID.zero.description == "AAAAAAAAAAAAAAAAAAAAAA")
        #expect(KafkaUUID(high: 0, low: 1).description == "AAAAAAAAAAAAAAAAAAAAAQ")
        #expect(KafkaUUID(high: .max, low: .max).description == "_____________________w")
        // Bytes 00 01 .. 0f in base64url.
        let counted = KafkaUUID(high: 0x0001_0203_0405_0607, low: 0x0809_0a0b_0c0d_0e0f)
        #expect(counted.description == "AAECAwQFBgcICQoLDA0ODw")
    }

    @Test func idListsHoldAnyNumberOfIDs() {
        for count in 0...12 as ClosedRange<Int32> {
            let expected = Array(0..<count)
            let list = IDList(expected)
            #expect(Array(list) == expected)
            #expect(list.count == expected.count)
            var same = IDList()
            for id in expected { same.append(id) }
            #expect(same == list && same.hashValue == list.hashValue)
            same.append(99)
            #expect(same != list && same.last == 99)
        }
        #expect([1, 2, 3] as IDList != [1, 3, 2])
        #expect(([4, 5] as IDList).description == "[4, 5]")
    }
}

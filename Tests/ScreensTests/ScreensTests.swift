import ClusterModel
import Drawing
import ModelTesting
import Testing

@testable import Screens

@Test func look() {
    for (w, h) in [(80, 24), (120, 40), (40, 12)] {
        for keys in ["", "B", "N", "P", "R", "O", "W"] {
            var s = Session(SampleCluster.ill(), width: w, height: h)
            s.press(keys)
            print("=== \(w)x\(h) \(keys)")
            print(s.text)
        }
    }
}

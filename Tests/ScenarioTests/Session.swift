// A driven session: the whole program but the terminal under virtual time, keys in, frames out.
import SimulatedCluster
import Testing

@Suite struct SessionTests {
    @Test func theSameSeedBuildsTheSameCluster() {
        #expect(Machine(Shape(), startNs: 1).clusterID == Machine(Shape(), startNs: 1).clusterID)
    }
}

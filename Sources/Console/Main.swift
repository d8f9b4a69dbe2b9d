/// The executable `highwater`.
@main
struct Main {
    static func main() {}
}

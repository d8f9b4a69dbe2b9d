// Several operations as one: all writes or none (multi), or several reads in one round trip
// (multiRead, 3.6 and newer).

/// Stands before every part of a multi and after the last one.
package struct MultiHeader: JuteRecord {
    package var type = OpCode.error
    package var isDone = true
    package var code = ZooKeeperCode(rawValue: -1)

    package init() {}

    package init(_ type: OpCode, isDone: Bool = false, code: Int32 = -1) {
        self.type = type
        self.isDone = isDone
        self.code = ZooKeeperCode(rawValue: code)
    }

    static let end = MultiHeader(.error, isDone: true)

    package mutating func walk(_ v: inout some JuteVisitor) {
        v.int(&type.rawValue)
        v.bool(&isDone)
        v.code(&code)
    }
}

/// One operation of a multi or multiRead.
package enum MultiOperation: JutePart {
    case create(CreateRequest)
    case create2(CreateRequest)
    case createContainer(CreateRequest)
    case createTTL(CreateTTLRequest)
    case delete(DeleteRequest)
    case setData(SetDataRequest)
    case check(CheckRequest)
    case getData(GetDataRequest)
    case getChildren(GetChildrenRequest)

    package init?(_ header: MultiHeader) {
        switch header.type {
        case .create: self = .create(.init())
        case .create2: self = .create2(.init())
        case .createContainer: self = .createContainer(.init())
        case .createTTL: self = .createTTL(.init())
        case .delete: self = .delete(.init())
        case .setData: self = .setData(.init())
        case .check: self = .check(.init())
        case .getData: self = .getData(.init())
        case .getChildren: self = .getChildren(.init())
        default: return nil
        }
    }

    package var header: MultiHeader {
        switch self {
        case .create: MultiHeader(.create)
        case .create2: MultiHeader(.create2)
        case .createContainer: MultiHeader(.createContainer)
        case .createTTL: MultiHeader(.createTTL)
        case .delete: MultiHeader(.delete)
        case .setData: MultiHeader(.setData)
        case .check: MultiHeader(.check)
        case .getData: MultiHeader(.getData)
        case .getChildren: MultiHeader(.getChildren)
        }
    }

    package mutating func walkBody(_ v: inout some JuteVisitor) {
        switch self {
        case .create(let record): self = .create(record.walked(&v))
        case .create2(let record): self = .create2(record.walked(&v))
        case .createContainer(let record): self = .createContainer(record.walked(&v))
        case .createTTL(let record): self = .createTTL(record.walked(&v))
        case .delete(let record): self = .delete(record.walked(&v))
        case .setData(let record): self = .setData(record.walked(&v))
        case .check(let record): self = .check(record.walked(&v))
        case .getData(let record): self = .getData(record.walked(&v))
        case .getChildren(let record): self = .getChildren(record.walked(&v))
        }
    }
}

/// The outcome of one operation of a multi. When a multi fails its header still says OK: every part
/// is an error, its own for the one that failed, `runtimeInconsistency` for those after it.
package enum MultiResult: JutePart {
    case create(PathReply)
    case create2(Create2Reply)
    case createContainer(Create2Reply)
    case createTTL(Create2Reply)
    case delete
    case setData(StatReply)
    case check
    case getData(GetDataReply)
    case getChildren(GetChildrenReply)
    case error(ZooKeeperCode)

    package init?(_ header: MultiHeader) {
        switch header.type {
        case .create: self = .create(.init())
        case .create2: self = .create2(.init())
        case .createContainer: self = .createContainer(.init())
        case .createTTL: self = .createTTL(.init())
        case .delete: self = .delete
        case .setData: self = .setData(.init())
        case .check: self = .check
        case .getData: self = .getData(.init())
        case .getChildren: self = .getChildren(.init())
        case .error: self = .error(header.code)
        default: return nil
        }
    }

    package var header: MultiHeader {
        switch self {
        case .create: MultiHeader(.create, code: 0)
        case .create2: MultiHeader(.create2, code: 0)
        case .createContainer: MultiHeader(.createContainer, code: 0)
        case .createTTL: MultiHeader(.createTTL, code: 0)
        case .delete: MultiHeader(.delete, code: 0)
        case .setData: MultiHeader(.setData, code: 0)
        case .check: MultiHeader(.check, code: 0)
        case .getData: MultiHeader(.getData, code: 0)
        case .getChildren: MultiHeader(.getChildren, code: 0)
        case .error(let code): MultiHeader(.error, code: code.rawValue)
        }
    }

    package mutating func walkBody(_ v: inout some JuteVisitor) {
        switch self {
        case .create(let record): self = .create(record.walked(&v))
        case .create2(let record): self = .create2(record.walked(&v))
        case .createContainer(let record): self = .createContainer(record.walked(&v))
        case .createTTL(let record): self = .createTTL(record.walked(&v))
        case .setData(let record): self = .setData(record.walked(&v))
        case .getData(let record): self = .getData(record.walked(&v))
        case .getChildren(let record): self = .getChildren(record.walked(&v))
        case .error(var code):
            v.code(&code)
            self = .error(code)
        case .delete, .check: break
        }
    }
}

/// Writes that all happen or none.
package struct MultiRequest: ZooKeeperRequest {
    package typealias Reply = MultiReply
    package static let operation = OpCode.multi

    package var operations: [MultiOperation] = []

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.parts(&operations) }
}

/// Several reads (getData and getChildren only) in one round trip, each with an outcome of its own.
package struct MultiReadRequest: ZooKeeperRequest {
    package typealias Reply = MultiReply
    package static let operation = OpCode.multiRead

    package var operations: [MultiOperation] = []

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.parts(&operations) }
}

package struct MultiReply: JuteRecord {
    package var results: [MultiResult] = []

    package init() {}
    package mutating func walk(_ v: inout some JuteVisitor) { v.parts(&results) }
}

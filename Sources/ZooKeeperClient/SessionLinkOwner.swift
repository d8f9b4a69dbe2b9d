// What a connection of a session needs of it and tells it.

/// What a link needs to take a session up.
struct Resumption {
    /// 0 for a new session.
    var sessionID: Int64
    var password: [UInt8]
    /// The newest change the session has seen.
    var lastZxid: Int64
    /// Watches to set again.
    var watches: [SetWatches2Request]
}

/// Who hears what happens on a link.
protocol SessionLinkOwner: AnyObject {
    /// The server has granted or resumed the session.
    func linkGranted(_ link: SessionLink, _ response: ConnectResponse)
    /// The server does not know the session any more; the link is closed.
    func linkExpired(_ link: SessionLink)
    /// An answer was read, and so many bytes behind its record were not.
    func passedOver(_ leftOver: Int)
    /// Requests may be sent.
    func linkReady(_ link: SessionLink)
    /// A change up to this one has been seen.
    func link(_ link: SessionLink, sawZxid zxid: Int64)
    func link(_ link: SessionLink, fired event: WatcherEvent, zxid: Int64)
    /// There is room for more requests.
    func linkHasRoom(_ link: SessionLink)
    /// The link is gone; `calls` were sent and not answered.
    func link(
        _ link: SessionLink, endedWith failure: SessionFailure, unanswered calls: [SessionCall])
}

public import ExchangeModel

extension ErrorCode {
    /// The directory holds something that is not a complete demonstration PKI; nothing in it was touched.
    public static let demoDirectory = ErrorCode("demo.directory")
    /// A file of the demonstration PKI could not be read or written.
    public static let demoFile = ErrorCode("demo.file")
    /// The services' address is not a plain `http` address.
    public static let demoAddress = ErrorCode("demo.address")
}

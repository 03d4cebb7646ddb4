extension VerificationReport {
    /// A named value in what a check found.
    public struct Argument: Hashable, Sendable {
        /// Its name, as catalogues of other languages use it.
        public let name: String
        /// What stands there.
        public let value: String

        /// Takes both.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// What a check that holds found: an English sentence whose changing parts have names.
    ///
    /// It is written as a string literal; every interpolated value needs a name:
    /// `"\(certificate.displayName, as: "signer") signed exactly this"`. The sentence in another language comes from the
    /// catalogue key of the check, with the same names.
    public struct Finding: Hashable, Sendable, ExpressibleByStringInterpolation {
        /// The English sentence.
        public let sentence: String
        /// The values it names, in their order.
        public let arguments: [Argument]
        /// Which of the check's sentences it is; `nil` for the usual one.
        public private(set) var variant: String?

        /// A sentence without changing parts.
        public init(stringLiteral value: String) {
            sentence = value
            arguments = []
        }

        /// A sentence with named parts.
        public init(stringInterpolation: Interpolation) {
            sentence = stringInterpolation.sentence
            arguments = stringInterpolation.arguments
        }

        /// The same as another of the check's sentences: catalogues hold it under the check's key and this name.
        public func variant(_ name: String) -> Finding {
            var copy = self
            copy.variant = name
            return copy
        }

        /// Collects a sentence and the names of its parts.
        public struct Interpolation: StringInterpolationProtocol {
            var sentence = ""
            var arguments: [Argument] = []

            /// Begins an empty sentence.
            public init(literalCapacity: Int, interpolationCount: Int) {
                sentence.reserveCapacity(literalCapacity)
                arguments.reserveCapacity(interpolationCount)
            }

            /// Adds fixed words.
            public mutating func appendLiteral(_ literal: String) {
                sentence += literal
            }

            /// Adds a value under a name.
            public mutating func appendInterpolation(_ value: some CustomStringConvertible, as name: String) {
                sentence += value.description
                arguments.append(Argument(name, value.description))
            }
        }
    }
}

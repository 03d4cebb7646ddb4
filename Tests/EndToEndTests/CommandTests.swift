import Foundation
import Testing

@Suite("The commands", .serialized)
struct CommandTests {}

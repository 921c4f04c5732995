// Write goes on with a text.
//
//     swiftc write.swift -I CFalconMamba -Xcc -I$PREFIX/include -L$PREFIX/lib -Xlinker -rpath -Xlinker $PREFIX/lib
//     ./write [MODEL [PROMPT]]
import CFalconMamba
import Foundation

struct Failure: Error, CustomStringConvertible {
    let description: String
}

// Calls f with an error to fill in, and throws that where f fails.
@discardableResult
func must(_ f: (UnsafeMutablePointer<fm_error>) -> fm_status) throws -> fm_status {
    var err = fm_error()
    let status = f(&err)
    if status < 0 {
        let message = withUnsafeBytes(of: &err.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        throw Failure(description: message)
    }
    return status
}

let arguments = CommandLine.arguments
do {
    var open = fm_open_options()
    open.struct_size = UInt32(MemoryLayout<fm_open_options>.size)
    var model: OpaquePointer?
    try must { fm_model_open(arguments.count > 1 ? arguments[1] : "", &open, &model, $0) }
    defer { fm_model_free(model) }

    var session: OpaquePointer?
    try must { fm_session_new(model, &session, $0) }
    defer { fm_session_free(session) }

    var options = fm_generate_options()
    options.struct_size = UInt32(MemoryLayout<fm_generate_options>.size)
    try must { fm_model_defaults(model, &options, $0) }
    options.max_tokens = 40
    options.temperature = 0.7
    options.seed = 3

    var generation: OpaquePointer?
    try must { fm_session_begin(session, arguments.count > 2 ? arguments[2] : "ROMEO:\n", &options, &generation, $0) }
    defer { fm_generation_free(generation) }
    var token: UnsafePointer<fm_token>?
    while try must({ fm_generation_next(generation, &token, $0) }) == FM_OK, let t = token?.pointee {
        let bytes = UnsafeRawBufferPointer(start: t.text, count: t.text_size)
        FileHandle.standardOutput.write(Data(bytes))
    }
    print()
} catch {
    FileHandle.standardError.write(Data("write: \(error)\n".utf8))
    exit(1)
}

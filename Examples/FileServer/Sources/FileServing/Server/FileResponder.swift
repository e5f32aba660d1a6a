internal import AIO
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import SystemPackage

/// Responds to HTTP requests with files: GET and HEAD, ranges and conditions.
package struct FileResponder: Sendable {
    private let root: any OpensFiles
    private let streaming: FileStreaming

    package init(root: any OpensFiles, streaming: FileStreaming = .init()) {
        self.root = root
        self.streaming = streaming
    }

    func respond(to request: Request, _ connection: ConnectionContext) async -> Response {
        guard request.method == .get || request.method == .head else {
            return .text(.methodNotAllowed, [.allow: "GET, HEAD"])
        }
        do {
            let path = try RequestPath(request.uri.path)
            return try await respond(to: request, at: path, connection)
        } catch {
            return refusal(error, connection.logger)
        }
    }

    private func respond(
        to request: Request, at path: RequestPath, _ connection: ConnectionContext
    ) async throws -> Response {
        var opened = try await root.open(path.relative)
        var name = path.components.last ?? ""
        if opened.information.isDirectory {
            // Otherwise relative links of the page would lead elsewhere.
            guard path.isDirectory else { return .text(.movedPermanently, [.location: path.encoded + "/"]) }
            name = "index.html"
            opened = try await root.open(path.components.isEmpty ? name : path.relative + "/" + name)
        } else if path.isDirectory {
            throw Errno.notDirectory
        }
        guard !opened.information.isDirectory else { throw Errno.isDirectory }
        return makeResponse(to: request, opened, type: mediaType(of: name), connection)
    }

    private func makeResponse(
        to request: Request, _ opened: OpenedFile, type: String, _ connection: ConnectionContext
    ) -> Response {
        let validators = Validators(opened.information)
        let size = opened.information.size
        var fields: HTTPFields = [
            .eTag: validators.tag, .lastModified: HTTPDate.text(validators.modified), .acceptRanges: "bytes",
        ]
        switch validators.evaluate(request.headers) {
        case .notModified: return Response(status: .notModified, headers: fields)
        case .preconditionFailed: return .text(.preconditionFailed, fields)
        case .proceed: break
        }
        // A range is for GET only; the response to a HEAD describes the whole file.
        let field = request.method == .get && validators.allowsRange(request.headers) ? request.headers[.range] : nil
        var range = 0..<size
        var status = HTTPResponse.Status.ok
        switch RangeSelection(field, size: size) {
        case .whole: break
        case .part(let part):
            (range, status) = (part, .partialContent)
            fields[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
        case .unsatisfiable:
            fields[.contentRange] = "bytes */\(size)"
            return .text(.rangeNotSatisfiable, fields)
        }
        fields[.contentType] = type
        fields[.xContentTypeOptions] = "nosniff"
        if request.method == .head {
            fields[.contentLength] = "\(range.count)"
            return Response(status: status, headers: fields)
        }
        return Response(
            status: status, headers: fields, body: streaming.body(of: opened.source, range, to: connection.channel))
    }

    private func refusal(_ error: any Error, _ logger: Logger) -> Response {
        switch error {
        case RequestPath.Problem.malformed, RequestPath.Problem.traversal: return .text(.badRequest)
        case let error as Errno: return refusal(error, logger)
        case let error as AIOError where error.code == .overloaded || error.code == .shutDown:
            return .text(.serviceUnavailable, [.retryAfter: "1"])
        default:
            logger.error("no response", metadata: ["error": "\(error)"])
            return .text(.internalServerError)
        }
    }

    private func refusal(_ errno: Errno, _ logger: Logger) -> Response {
        switch errno {
        // A client must not learn that there is a link which leads out.
        case .noSuchFileOrDirectory, .notDirectory, .isDirectory, .tooManySymbolicLinkLevels, .improperLink,
            .fileNameTooLong:
            return .text(.notFound)
        case .permissionDenied: return .text(.forbidden)
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: return .text(.serviceUnavailable, [.retryAfter: "1"])
        default:
            logger.error("no response", metadata: ["errno": "\(errno)"])
            return .text(.internalServerError)
        }
    }
}

extension Response {
    /// Makes a text page, of the status alone where `text` is nil.
    static func text(_ status: HTTPResponse.Status, _ fields: HTTPFields = [:], _ text: String? = nil) -> Response {
        var fields = fields
        fields[.contentType] = "text/plain; charset=utf-8"
        return Response(
            status: status, headers: fields,
            body: .init(byteBuffer: .init(string: text ?? "\(status.code) \(status.reasonPhrase)\n")))
    }
}

extension HTTPField.Name {
    fileprivate static let xContentTypeOptions = Self("X-Content-Type-Options")!
    fileprivate static let retryAfter = Self("Retry-After")!
}

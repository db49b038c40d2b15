// A program of its own, since processor time is counted for a process: waits for servers that say nothing, and reads answers
// that Foundation alone does not survive. It prints a line for each and is built by ProbeTests, in both ways of linking.
import Dispatch
import Foundation
import FoundationNetworking

/// Counts the connections that servers have taken.
let connected = DispatchSemaphore(value: 0)

/// Listens on loopback and sends the same bytes to whoever connects; without any it says nothing.
func listen(answer: String?, then close: Bool = true) -> UInt16 {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            guard bind(listener, $0, size) == 0, getsockname(listener, $0, &size) == 0 else { exit(71) }
        }
    }
    Glibc.listen(listener, 16)
    Thread.detachNewThread {
        while true {
            let peer = accept(listener, nil, nil)
            connected.signal()
            guard let answer, peer >= 0 else { continue }
            var request = [UInt8](repeating: 0, count: 4096)
            _ = read(peer, &request, request.count)
            let bytes = Array(answer.utf8)
            _ = write(peer, bytes, bytes.count)
            if close { Glibc.close(peer) }
        }
    }
    return UInt16(bigEndian: address.sin_port)
}

func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
    return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000_000
}

/// Follows no redirect, but looks at where it leads.
final class Delegate: NSObject, URLSessionDataDelegate {
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}

let session = URLSession(configuration: .ephemeral, delegate: Delegate(), delegateQueue: nil)

func wait(_ name: String, _ url: String, body: Data? = nil) {
    guard let url = URL(string: url) else { exit(64) }
    var request = URLRequest(url: url)
    request.httpMethod = body == nil ? "GET" : "POST"
    request.httpBody = body
    let task = session.dataTask(with: request)
    task.resume()
    // Until the request is on its way.
    guard connected.wait(timeout: .now() + 60) == .success else { return print(name, "no connection") }
    usleep(300_000)
    // On a busy machine some of the beginning is still to be done; a wait that uses the processor does so in every second.
    var least = Double.infinity
    for _ in 0..<5 where least >= 0.05 {
        let before = processorSeconds()
        usleep(1_000_000)
        least = min(least, processorSeconds() - before)
    }
    print(name, least)
    task.cancel()
}

func answer(_ name: String, _ text: String) {
    guard let url = URL(string: "http://127.0.0.1:\(listen(answer: text))/") else { exit(64) }
    let done = DispatchSemaphore(value: 0)
    session.dataTask(with: url) { _, response, error in
        let status = (response as? HTTPURLResponse).map { "\($0.statusCode)" }
        print(name, error.map { "error: \($0.localizedDescription)" } ?? status ?? "nothing")
        done.signal()
    }.resume()
    if done.wait(timeout: .now() + 60) == .timedOut { print(name, "no end") }
}

setvbuf(stdout, nil, _IOLBF, 0)
signal(SIGPIPE, SIG_IGN)
let silent = listen(answer: nil)
wait("wait-get", "http://127.0.0.1:\(silent)/")
wait("wait-post", "http://127.0.0.1:\(silent)/", body: Data("a=1".utf8))
wait("wait-https", "https://127.0.0.1:\(silent)/")
answer("within-head", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
answer("trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n")
answer("length", "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhi")
answer("location", "HTTP/1.1 302 Found\r\nLocation: //ho%20st/\r\nContent-Length: 0\r\n\r\n")
answer("no-space", "HTTP/1.1 200\r\nContent-Length:2\r\nX-Blank:  \r\n\r\nhi")
print("end")

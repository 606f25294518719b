// A small HTTP/1.1 server over any Asio stream, and the client that angoctl needs.
#pragma once

#include "base/async.hpp"
#include "base/local_listener.hpp"
#include "base/result.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace angod::http {

struct Request {
    std::string method; ///< "GET"
    std::string path;   ///< decoded, without the query
    std::map<std::string, std::string> query;
    std::string body;
};

struct Response {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
};

/// Must not throw for anything that a request can contain.
using Handler = std::function<awaitable<Response>(Request)>;

/// Serves connections until it is stopped. A body is at most 1 MB, a request must arrive within 30 s.
class LocalServer {
public:
    LocalServer(LocalAcceptor acceptor, Handler handler);
    ~LocalServer();
    void start();
    /// Takes no further connection and ends the open ones after the answer that is being made.
    void stop();

private:
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

/// One request over a connected local socket, blocking. For command line tools.
Result<Response> request_local(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body);

} // namespace angod::http

// A small HTTP/1.1 server over sockets of any kind, and the client that angoctl needs.
#pragma once

#include "base/async.hpp"
#include "base/local_listener.hpp"
#include "base/result.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod::http {

/// Whoever waits for a response. Event loop only.
struct Caller {
    bool gone = false;             ///< nobody would read it any more
    std::function<void()> on_gone; ///< called once, when that becomes known
};

struct Header {
    std::string name; ///< lower case
    std::string value;
};

struct Request {
    std::string method; ///< "GET"
    std::string path;   ///< decoded, without the query
    std::map<std::string, std::string> query;
    std::vector<Header> headers;
    std::string body;
    std::shared_ptr<Caller> caller; ///< never null

    /// The value of a header that is there exactly once. name: lower case.
    std::optional<std::string_view> header(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string body;
    std::string content_type = "application/json";
    /// If set: told once what became of the response. True: the other side's machine has taken all of it.
    std::function<void(bool)> taken;
    /// If set: body is what this gives, piece by piece, until a piece is empty; each is asked for when the one before is
    /// written. Ends its wait, with an empty piece, when the caller goes or the server stops: the caller's on_gone is called.
    std::function<awaitable<std::string>()> pieces;
};

/// Must not throw for anything that a request can contain. What it throws all the same is logged, and answered with 500.
using Handler = std::function<awaitable<Response>(Request)>;

using Acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;

struct ServerOptions {
    std::string name = "admin"; ///< for the log
    /// Looks at a request before its body is read: a response refuses it.
    std::function<std::optional<Response>(const Request &head)> admit;
    std::size_t body_limit = 1u << 20;
    std::size_t bodies_limit = 64u << 20; ///< of all requests that are arriving, together
    std::size_t max_connections = 1000;
    std::chrono::seconds idle_limit{30}; ///< between requests
    std::chrono::seconds head_limit{30}, body_time{30}, write_limit{30};
    std::chrono::seconds piece_limit{600}; ///< for the writing of a piece: people look at them, and pause
};

/// Serves connections until it is stopped.
class Server {
public:
    Server(Acceptor acceptor, Handler handler, ServerOptions options = {});
    ~Server();
    void start();
    /// Takes no further connection and ends the open ones after the answer that is being made.
    void stop();

    struct State;

private:
    std::shared_ptr<State> state_;
};

/// address: numeric, IPv4 or IPv6 ("::" takes both).
Result<Acceptor> listen_tcp(const asio::any_io_executor &executor, const std::string &address, std::uint16_t port);

/// One request over a connected local socket, blocking. For command line tools.
Result<Response> request_local(LocalSocket &socket, const std::string &method, const std::string &target,
                               const std::string &body);

/// GET likewise, with the body handed over as it comes. What is refused (status 400 or above) is returned whole instead.
Result<Response> follow_local(LocalSocket &socket, const std::string &target,
                              const std::function<void(std::string_view)> &piece);

} // namespace angod::http

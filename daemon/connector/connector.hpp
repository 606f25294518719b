// The listener that Hub calls plugins through, each by its secret: POST /plugin and GET /heartbeat.
#pragma once

#include "connector/hub_calls.hpp"
#include "connector/secrets.hpp"
#include "http/server.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace angod::connector {

class RestLink;

/// Event loop only.
class Connector {
public:
    /// Listens, but takes no call before start. address: numeric.
    static Result<std::unique_ptr<Connector>> open(const asio::any_io_executor &executor, const std::string &address,
                                                   std::uint16_t port);

    void start() { server_.start(); }
    /// From now on no heartbeat is answered; runs still are taken.
    void drain() { draining_ = true; }
    void stop() { server_.stop(); }

    /// The calls with this secret are the link's, until it is removed or another one comes with the same.
    std::uint64_t add(std::string_view secret, RestLink &link);
    void remove(std::uint64_t id);
    /// From now on all links hold the calls of runs for so long.
    void set_hold(std::chrono::milliseconds hold);

    HubCalls &calls() { return calls_; }

private:
    Connector(const asio::any_io_executor &executor, http::Acceptor acceptor);
    RestLink *link_of(const http::Request &request) const;
    std::optional<http::Response> admit(const http::Request &head);
    awaitable<http::Response> handle(http::Request request);
    void count_wrong_secret();

    HubCalls calls_;
    Secrets secrets_;
    std::map<std::uint64_t, RestLink *> links_;
    std::uint64_t last_id_ = 0;
    bool draining_ = false;
    std::uint64_t wrong_secrets_ = 0;
    std::chrono::steady_clock::time_point next_warning_;
    http::Server server_;
};

} // namespace angod::connector

// The listener for Hub's calls, POST /plugin and GET /heartbeat. The secret of a call names its plugin.
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
    /// Listens, but answers no call before start. address: numeric. budget outlives it.
    static Result<std::unique_ptr<Connector>> open(const asio::any_io_executor &executor, const std::string &address,
                                                   std::uint16_t port, hub::CallBudget &budget);

    void start() { server_.start(); }
    /// From now on heartbeats are refused; runs are still accepted.
    void drain() { draining_ = true; }
    void stop() { server_.stop(); }

    /// Calls with this secret go to the link until it is removed or another link is added with the same secret. Returns an id.
    std::uint64_t add(std::string_view secret, RestLink &link);
    void remove(std::uint64_t id);
    /// From now on all links hold the calls of runs for this time; those for tasks of workflows only if hold_workflow.
    void set_hold(std::chrono::milliseconds hold, bool hold_workflow);

    HubCalls &calls() { return calls_; }

private:
    Connector(const asio::any_io_executor &executor, http::Acceptor acceptor, hub::CallBudget &budget);
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

// Calls of Hub's API that deliver answers and session logs, on threads of their own.
#pragma once

#include "base/async.hpp"
#include "base/cancel.hpp"
#include "base/result.hpp"
#include "hub/call_budget.hpp"
#include "rest/http_client.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace angod::connector {

struct Post {
    std::string what; ///< a noun for messages like "Hub refused …": "the plugin's answer"
    std::string url;
    std::string api_key;
    std::string body; ///< JSON
    hub::Urgency urgency = hub::Urgency::user_waits;
};

/// The result of a call. A failure with the code network, timeout or protocol may pass. One with any other code will not,
/// except cancelled, which says nothing about Hub.
struct Posted {
    std::optional<Error> failed;
    std::chrono::milliseconds retry_after{0}; ///< as Hub asked
    bool over_limit = false;                  ///< Hub takes no further call with this key for now (429)
};

class HubCalls {
public:
    /// budget outlives it.
    HubCalls(const asio::any_io_executor &executor, hub::CallBudget &budget);

    /// One attempt, as soon as the key may make a call, or after a cancel. At most kThreads are under way at once; the others
    /// wait for their turn. Event loop only.
    awaitable<Posted> post(const rest::ClientOptions &options, Post post, std::shared_ptr<CancelToken> cancel);
    /// The same, but if the key may make no call now, this is a failure that may pass (Code::network).
    awaitable<Posted> post_now(const rest::ClientOptions &options, Post post, std::shared_ptr<CancelToken> cancel);

    /// Later calls open new connections and read the ca_file again. Calls under way go on.
    void renew();

    static constexpr std::size_t kThreads = 4;

private:
    std::unique_ptr<rest::HttpClient> take_client(const rest::ClientOptions &options);
    void give_back(const rest::ClientOptions &options, std::unique_ptr<rest::HttpClient> client);
    awaitable<void> close_idle();

    struct Turn {
        explicit Turn(const asio::any_io_executor &executor) : changed(executor) {}
        Signal changed;
        bool granted = false;
    };
    std::shared_ptr<Turn> line_up(const Post &post, const std::shared_ptr<CancelToken> &cancel);
    awaitable<void> permit(const Post &post, const std::shared_ptr<CancelToken> &cancel);
    awaitable<Posted> send(const rest::ClientOptions &options, Post post, std::shared_ptr<CancelToken> cancel);

    asio::any_io_executor executor_;
    hub::CallBudget &budget_;
    std::map<std::string, std::vector<std::unique_ptr<rest::HttpClient>>>
        free_;              ///< idle clients by options, with their open connections
    std::uint64_t age_ = 0; ///< how often it was renewed
    std::chrono::steady_clock::time_point last_use_;
    bool closing_ = false; ///< close_idle is running
    asio::thread_pool pool_;
};

} // namespace angod::connector

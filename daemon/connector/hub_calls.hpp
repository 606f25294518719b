// Calls of Hub's API that bring answers and session logs, on threads of their own.
#pragma once

#include "base/async.hpp"
#include "base/cancel.hpp"
#include "base/result.hpp"
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
    std::string what; ///< fits behind "Hub refused": "the plugin's answer"
    std::string url;
    std::string api_key;
    std::string body; ///< JSON
};

/// What became of a call. Codes of a failure: network, timeout and protocol may pass; cancelled; all others will not.
struct Posted {
    std::optional<Error> failed;
    std::chrono::milliseconds retry_after{0}; ///< as Hub asked
};

class HubCalls {
public:
    explicit HubCalls(const asio::any_io_executor &executor);

    /// One attempt. No more than kThreads are under way; the others wait for their turn. Event loop.
    awaitable<Posted> post(const rest::ClientOptions &options, Post post, std::shared_ptr<CancelToken> cancel);

    /// What is called from now on finds the other side anew, and reads its ca_file. Calls under way are not touched.
    void renew();

    static constexpr std::size_t kThreads = 4;

private:
    std::unique_ptr<rest::HttpClient> take_client(const rest::ClientOptions &options);
    void give_back(const rest::ClientOptions &options, std::unique_ptr<rest::HttpClient> client);
    awaitable<void> close_idle();

    asio::any_io_executor executor_;
    std::map<std::string, std::vector<std::unique_ptr<rest::HttpClient>>> free_; ///< with their open connections
    std::uint64_t age_ = 0;                                                      ///< how often it was renewed
    std::chrono::steady_clock::time_point last_use_;
    bool closing_ = false;
    asio::thread_pool pool_;
};

} // namespace angod::connector

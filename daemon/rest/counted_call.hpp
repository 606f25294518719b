// One attempt at a call that Hub counts against an API key, whoever makes it.
#pragma once

#include "rest/http_client.hpp"
#include "rest/retry.hpp"

#include "base/cancel.hpp"
#include "base/result.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace angod::rest {

/// The steps around an attempt. Each may be empty.
struct CallHooks {
    /// Returns when the attempt may be made. An error ends the call. Empty: at once.
    std::function<Result<void>()> permit;
    /// Hub has refused an attempt with 429. wait: as Hub asked; nothing: it told no time.
    std::function<void(std::optional<std::chrono::milliseconds> wait)> refused;
    /// Takes each answer of Hub. target: path and query.
    std::function<void(std::string_view method, std::string_view target, long status, std::string_view body)> heard;
};

/// Waits for the permit, sends the request, and tells of the answer. The wait for the permit does not count in retry. Errors are
/// those of the permit and of HttpClient::send.
Result<Response> send_counted(HttpClient &client, const Request &request, const CallHooks &hooks, Retry &retry,
                              const CancelToken &cancel);

/// The wait for which the server asks, by its own clock if it told the time; nothing: it told none.
std::optional<std::chrono::milliseconds> wait_asked(const Response &response);
/// The least wait before the next attempt at a call of Hub: as Hub asked, or ten seconds after a 429 that told no time.
std::optional<std::chrono::milliseconds> wait_of_hub(const Response &response);

} // namespace angod::rest

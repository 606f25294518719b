#include "rest/counted_call.hpp"

#include "base/clock.hpp"
#include "base/http_date.hpp"

namespace angod::rest {

namespace {

// Hub allows 100 requests a minute, and may not tell how long to wait.
constexpr std::chrono::milliseconds kRateLimitWait{10'000};

/// Path and query.
std::string_view target_of(std::string_view url) {
    const std::size_t host = url.find("://");
    const std::size_t path = host == url.npos ? url.npos : url.find('/', host + 3);
    return path == url.npos ? std::string_view("/") : url.substr(path);
}

} // namespace

Result<Response> send_counted(HttpClient &client, const Request &request, const CallHooks &hooks, Retry &retry,
                              const CancelToken &cancel) {
    if (hooks.permit) {
        const auto asked_at = std::chrono::steady_clock::now();
        if (auto permitted = hooks.permit(); !permitted) return permitted.error();
        retry.leave_out(std::chrono::steady_clock::now() - asked_at);
    }
    auto response = client.send(request, cancel);
    if (!response) return response;
    if (hooks.heard) hooks.heard(request.method, target_of(request.url), response->status, response->body);
    if (response->status == 429 && hooks.refused) hooks.refused(wait_asked(*response));
    return response;
}

std::optional<std::chrono::milliseconds> wait_asked(const Response &response) {
    const auto here = parse_http_date(response.header("Date")).value_or(now_ms());
    return angod::parse_retry_after(response.header("Retry-After"), here);
}

std::optional<std::chrono::milliseconds> wait_of_hub(const Response &response) {
    const auto asked = wait_asked(response);
    return asked || response.status != 429 ? asked : kRateLimitWait;
}

} // namespace angod::rest

// HTTP requests of a module: the code behind "ango.http". Job thread.
#pragma once

#include "host/job/job.hpp"

#include "rest/http_client.hpp"
#include "rest/retry.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace angod::host {

/// A request of a module to another server.
struct FetchRequest {
    std::string method = "GET";
    std::string url; ///< see Fetcher::get
    std::vector<rest::Header> headers;
    std::string_view body; ///< must outlive the call
    std::uint64_t limit = 0;
    rest::S3Key s3;
};

/// Valid until the fetcher's next call.
struct Fetched {
    long status = 0;
    std::string_view body, content_type;
};

/// One for each job. Connections stay open between calls.
class Fetcher {
public:
    /// job must outlive it. The policy is for each call.
    explicit Fetcher(const Job &job, rest::RetryPolicy retry = kRetry);

    /// Returns the body of url, valid until the next call. The url is https or belongs to Hub's REST API; one that
    /// begins with '/' is relative to Hub's API. Only Hub receives the API key. Errors: invalid for any other url,
    /// limit for a body of more than limit bytes, cancelled, and errors of transport or server. The text names the
    /// host, but neither path nor query.
    Result<std::string_view> get(std::string_view url, std::uint64_t limit);

    /// Sends any request. Every status is an answer, not an error. Only GET and HEAD are repeated.
    Result<Fetched> request(const FetchRequest &wanted);

    /// Fewer attempts than for the export itself, because a module may make thousands of calls.
    static constexpr rest::RetryPolicy kRetry{
        .attempts = 3, .max_delay = std::chrono::milliseconds(5'000), .total = std::chrono::milliseconds(60'000)};

private:
    Result<rest::Response> send(const rest::Request &request, rest::Retry &retry);

    const Job &job_;
    const rest::RetryPolicy retry_;
    rest::HttpClient client_;
    std::string body_, content_type_;
};

/// Whether a module may fetch url: https, or the same scheme, host and port as api_url. If Hub itself is on this
/// machine without TLS (a local Hub), also http on this machine, for the storages of that Hub. Pure.
bool may_be_fetched(std::string_view url, std::string_view api_url);
/// Whether url has the same scheme, host and port as api_url. Pure.
bool is_of_hub(std::string_view url, std::string_view api_url);

} // namespace angod::host

// Behind "ango.http": what an export points at, fetched for a module. Job thread.
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

/// What a module asks of another server.
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

/// One for each job; keeps its connections open from call to call.
class Fetcher {
public:
    /// job must outlive it. The policy is for each call.
    explicit Fetcher(const Job &job, rest::RetryPolicy retry = kRetry);

    /// The body of url: https, or of Hub's REST API, which alone is sent the API key and which a url that begins
    /// with '/' is completed with. Kept until the next call. Errors: invalid for any other url, limit for a body
    /// of more than limit bytes, cancelled, and whatever the transport or the server says, in a sentence that
    /// names the host and neither path nor query.
    Result<std::string_view> get(std::string_view url, std::uint64_t limit);

    /// Any request; every status is an answer. Only GET and HEAD are sent again.
    Result<Fetched> request(const FetchRequest &wanted);

    /// Less patient than for the export itself: a module may have thousands of calls to make.
    static constexpr rest::RetryPolicy kRetry{
        .attempts = 3, .max_delay = std::chrono::milliseconds(5'000), .total = std::chrono::milliseconds(60'000)};

private:
    const Job &job_;
    const rest::RetryPolicy retry_;
    rest::HttpClient client_;
    std::string body_, content_type_;
};

/// Whether a module may have url fetched: https, or of the same scheme, host and port as api_url. Where Hub itself is on
/// this machine without TLS (a local Hub), also plain http of this machine: the storages beside it. Pure.
bool may_be_fetched(std::string_view url, std::string_view api_url);
/// Whether url is of the same scheme, host and port as api_url. Pure.
bool is_of_hub(std::string_view url, std::string_view api_url);

} // namespace angod::host

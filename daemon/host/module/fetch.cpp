#include "host/module/fetch.hpp"

#include "rest/answer.hpp"
#include "rest/counted_call.hpp"
#include "rest/s3_request.hpp"

#include "base/redact.hpp"
#include "base/url.hpp"

#include <algorithm>
#include <utility>

namespace angod::host {

namespace {

/// False for characters that two parsers of an address may read differently.
bool is_clear(std::string_view url) {
    return std::none_of(url.begin(), url.end(),
                        [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '\\'; });
}

bool is_clear_header(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

/// The least wait before the next attempt, as the server asks for.
std::optional<std::chrono::milliseconds> least_wait(const rest::Request &request, const rest::Response &response) {
    return request.private_headers.empty() ? rest::wait_asked(response) : rest::wait_of_hub(response);
}

} // namespace

bool is_of_hub(std::string_view url, std::string_view api_url) {
    if (!is_clear(url)) return false;
    const auto own = parse_url(url), hub = parse_url(api_url);
    return own && hub && own->scheme == hub->scheme && own->host == hub->host && own->port == hub->port;
}

bool may_be_fetched(std::string_view url, std::string_view api_url) {
    if (!is_clear(url)) return false;
    const auto own = parse_url(url), hub = parse_url(api_url);
    if (!own) return false;
    const auto is_plain_and_here = [](const Url &of) { return of.scheme == "http" && of.loopback(); };
    return own->scheme == "https" || is_of_hub(url, api_url) ||
           (hub && is_plain_and_here(*own) && is_plain_and_here(*hub));
}

/// Sends a request. One to Hub counts as a call with the job's key, and its answer is told to whoever records them.
Result<rest::Response> Fetcher::send(const rest::Request &request, rest::Retry &retry) {
    const bool to_hub = !request.private_headers.empty();
    if (!to_hub) return client_.send(request, job_.cancel);
    const rest::CallHooks hooks{job_.want_call, job_.call_refused, job_.heard};
    return rest::send_counted(client_, request, hooks, retry, job_.cancel);
}

Fetcher::Fetcher(const Job &job, rest::RetryPolicy retry)
    : job_(job), retry_(retry), client_({job.hub.ca_file, "", job.hub.proxies}) {}

Result<std::string_view> Fetcher::get(std::string_view url, std::uint64_t limit) {
    rest::Request request;
    request.url = url.starts_with('/') ? job_.hub.api_url + std::string(url) : std::string(url);
    request.body_limit = limit;
    request.whole_timeout = std::chrono::milliseconds(300'000);
    if (!may_be_fetched(request.url, job_.hub.api_url))
        return error(Code::invalid, "a file was not fetched: its address is neither https nor of Hub.");
    if (is_of_hub(request.url, job_.hub.api_url)) request.private_headers.push_back({"apikey", job_.api_key()});

    rest::Retry retry(retry_, rest::real_world(job_.cancel));
    for (;;) {
        auto response = send(request, retry);
        if (job_.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        if (response && response->status >= 200 && response->status < 300) {
            body_ = std::move(response->body);
            return std::string_view(body_);
        }
        Error failed = response
                           ? rest::storage_refusal({"a file", response->host,
                                                    secrets_of_urls({request.url, response->url}, {job_.api_key()})},
                                                   {response->status, response->header("Content-Type"), response->body})
                           : response.error();
        const bool may_pass = response ? rest::retryable(response->status) : rest::retryable(failed.code);
        const auto retry_after = response ? least_wait(request, *response) : std::nullopt;
        if (!may_pass) return failed;
        if (retry.again(failed.text, retry_after)) continue;
        if (job_.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        failed.text += retry.last_words();
        return failed;
    }
}

Result<Fetched> Fetcher::request(const FetchRequest &wanted) {
    rest::Request request;
    request.method = wanted.method;
    request.url = wanted.url.starts_with('/') ? job_.hub.api_url + wanted.url : wanted.url;
    request.headers = wanted.headers;
    request.body = wanted.body;
    request.s3 = wanted.s3;
    request.body_limit = wanted.limit;
    request.whole_timeout = std::chrono::milliseconds(300'000);
    if (!may_be_fetched(request.url, job_.hub.api_url))
        return error(Code::invalid, "a server was not asked: its address is neither https nor of Hub.");
    for (const rest::Header &header : wanted.headers)
        if (!is_clear_header(header.name) || !is_clear_header(header.value))
            return error(Code::invalid, "a server was not asked: a header of the request holds a line break.");
    if (is_of_hub(request.url, job_.hub.api_url)) request.private_headers.push_back({"apikey", job_.api_key()});

    const bool may_repeat = wanted.method == "GET" || wanted.method == "HEAD";
    request.once = !may_repeat;
    request.may_become_get = true; // the module sees which answer it is
    rest::Retry retry(retry_, rest::real_world(job_.cancel));
    for (;;) {
        auto response = send(request, retry);
        if (job_.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        const bool may_pass = response ? rest::retryable(response->status) : rest::retryable(response.error().code);
        const auto retry_after = response ? least_wait(request, *response) : std::nullopt;
        if (may_repeat && may_pass && retry.again("", retry_after)) continue;
        if (job_.cancel.cancelled()) return error(Code::cancelled, "cancelled");
        if (!response) return response.error();
        // A module sees no headers.
        body_ = wanted.s3.id.empty() ? std::move(response->body) : rest::s3_explanation(*response);
        content_type_ = response->header("Content-Type");
        return Fetched{response->status, body_, content_type_};
    }
}

} // namespace angod::host

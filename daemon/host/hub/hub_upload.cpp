#include "host/hub/hub_upload.hpp"

#include "rest/answer.hpp"

#include "base/clock.hpp"
#include "base/redact.hpp"
#include "base/url.hpp"

#include <fmt/format.h>

namespace angod::host {

namespace {

constexpr int kAddresses = 3;
// A storage may need minutes to answer after the last byte of a large file.
constexpr std::chrono::milliseconds kUploadStall{180'000};

struct PutFailure {
    Error why;
    bool address_refused = false;
};

/// Uploads to one address; returns nothing on success.
std::optional<PutFailure> put(rest::HttpClient &client, const rest::HubOptions &options, const std::string &url,
                              const Content &content, const CancelToken &cancel) {
    rest::Request request;
    request.method = "PUT";
    request.url = url;
    request.file = content.file;
    request.file_size = content.file_size;
    request.body = content.bytes;
    request.stall_timeout = kUploadStall;
    // A pre-signed URL covers the headers, so no other header is allowed. Only Azure requires one.
    if (const auto parsed = parse_url(url); parsed && parsed->host.ends_with(".blob.core.windows.net"))
        request.headers = {{"x-ms-blob-type", "BlockBlob"}};
    rest::RetryPolicy policy = options.retry;
    policy.total = std::chrono::hours(24); // one upload may take longer than all attempts of a short call
    rest::Retry retry(policy, rest::real_world(cancel), options.on_retry);
    for (;;) {
        const auto response = client.send(request, cancel);
        if (response && response->status >= 200 && response->status < 300) return std::nullopt;
        Error failed;
        std::optional<std::chrono::milliseconds> retry_after;
        if (response) {
            failed = rest::storage_refusal({"the upload of " + content.what, response->host,
                                            secrets_of_urls({url, response->url}, {options.api_key})},
                                           {response->status, response->header("Content-Type"), response->body});
            if (!rest::retryable(response->status))
                return PutFailure{failed, response->status == 400 || response->status == 403};
            retry_after = rest::parse_retry_after(response->header("Retry-After"), now_ms());
        } else {
            if (response.error().code == Code::cancelled) return PutFailure{response.error()};
            failed = error(response.error().code,
                           fmt::format("could not upload {}: {}.", content.what, response.error().text));
            if (!rest::retryable(failed.code)) return PutFailure{failed};
        }
        if (retry.again(failed.text, retry_after)) continue;
        if (cancel.cancelled()) return PutFailure{error(Code::cancelled, "cancelled")};
        failed.text += retry.last_words();
        return PutFailure{failed};
    }
}

} // namespace

Result<std::string> upload(rest::HttpClient &client, rest::HubApi &hub, const rest::StoredFile &file,
                           const Content &content, const CancelToken &cancel) {
    for (int address = 1;; ++address) {
        const auto url = hub.upload_url(file);
        if (!url) return url.error();
        const auto failed = put(client, hub.options(), *url, content, cancel);
        if (!failed) return *url;
        if (!failed->address_refused || address == kAddresses) return failed->why;
        if (hub.options().on_retry)
            hub.options().on_retry(failed->why.text + " Asking Hub for a new address.", std::chrono::milliseconds(0),
                                   static_cast<unsigned>(address) + 1);
    }
}

} // namespace angod::host

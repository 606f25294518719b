#include "host/hub/hub_upload.hpp"

#include "rest/answer.hpp"
#include "rest/counted_call.hpp"

#include "base/http_date.hpp"
#include "base/ids.hpp"
#include "base/redact.hpp"
#include "base/url.hpp"
#include "common/storage_hosts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace angod::host {

namespace {

constexpr int kAddresses = 3;
// A storage may need minutes to answer after the last byte of a large file.
constexpr std::chrono::milliseconds kUploadStall{180'000};

/// Extensions that belong to the extension behind them.
constexpr std::string_view kFirstOfTwo[] = {".seg", ".nii", ".tar"};

std::string_view last_extension(std::string_view name) {
    constexpr std::size_t kLongest = 10; // with the dot
    const std::size_t dot = name.rfind('.');
    if (dot == name.npos || dot == 0 || name.size() - dot < 2 || name.size() - dot > kLongest) return {};
    const bool plain = std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dot) + 1, name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
    return plain ? name.substr(dot) : std::string_view();
}

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
    // A pre-signed URL covers the headers, so no other header is allowed, except those that the provider demands.
    if (const auto parsed = parse_url(url))
        for (auto &[name, value] : ango::common::upload_headers(parsed->host)) request.headers.push_back({name, value});
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
            const auto missing = ango::common::missing_headers(response->body);
            if (!missing.empty() && request.headers.empty()) { // an endpoint of the provider under another name
                for (const auto &[name, value] : missing) request.headers.push_back({name, value});
                continue;
            }
            if (!rest::retryable(response->status))
                return PutFailure{failed, response->status == 400 || response->status == 403};
            retry_after = rest::wait_asked(*response);
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

std::string_view extension_of(std::string_view name) {
    const std::string_view last = last_extension(name);
    const std::string_view first = last_extension(name.substr(0, name.size() - last.size()));
    const bool both = std::find(std::begin(kFirstOfTwo), std::end(kFirstOfTwo), first) != std::end(kFirstOfTwo);
    return name.substr(name.size() - last.size() - (both && !last.empty() ? first.size() : 0));
}

Result<std::string> upload_file(HubAccess &access, const Job &job, std::string_view type, std::string_view name,
                                std::string_view bytes) {
    const rest::StoredFile file{new_id() + std::string(extension_of(name)), job.project(), "", std::string(type),
                                fmt::format("the file {}", name)};
    const auto url = upload(access.client, access.hub, file, {.what = file.what, .bytes = bytes}, job.cancel);
    if (!url) return url.error();
    return rest::without_query(*url);
}

} // namespace angod::host

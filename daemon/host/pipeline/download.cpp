#include "host/pipeline/download.hpp"

#include "rest/answer.hpp"

#include "base/clock.hpp"
#include "base/redact.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace angod::host {

namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct ContentRange {
    std::optional<std::uint64_t> from, total;
};

/// "bytes 100-199/200", the total may be "*".
ContentRange parse_content_range(std::string_view text) {
    ContentRange range;
    if (!text.starts_with("bytes ")) return range;
    text.remove_prefix(6);
    const std::size_t dash = text.find('-'), slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) return range;
    range.from = number(text.substr(0, dash));
    range.total = number(text.substr(slash + 1));
    return range;
}

} // namespace

std::vector<rest::Header> ResumePoint::headers() const {
    if (taken == 0) return {};
    std::vector<rest::Header> out{{"Range", fmt::format("bytes={}-", taken)}};
    if (!etag_.empty() && !etag_.starts_with("W/")) out.push_back({"If-Range", etag_});
    return out;
}

Result<std::uint64_t> ResumePoint::skip(const rest::Response &head) {
    const std::string_view etag = head.header("ETag");
    std::optional<std::uint64_t> size;
    std::uint64_t from = 0;
    if (head.status == 206) {
        const ContentRange range = parse_content_range(head.header("Content-Range"));
        if (!range.from || *range.from > taken)
            return error(Code::protocol,
                         fmt::format("{} sent another part of the file than it was asked for", head.host));
        from = *range.from;
        size = range.total;
    } else {
        size = number(head.header("Content-Length"));
    }
    if (taken > 0) {
        const bool other_tag = !etag_.empty() && !etag.empty() && etag != etag_;
        const bool other_size = total && size && *size != *total;
        const bool known = (!etag_.empty() && !etag.empty()) || (total && size);
        if (other_tag || other_size)
            return error(Code::protocol, fmt::format("the file at {} changed while it was downloaded", head.host));
        if (!known)
            return error(Code::protocol, fmt::format("the connection to {} was lost, and the download cannot go on: "
                                                     "the server does not say whether the file is still the same",
                                                     head.host));
    }
    if (etag_.empty()) etag_ = etag;
    if (!total) total = size;
    return taken - from;
}

Result<std::uint64_t> download(rest::HttpClient &client, const DownloadRequest &request, const CancelToken &cancel,
                               const std::function<bool(std::string_view)> &take) {
    ResumePoint point;
    rest::Retry retry(request.retry, rest::real_world(cancel), request.on_retry);
    std::string url = request.url;
    bool may_renew = static_cast<bool>(request.renew);
    for (;;) {
        const std::uint64_t before = point.taken;
        std::uint64_t skip = 0;
        bool refused = false; // by the receiver
        rest::Request get;
        get.url = url;
        get.headers = point.headers();
        get.stall_timeout = request.stall_timeout;
        get.on_head = [&](const rest::Response &head) -> Result<void> {
            const auto known = point.skip(head);
            if (!known) return known.error();
            skip = *known;
            return {};
        };
        get.sink = [&](std::string_view piece) {
            const std::size_t known = static_cast<std::size_t>(std::min<std::uint64_t>(skip, piece.size()));
            skip -= known;
            piece.remove_prefix(known);
            if (piece.empty()) return true;
            point.taken += piece.size();
            refused = !take(piece);
            return !refused;
        };
        const auto response = client.send(get, cancel);
        if (refused || cancel.cancelled()) return error(Code::cancelled, "cancelled");
        if (response && response->status >= 200 && response->status < 300 && (!point.total || point.complete()))
            return point.taken;
        if (!response && point.complete()) return point.taken; // lost only behind the last byte

        if (point.taken > before) {
            retry.made_progress();
            may_renew = static_cast<bool>(request.renew);
        }
        Error failed;
        std::optional<std::chrono::milliseconds> retry_after;
        bool may_pass = true;
        if (!response) {
            failed = error(response.error().code,
                           fmt::format("could not download {}: {}.", request.what, response.error().text));
            may_pass = rest::retryable(response.error().code);
            if (failed.code == Code::protocol) failed.text += " Run the plugin again.";
        } else if (response->status >= 200 && response->status < 300) {
            failed = error(Code::network, fmt::format("could not download {}: {} sent {} of {} bytes.", request.what,
                                                      response->host, point.taken, *point.total));
        } else {
            failed = rest::storage_refusal(
                {"the download of " + request.what, response->host, secrets_of_urls({url, response->url})},
                {response->status, response->header("Content-Type"), response->body});
            may_pass = rest::retryable(response->status);
            retry_after = rest::parse_retry_after(response->header("Retry-After"), now_ms());
            if (may_renew && (response->status == 400 || response->status == 403)) {
                may_renew = false;
                if (request.on_retry)
                    request.on_retry(failed.text + " Asking Hub for a new address.", std::chrono::milliseconds(0), 2);
                auto other = request.renew();
                if (!other) return other.error();
                url = std::move(*other);
                if (point.taken == 0) point = ResumePoint(); // it may be another file: none of the first is in use
                continue;
            }
        }
        if (!may_pass) return failed;
        if (retry.again(failed.text, retry_after)) continue;
        if (cancel.cancelled()) return error(Code::cancelled, "cancelled");
        failed.text += retry.last_words();
        return failed;
    }
}

} // namespace angod::host

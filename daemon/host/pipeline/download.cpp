// The file comes in one answer or in several: after a lost connection the next request asks for the bytes that are
// missing (ResumePoint), as long as the server shows that the file is still the same. A URL that the storage refuses is
// renewed once; it may be renewed again after bytes came through the new one. All of it on the caller's thread.
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
            return error(Code::protocol, fmt::format("{} sent a part of the file that was not requested", head.host));
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
            return error(Code::protocol, fmt::format("the connection to {} was lost, and the download cannot continue: "
                                                     "the server does not say whether the file is still the same",
                                                     head.host));
    }
    if (etag_.empty()) etag_ = etag;
    if (!total) total = size;
    return taken - from;
}

namespace {

/// Why one request did not bring the rest of the file.
struct Failed {
    Error why;
    bool may_pass = true;         ///< another attempt may succeed
    bool address_refused = false; ///< the URL may have expired
    std::optional<std::chrono::milliseconds> retry_after = {};
};

bool is_success(const rest::Response &response) { return response.status >= 200 && response.status < 300; }

/// One file, over any number of requests.
class Download {
public:
    using Take = std::function<bool(std::string_view)>;

    Download(rest::HttpClient &client, const DownloadRequest &request, const CancelToken &cancel, const Take &take)
        : client_(client),
          request_(request),
          cancel_(cancel),
          take_(take),
          retry_(request.retry, rest::real_world(cancel), request.on_retry),
          url_(request.url),
          may_renew_(request.renew != nullptr) {}

    Result<std::uint64_t> run() {
        for (;;) {
            const std::uint64_t before = point_.taken;
            const auto response = send();
            if (refused_ || cancel_.cancelled()) return error(Code::cancelled, "cancelled");
            if (is_complete(response)) return point_.taken;
            if (point_.taken > before) {
                retry_.made_progress();
                may_renew_ = request_.renew != nullptr;
            }
            Failed failed = response ? failure_of(*response) : failure_of(response.error());
            if (failed.address_refused && may_renew_) {
                if (const auto renewed = renew(failed.why); !renewed) return renewed.error();
                continue;
            }
            if (!failed.may_pass) return failed.why;
            if (retry_.again(failed.why.text, failed.retry_after)) continue;
            if (cancel_.cancelled()) return error(Code::cancelled, "cancelled");
            failed.why.text += retry_.last_words();
            return failed.why;
        }
    }

private:
    Result<rest::Response> send() {
        std::uint64_t skip = 0; // bytes of the answer that an earlier one brought
        rest::Request get;
        get.url = url_;
        get.headers = point_.headers();
        get.stall_timeout = request_.stall_timeout;
        get.on_head = [&](const rest::Response &head) -> Result<void> {
            const auto known = point_.skip(head);
            if (!known) return known.error();
            skip = *known;
            return {};
        };
        get.sink = [&](std::string_view piece) {
            const std::size_t known = static_cast<std::size_t>(std::min<std::uint64_t>(skip, piece.size()));
            skip -= known;
            piece.remove_prefix(known);
            if (piece.empty()) return true;
            point_.taken += piece.size();
            refused_ = !take_(piece);
            return !refused_;
        };
        return client_.send(get, cancel_);
    }

    /// Also if the connection was lost after the last byte.
    bool is_complete(const Result<rest::Response> &response) const {
        return response ? is_success(*response) && (!point_.total || point_.complete()) : point_.complete();
    }

    Failed failure_of(const Error &lost) const {
        Failed failed{error(lost.code, fmt::format("could not download {}: {}.", request_.what, lost.text)),
                      rest::retryable(lost.code)};
        if (lost.code == Code::protocol) failed.why.text += " Run the plugin again.";
        return failed;
    }

    Failed failure_of(const rest::Response &response) const {
        if (is_success(response))
            return {error(Code::network, fmt::format("could not download {}: {} sent {} of {} bytes.", request_.what,
                                                     response.host, point_.taken, *point_.total))};
        Error why = rest::storage_refusal(
            {"the download of " + request_.what, response.host, secrets_of_urls({url_, response.url})},
            {response.status, response.header("Content-Type"), response.body});
        return {std::move(why), rest::retryable(response.status), response.status == 400 || response.status == 403,
                rest::parse_retry_after(response.header("Retry-After"), now_ms())};
    }

    Result<void> renew(const Error &why) {
        may_renew_ = false;
        if (request_.on_retry)
            request_.on_retry(why.text + " Asking Hub for a new address.", std::chrono::milliseconds(0), 2);
        auto other = request_.renew();
        if (!other) return other.error();
        url_ = std::move(*other);
        if (point_.taken == 0)
            point_ = ResumePoint(); // the new URL may name another file; no byte of the first is used
        return {};
    }

    rest::HttpClient &client_;
    const DownloadRequest &request_;
    const CancelToken &cancel_;
    const Take &take_;
    rest::Retry retry_;
    ResumePoint point_;
    std::string url_;
    bool may_renew_;       ///< false after a renewal until bytes come through the new URL
    bool refused_ = false; ///< take_ wants no more bytes
};

} // namespace

Result<std::uint64_t> download(rest::HttpClient &client, const DownloadRequest &request, const CancelToken &cancel,
                               const std::function<bool(std::string_view)> &take) {
    return Download(client, request, cancel, take).run();
}

} // namespace angod::host

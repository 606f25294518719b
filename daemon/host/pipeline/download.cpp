// The file comes in one answer or in several: after a lost connection the next request asks for the bytes that are
// missing (ResumePoint), as long as the server shows that the file is still the same. A URL that the storage refuses is
// renewed once; it may be renewed again after bytes came through the new one. Sizes and ranges count the bytes as they are sent; a
// Content-Encoding is undone behind them. All of it on the caller's thread.
#include "host/pipeline/download.hpp"

#include "rest/answer.hpp"
#include "rest/counted_call.hpp"
#include "unpack/content_decoder.hpp"

#include "base/http_date.hpp"
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

/// "bytes 100-199/200"; the total may be "*". Of a part that is not there: "bytes */200".
struct ContentRange {
    std::optional<std::uint64_t> from, to, total;
    /// Whether it is the range of a part.
    bool whole() const { return from && to && *from <= *to && (!total || *to < *total); }
};

ContentRange parse_content_range(std::string_view text) {
    constexpr std::string_view kUnit = "bytes ";
    ContentRange range;
    if (!text.starts_with(kUnit)) return range;
    text.remove_prefix(kUnit.size());
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return range;
    const std::string_view part = text.substr(0, slash);
    if (const std::size_t dash = part.find('-'); dash != std::string_view::npos) {
        range.from = number(part.substr(0, dash));
        range.to = number(part.substr(dash + 1));
    }
    range.total = number(text.substr(slash + 1));
    return range;
}

bool is_weak(std::string_view etag) { return etag.starts_with("W/"); }

Error changed(const rest::Response &head) {
    return error(Code::protocol, fmt::format("the file at {} changed while it was downloaded", head.host));
}

Error size_unknown(const rest::Response &head) {
    return error(Code::protocol,
                 fmt::format("{} sent a part of the file and does not say how long all of it is", head.host));
}

} // namespace

std::vector<rest::Header> ResumePoint::headers() const {
    if (taken == 0) return {};
    std::vector<rest::Header> out{{"Range", fmt::format("bytes={}-", taken)}};
    if (!etag_.empty() && !is_weak(etag_)) out.push_back({"If-Range", etag_});
    return out;
}

Result<std::uint64_t> ResumePoint::skip(const rest::Response &head) {
    std::optional<std::uint64_t> size;
    std::uint64_t from = 0;
    if (head.status == 206) {
        const ContentRange range = parse_content_range(head.header("Content-Range"));
        if (!range.whole() || *range.from > taken)
            return error(Code::protocol, fmt::format("{} sent a part of the file that was not requested", head.host));
        from = *range.from;
        end_ = *range.to + 1;
        size = range.total;
    } else {
        size = end_ = number(head.header("Content-Length"));
    }
    if (taken > 0)
        if (const auto same = check_same(head, size); !same) return same.error();
    open_ = head.status == 206 && !size && !total;
    if (etag_.empty()) etag_ = head.header("ETag");
    if (modified_.empty()) modified_ = head.header("Last-Modified");
    if (!total) total = size;
    return taken - from;
}

/// Whether an answer belongs to the file of which bytes were taken. A weak ETag does not promise the same bytes.
Result<void> ResumePoint::check_same(const rest::Response &head, std::optional<std::uint64_t> size) const {
    const std::string_view etag = head.header("ETag"), modified = head.header("Last-Modified");
    const bool both_tags = !etag_.empty() && !etag.empty(), both_sizes = total && size;
    const bool same_tag = both_tags && etag == etag_ && !is_weak(etag);
    const bool other_time = !same_tag && !modified_.empty() && !modified.empty() && modified != modified_;
    if ((both_tags && etag != etag_) || (both_sizes && *size != *total) || other_time) return changed(head);
    if (same_tag || both_sizes) return {};
    return error(Code::protocol, fmt::format("the connection to {} was lost, and the download cannot continue: "
                                             "the server does not say whether the file is still the same",
                                             head.host));
}

Result<bool> ResumePoint::no_more(const rest::Response &refusal) const {
    if (refusal.status != 416 || taken == 0) return false;
    const auto size = parse_content_range(refusal.header("Content-Range")).total;
    if (!size && open_) return size_unknown(refusal);
    if (!size) return false;
    if (*size != taken || (total && *total != *size)) return changed(refusal);
    return true;
}

Result<void> ResumePoint::check_end(const rest::Response &answer) const {
    if ((end_ && taken > *end_) || (total && taken > *total))
        return error(Code::protocol, fmt::format("{} sent more bytes than it announced", answer.host));
    return {};
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
            if (undecodable_) return failure_of(*undecodable_).why;
            const auto complete = is_complete(response);
            if (!complete) return failure_of(complete.error()).why;
            if (*complete) return end();
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
            return set_decoder(head);
        };
        get.sink = [&](std::string_view piece) {
            const std::size_t known = static_cast<std::size_t>(std::min<std::uint64_t>(skip, piece.size()));
            skip -= known;
            piece.remove_prefix(known);
            if (piece.empty()) return true;
            point_.taken += piece.size();
            return pass_on(decoder_.write(piece, take_));
        };
        return client_.send(get, cancel_);
    }

    /// Bytes that are continued must be encoded as those before.
    Result<void> set_decoder(const rest::Response &head) {
        const std::string_view encoding = head.header("Content-Encoding");
        if (point_.taken > 0) return encoding == encoding_ ? Result<void>() : changed(head);
        encoding_ = encoding;
        host_ = head.host;
        auto decoder = ContentDecoder::of(encoding);
        if (!decoder)
            return error(Code::protocol,
                         fmt::format("{} sent it {}: turn it off there", head.host, decoder.error().text));
        decoder_ = std::move(*decoder);
        return {};
    }

    bool pass_on(const Result<bool> &decoded) {
        if (!decoded)
            undecodable_ = error(Code::protocol, fmt::format("the data that {} sent with a Content-Encoding {}", host_,
                                                             decoded.error().text));
        else
            refused_ = !*decoded;
        return decoded && *decoded;
    }

    /// Also if the connection was lost after the last byte.
    Result<bool> is_complete(const Result<rest::Response> &response) const {
        if (!response) return point_.complete();
        if (!is_success(*response)) return point_.no_more(*response);
        if (const auto fits = point_.check_end(*response); !fits) return fits.error();
        return point_.total ? point_.complete() : !point_.is_open();
    }

    Result<std::uint64_t> end() {
        if (pass_on(decoder_.finish(take_))) return point_.taken;
        if (undecodable_) return failure_of(*undecodable_).why;
        return error(Code::cancelled, "cancelled");
    }

    Failed failure_of(const Error &lost) const {
        Failed failed{error(lost.code, fmt::format("could not download {}: {}.", request_.what, lost.text)),
                      rest::retryable(lost.code)};
        if (lost.code == Code::protocol) failed.why.text += " Run the plugin again.";
        return failed;
    }

    Failed failure_of(const rest::Response &response) const {
        if (is_success(response)) {
            const std::string all = point_.total ? fmt::format(" of {}", *point_.total) : "";
            return {
                error(Code::network, fmt::format("could not download {}: {} sent {}{} bytes, and more should follow.",
                                                 request_.what, response.host, point_.taken, all))};
        }
        Error why = rest::storage_refusal(
            {"the download of " + request_.what, response.host, secrets_of_urls({url_, response.url})},
            {response.status, response.header("Content-Type"), response.body});
        return {std::move(why), rest::retryable(response.status), response.status == 400 || response.status == 403,
                rest::wait_asked(response)};
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
    ContentDecoder decoder_;
    std::string encoding_, host_; ///< of the first answer
    std::optional<Error> undecodable_;
};

} // namespace

Result<std::uint64_t> download(rest::HttpClient &client, const DownloadRequest &request, const CancelToken &cancel,
                               const std::function<bool(std::string_view)> &take) {
    return Download(client, request, cancel, take).run();
}

} // namespace angod::host

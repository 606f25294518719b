// The head is taken apart once, when its end has come. The search for the end never looks at a byte twice, so a server that sends
// single bytes costs no more than one that sends all at once. Servers may end lines with a bare LF.
// The beginning of a body is kept, because it often explains a refusal.
#include "socketio/http_answer.hpp"

#include "base/letter_case.hpp"
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace angod::socketio {

namespace {

constexpr std::string_view kStart = "HTTP/1.";
constexpr std::size_t kMaxQuotedStart = 40; // bytes of an answer that is no HTTP

bool digit(char c) { return c >= '0' && c <= '9'; }

bool same_text(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r"), last = text.find_last_not_of(" \t\r");
    return first == text.npos ? std::string_view() : text.substr(first, last - first + 1);
}

/// A status line, or as much of one as there is: "HTTP/1.1 200" and a blank or nothing behind it.
bool may_be_status_line(std::string_view line) {
    const std::size_t compared = std::min(line.size(), kStart.size());
    if (line.substr(0, compared) != kStart.substr(0, compared)) return false;
    const std::string_view rest = line.substr(compared);
    static constexpr std::string_view kShape = "d ddd ";
    for (std::size_t i = 0; i < std::min(rest.size(), kShape.size()); ++i)
        if (kShape[i] == 'd' ? !digit(rest[i]) : rest[i] != ' ') return false;
    return true;
}

Error no_http(std::string_view bytes) {
    if (bytes.starts_with("\x15\x03")) return error(Code::protocol, "is TLS");
    const std::string_view line = bytes.substr(0, std::min(bytes.find_first_of("\r\n"), kMaxQuotedStart));
    const bool is_readable =
        !line.empty() && std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    return error(Code::protocol,
                 is_readable ? fmt::format("is not HTTP, but begins with \"{}\"", line) : "is not HTTP");
}

/// The bytes of a chunked body without its frames, as far as they have come.
std::string without_chunks(std::string_view body) {
    std::string out;
    for (;;) {
        const std::size_t end = body.find('\n');
        if (end == body.npos) return out;
        std::size_t size = 0;
        const auto [rest, failed] = std::from_chars(body.data(), body.data() + end, size, 16);
        body.remove_prefix(end + 1);
        if (failed != std::errc() || size == 0) return out;
        out += body.substr(0, size);
        if (size >= body.size()) return out;
        body.remove_prefix(size);
        if (body.starts_with('\r')) body.remove_prefix(1);
        if (body.starts_with('\n')) body.remove_prefix(1);
    }
}

} // namespace

std::optional<int> HttpAnswerReader::status() const {
    return head_size_ > 0 ? std::optional<int>(head_.status) : std::nullopt;
}

/// Looks for the end of the head, and takes the head apart.
bool HttpAnswerReader::find_head() {
    const std::size_t from = looked_at_ < 3 ? 0 : looked_at_ - 3; // the end may have begun before
    const std::string_view all = bytes_;
    const std::size_t crlf = all.find("\n\r\n", from), lf = all.find("\n\n", from);
    looked_at_ = all.size();
    if (crlf == all.npos && lf == all.npos) return false;
    head_size_ = crlf < lf ? crlf + 3 : lf + 2;
    const auto at = [&](std::size_t i) { return all[kStart.size() + i] - '0'; };
    head_ = HttpAnswer();
    head_.status = at(2) * 100 + at(3) * 10 + at(4);
    chunked_ = false;
    length_.reset();
    std::string_view lines = all.substr(0, head_size_);
    lines.remove_prefix(lines.find('\n') + 1);
    while (!lines.empty()) {
        const std::size_t end = lines.find('\n');
        const std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end + 1);
        const std::size_t colon = line.find(':');
        if (colon == line.npos) continue;
        const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
        for (const auto &[wanted, target] :
             {std::pair("location", &head_.location), std::pair("retry-after", &head_.retry_after),
              std::pair("date", &head_.date), std::pair("content-type", &head_.content_type),
              std::pair("content-encoding", &head_.content_encoding)})
            if (target->empty() && same_text(name, wanted)) *target = value;
        if (same_text(name, "transfer-encoding") && value.size() >= 7 &&
            same_text(value.substr(value.size() - 7), "chunked"))
            chunked_ = true;
        std::uint64_t length = 0;
        if (same_text(name, "content-length") &&
            std::from_chars(value.data(), value.data() + value.size(), length).ec == std::errc())
            length_ = length;
    }
    head_.content_type = ascii_lower(head_.content_type);
    return true;
}

Result<void> HttpAnswerReader::feed(std::string_view bytes) {
    begun_ = begun_ || !bytes.empty();
    if (head_size_ > 0) {
        const std::size_t room = kMaxAnswerBody - std::min(kMaxAnswerBody, behind_head());
        bytes_ += head_.status == 101 ? bytes : bytes.substr(0, room);
        return {};
    }
    bytes_ += bytes;
    for (;;) {
        const std::string_view start = std::string_view(bytes_).substr(0, kStart.size() + 7);
        const std::string_view line = start.substr(0, start.find_first_of("\r\n"));
        if (!may_be_status_line(line)) return no_http(bytes_);
        if (line.size() < start.size() && line.size() < kStart.size() + 5) return no_http(bytes_);
        const bool found = find_head();
        if (interim_ + (found ? head_size_ : bytes_.size()) > kMaxAnswerHead)
            return error(Code::limit,
                         fmt::format("is longer than {} KB and its head has no end", kMaxAnswerHead / 1024));
        if (!found) return {};
        if (head_.status < 100) return no_http(bytes_);
        if (head_.status >= 200 || head_.status == 101) break;
        interim_ += head_size_;
        bytes_.erase(0, head_size_);
        head_size_ = looked_at_ = 0;
    }
    return {};
}

bool HttpAnswerReader::is_whole() const {
    if (head_.status == 204 || head_.status == 304 || behind_head() >= kMaxAnswerBody) return true;
    const std::string_view body = std::string_view(bytes_).substr(head_size_);
    if (chunked_) return body.starts_with("0\r\n") || body.ends_with("\r\n0\r\n\r\n");
    return length_ && body.size() >= *length_;
}

HttpAnswer HttpAnswerReader::answer() const {
    HttpAnswer answer = head_;
    const std::string_view body = std::string_view(bytes_).substr(head_size_, kMaxAnswerBody);
    answer.body = chunked_ ? without_chunks(body) : std::string(body.substr(0, length_.value_or(body.size())));
    return answer;
}

} // namespace angod::socketio

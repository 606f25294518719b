// Downloads a file from a pre-signed URL, piece by piece. After a lost connection it continues where it stopped.
#pragma once

#include "rest/http_client.hpp"
#include "rest/retry.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace angod::host {

struct DownloadRequest {
    std::string url;  ///< a secret: never logged
    std::string what; ///< name in error texts, such as "the export"
    rest::RetryPolicy retry;
    rest::OnRetry on_retry;
    /// Returns a new URL for the same file. It is called when the storage refuses the URL, which may have expired; and
    /// again only after bytes came through the new URL. Empty: there is no other URL.
    std::function<Result<std::string>()> renew;
    std::chrono::milliseconds stall_timeout{60'000};
};

/// Returns the number of bytes that were sent. take receives each byte of the file once, in order and without its
/// Content-Encoding, and may block; if it returns false, the download ends with Code::cancelled. Success means that all
/// bytes are there: as many as the server named, and an encoding with its end. Works on the calling thread.
Result<std::uint64_t> download(rest::HttpClient &client, const DownloadRequest &request, const CancelToken &cancel,
                               const std::function<bool(std::string_view)> &take);

/// The state of a file that comes in several answers. It decides whether the next answer still belongs to the same
/// file. Pure; public for its tests.
class ResumePoint {
public:
    std::uint64_t taken = 0;            ///< bytes passed on so far
    std::optional<std::uint64_t> total; ///< size of the file in bytes, if a server named it

    bool complete() const { return total && taken == *total; }
    /// Range and If-Range, if earlier answers brought bytes.
    std::vector<rest::Header> headers() const;
    /// Returns the number of bytes at the start of this answer's body that came earlier. An error if the answer belongs
    /// to another file, or if that cannot be known, or if it is no part that was requested.
    Result<std::uint64_t> skip(const rest::Response &head);
    /// After an answer: an error if it brought more bytes than its head named.
    Result<void> check_end(const rest::Response &answer) const;
    /// Whether a refusal says that the file has no more bytes than were taken (416 with the size). An error if the file has
    /// another size, or if its size stays unknown.
    Result<bool> no_more(const rest::Response &refusal) const;
    /// The last answer was a part of a file whose size is unknown: more may follow.
    bool is_open() const { return open_; }

private:
    Result<void> check_same(const rest::Response &head, std::optional<std::uint64_t> size) const;

    std::string etag_, modified_;
    std::optional<std::uint64_t> end_; ///< offset behind the last answer, if its head named it
    bool open_ = false;
};

} // namespace angod::host

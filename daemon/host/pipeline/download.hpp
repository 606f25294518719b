// A file from a pre-signed URL, piece by piece; goes on after a lost connection from where it was.
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
    std::string what; ///< for texts: "the export"
    rest::RetryPolicy retry;
    rest::OnRetry on_retry;
    /// Another URL for the same file, asked for when the storage refuses the first, which may have expired. It is
    /// asked for again only once bytes have come through it. Empty: there is none.
    std::function<Result<std::string>()> renew;
    std::chrono::milliseconds stall_timeout{60'000};
};

/// How many bytes came. take gets each byte once, in order; it may block, and false from it ends the download
/// with Code::cancelled. Works on the calling thread.
Result<std::uint64_t> download(rest::HttpClient &client, const DownloadRequest &request, const CancelToken &cancel,
                               const std::function<bool(std::string_view)> &take);

/// What is known of a file that comes in several answers, and whether the next answer is still about that file.
/// Pure; public for its tests.
class ResumePoint {
public:
    std::uint64_t taken = 0;            ///< bytes handed on so far
    std::optional<std::uint64_t> total; ///< size of the file, if a server said it

    bool complete() const { return total && taken == *total; }
    /// Range and If-Range, if there is something to go on from.
    std::vector<rest::Header> headers() const;
    /// How many bytes at the start of this answer's body are known already; an error if the answer does not
    /// belong to the same bytes.
    Result<std::uint64_t> skip(const rest::Response &head);

private:
    std::string etag_;
};

} // namespace angod::host

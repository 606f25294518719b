// The answer of an HTTP/1 server to a request that asks for the connection itself: the handshake of a WebSocket, or CONNECT to a
// proxy. Either the connection is handed over behind the head, or the answer says why not. Pure.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace angod::socketio {

/// The parts of an answer that explain a refusal. Header values stand as they came, without blanks around them; of several
/// headers of one name the first counts.
struct HttpAnswer {
    int status = 0; ///< 101, or 200 to 999
    std::string location, retry_after, date, content_type, content_encoding;
    std::string body; ///< its beginning, without the frames of chunks
};

/// Longest head that is read, in bytes; interim answers (1xx, but not 101) count as well.
inline constexpr std::size_t kMaxAnswerHead = 16 * 1024;
/// So much of a body is kept, in bytes as they came.
inline constexpr std::size_t kMaxAnswerBody = 4 * 1024;
/// How long the body of a refusal is waited for, from the end of its head.
inline constexpr std::chrono::milliseconds kRefusalWait{2'000};

/// Reads one answer from its bytes, in whatever pieces they come. Work and memory are linear in the bytes and bounded.
class HttpAnswerReader {
public:
    /// An error (protocol or limit) continues "the answer": "is not HTTP". The bytes are no HTTP/1, or the head is too long. No
    /// call after an error.
    Result<void> feed(std::string_view bytes);

    /// The status, once the head is complete; interim answers are passed over.
    std::optional<int> status() const;
    /// Whether the body is complete too, or as much of it has come as is kept. A body without a length ends with the
    /// connection. Only after the head.
    bool is_whole() const;
    /// Whether any byte has come.
    bool has_begun() const { return begun_; }

    /// Head and all bytes behind it, as they came. Only if the status hands the connection over.
    std::string take_bytes() { return std::move(bytes_); }
    /// Bytes behind the head.
    std::size_t behind_head() const { return bytes_.size() - head_size_; }
    /// The answer, as far as it has come. Only after the head.
    HttpAnswer answer() const;

private:
    bool find_head();

    std::string bytes_;         ///< of the present answer
    std::size_t looked_at_ = 0; ///< no head ends before this place
    std::size_t head_size_ = 0; ///< with the empty line; 0: not complete
    std::size_t interim_ = 0;   ///< bytes of interim answers
    bool begun_ = false;
    bool chunked_ = false;
    std::optional<std::uint64_t> length_; ///< of the body, if the head tells it
    HttpAnswer head_;
};

} // namespace angod::socketio

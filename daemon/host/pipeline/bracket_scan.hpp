// How deep JSON text is nested, found 64 bytes at a time: bit masks of quotes, backslashes and brackets, as
// simdjson does it, with nothing but SSE2 (or plain 64-bit arithmetic elsewhere).
//
// Strings and brackets are followed as far as the text is JSON; behind its first error anything may come out,
// and no parser gets there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace angod::host {

/// One value that begins with a bracket, over any number of pieces.
class BracketScan {
public:
    enum class Found { more, closed, too_deep };

    void reset() { *this = BracketScan(); }
    /// Goes on with the bytes that follow. closed: `at` is behind the bracket that ends the value. too_deep: at
    /// the bracket that opens level max_depth + 1. more: neither is in them, `at` is their size. After closed or
    /// too_deep only reset() is allowed.
    Found run(std::string_view bytes, int max_depth, std::size_t &at);

    int depth() const { return depth_; }
    bool in_string() const { return in_string_ != 0; }

private:
    friend std::size_t find_too_deep(std::string_view, int);
    struct Brackets {
        std::uint64_t opens, closes; ///< one bit for each of 64 bytes, those in strings left out
    };
    Brackets step(const char *bytes, std::size_t count);

    std::uint64_t in_string_ = 0; ///< all ones or zero
    std::uint64_t escaped_ = 0;   ///< 1: a backslash stands right in front of the next byte
    int depth_ = 0;
};

/// Where in the text the bracket stands that opens level max_depth + 1; npos if none does.
std::size_t find_too_deep(std::string_view text, int max_depth);

} // namespace angod::host

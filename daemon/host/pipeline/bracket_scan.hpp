// Finds the nesting depth of JSON text, 64 bytes at a time. Like simdjson it works with bit masks of quotes,
// backslashes and brackets, made with SSE2 or, on other processors, with 64-bit arithmetic.
//
// The result is correct up to the first error in the JSON text. After it the result is undefined, which does not
// matter: no parser reads on after the error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace angod::host {

/// Scans one value that begins with a bracket, over any number of pieces.
class BracketScan {
public:
    enum class Found { more, closed, too_deep };

    void reset() { *this = BracketScan(); }
    /// Scans the next bytes. closed: `at` is behind the bracket that ends the value. too_deep: `at` is the bracket that
    /// opens level max_depth + 1. more: the bytes contain neither, and `at` is their size. After closed or too_deep
    /// only reset() is allowed.
    Found run(std::string_view bytes, int max_depth, std::size_t &at);

    bool in_string() const { return in_string_ != 0; }

private:
    friend std::size_t find_too_deep(std::string_view, int);
    struct Brackets {
        std::uint64_t opens, closes; ///< one bit for each of 64 bytes; 0 inside strings
    };
    Brackets step(const char *bytes, std::size_t count);

    std::uint64_t in_string_ = 0; ///< all ones or zero
    std::uint64_t escaped_ = 0;   ///< 1: the next byte is escaped by a backslash
    int depth_ = 0;
};

/// Returns the position of the bracket that opens level max_depth + 1; npos if there is none.
std::size_t find_too_deep(std::string_view text, int max_depth);

} // namespace angod::host

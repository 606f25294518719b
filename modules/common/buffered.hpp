// Collects small pieces of text into large writes. Every write crosses the module boundary, and a table of millions of
// short rows must not cross it millions of times.
#pragma once

#include <cstddef>
#include <string>

namespace ango::common {

/// Target is ango::Writer (its open entry) or ango::Scratch. The destructor writes nothing: an unfinished output
/// belongs to a failed job, and the host throws it away.
template <class Target> class Buffered {
public:
    static constexpr std::size_t kWriteAt = 64 * 1024; // bytes

    explicit Buffered(Target &target) : target_(target) {}

    /// Append here, then call settle().
    std::string &text() { return text_; }
    /// Writes if there is enough text.
    void settle() {
        if (text_.size() >= kWriteAt) flush();
    }
    void flush() {
        if (!text_.empty()) target_.write(text_);
        text_.clear();
    }

private:
    Target &target_; // the caller's, outlives this
    std::string text_;
};

} // namespace ango::common

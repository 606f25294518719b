// The log of angod for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace angod::ctl {

/// Turns a line of the log, a JSON object, into the log's text format with a line end: time, level, text, fields.
std::string log_text(std::string_view line);

/// Puts lines together that come in pieces.
class LineReader {
public:
    /// Calls take with each line that is complete now, without its end.
    template <class Take> void add(std::string_view piece, const Take &take) {
        rest_ += piece;
        std::size_t from = 0;
        for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n', from)) {
            take(std::string_view(rest_).substr(from, end - from));
            from = end + 1;
        }
        rest_.erase(0, from);
    }

private:
    std::string rest_;
};

} // namespace angod::ctl

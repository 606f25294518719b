#include "markdown_agnostic/html.hpp"

#include "common/text.hpp"

namespace ango::markdown_agnostic {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t from = text.find_first_not_of(kBlanks);
    return from == std::string_view::npos ? std::string_view()
                                          : text.substr(from, text.find_last_not_of(kBlanks) - from + 1);
}

} // namespace

void append_html(std::string &out, std::string_view text) {
    constexpr std::string_view kSpecial = "&<>\"'\r\n";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t special = std::min(text.find_first_of(kSpecial, at), text.size());
        out += text.substr(at, special - at);
        if (special == text.size()) return;
        switch (text[special]) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += "<br>";
        }
        at = special + (text.substr(special, 2) == "\r\n" ? 2 : 1);
    }
}

void append_iframe(std::string &out, std::string_view cell) {
    const std::string_view frame = trimmed(cell);
    const std::string start = common::ascii_lower(frame.substr(0, 8));
    if (start.starts_with("<iframe")) {
        for (const char c : frame) out += c == '\n' || c == '\r' ? ' ' : c;
        constexpr std::string_view kEnd = "</iframe>"; // without it, everything behind would be inside the frame
        if (!common::ascii_lower(frame.substr(frame.size() - std::min(frame.size(), kEnd.size()))).ends_with(kEnd))
            out += kEnd;
    } else if (start.starts_with("http://") || start.starts_with("https://")) {
        out += "<iframe src='";
        append_html(out, frame);
        out += "' style='width:100%;height:400px;border:0'></iframe>";
    } else {
        append_html(out, cell);
    }
}

} // namespace ango::markdown_agnostic

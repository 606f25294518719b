#include "markdown_agnostic/html.hpp"

#include "common/text.hpp"
#include "markdown_agnostic/frame_address.hpp"

namespace ango::markdown_agnostic {

namespace {

/// The length in bytes of the line end at text[at]; 0 if there is none. Some readers of Markdown take the rarer ones of
/// ASCII and Unicode for the end of a line as well.
std::size_t line_end(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("\r\n")) return 2;
    if (rest[0] >= '\n' && rest[0] <= '\r') return 1;
    if (rest.starts_with("\u0085")) return 2;
    return rest.starts_with("\u2028") || rest.starts_with("\u2029") ? 3 : 0;
}

} // namespace

void append_html(std::string &out, std::string_view text) {
    constexpr std::string_view kSpecial = "&<>\"'\n\v\f\r\xc2\xe2";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t special = std::min(text.find_first_of(kSpecial, at), text.size());
        out += text.substr(at, special - at);
        if (special == text.size()) return;
        const std::size_t end = line_end(text, special);
        switch (text[special]) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default:
                if (end > 0)
                    out += "<br>";
                else
                    out += text[special];
        }
        at = special + std::max<std::size_t>(end, 1);
    }
}

// The page in the frame may run scripts, because most pages show nothing without. It has no origin ("allow-same-origin"
// is missing), so it cannot act in the name of the user, even if its address is one of Hub.
bool append_iframe(std::string &out, std::string_view cell) {
    const auto address = frame_address(cell);
    if (!address) {
        append_html(out, cell);
        return false;
    }
    out += "<iframe src='";
    append_html(out, *address);
    out += "' sandbox='allow-scripts' style='width:100%;height:400px;border:0'></iframe>";
    return true;
}

} // namespace ango::markdown_agnostic

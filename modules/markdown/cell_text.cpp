// There is one function for each kind of place. Text keeps its Markdown: only a '<' that could begin a tag, and the sign
// that opens the address of a link to a script, are replaced by character references, which have no meaning as signs.
// A link may also be put together from two cells, or from a cell and the text around it. So the sign behind a "]" is
// looked at, wherever the bracket comes from.
#include "markdown/cell_text.hpp"

#include "common/names.hpp"
#include "common/text.hpp"
#include "markdown/addresses.hpp"

#include <algorithm>
#include <array>

namespace ango::markdown {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kNoPage = "about:blank";

bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

/// The length of a line break tag without attributes at the start of text: the only tag that a cell may have.
std::size_t line_break_tag(std::string_view text) {
    const std::string start = common::ascii_lower(text.substr(0, 6));
    for (const std::string_view tag : {"<br>"sv, "<br/>"sv, "<br />"sv})
        if (start.starts_with(tag)) return tag.size();
    return 0;
}

/// Length of the line end at text[at]; 0 if there is none.
std::size_t line_end(std::string_view text, std::size_t at) {
    if (text[at] == '\r') return text.substr(at, 2) == "\r\n" ? 2 : 1;
    return text[at] == '\n' ? 1 : 0;
}

/// A '<' stays if it begins no tag. Behind a "]", a parenthesis or a colon begins the address of a link.
void append_text(std::string &out, std::string_view cell, bool in_table) {
    for (std::size_t at = 0; at < cell.size(); ++at) {
        const char c = cell[at];
        const bool behind_bracket = !out.empty() && out.back() == ']';
        if (c == '<') {
            const std::size_t tag = line_break_tag(cell.substr(at));
            const char next = at + 1 < cell.size() ? cell[at + 1] : 'a'; // what follows the cell is not known here
            if (tag > 0)
                out += cell.substr(at, tag);
            else if (is_letter(next) || next == '/' || next == '!' || next == '?')
                out += "&lt;";
            else
                out += c;
            at += tag > 0 ? tag - 1 : 0;
        } else if (behind_bracket && c == '(' && !is_safe_destination(cell.substr(at + 1))) {
            out += "&#40;";
        } else if (behind_bracket && c == ':' && !is_safe_destination(cell.substr(at + 1))) {
            out += "&#58;";
        } else if (in_table && c == '|') {
            out += "&#124;";
        } else if (in_table && c == '\\' && at + 1 == cell.size()) {
            out += "&#92;"; // it would hide the bar behind the cell
        } else if (const std::size_t end = in_table ? line_end(cell, at) : 0) {
            out += "<br>";
            at += end - 1;
        } else {
            out += c;
        }
    }
}

/// Where HTML sees an attribute, Markdown may see text with links in it, because the tag has no end.
void append_attribute(std::string &out, std::string_view cell) {
    if (out.ends_with(']') && (cell.starts_with('(') || cell.starts_with(':'))) {
        out += cell.front() == '(' ? "&#40;" : "&#58;";
        cell.remove_prefix(1);
    }
    for (const char c : cell) switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            case '`': out += "&#96;"; break;
            case '|': out += "&#124;"; break;
            case '[': out += "&#91;"; break;
            case ']': out += "&#93;"; break;
            case '\n': out += "&#10;"; break; // a blank line would end the block of HTML
            case '\r': out += "&#13;"; break;
            default: out += c;
        }
}

void append_link(std::string &out, std::string_view cell) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    for (const char c : cell) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '&') {
            out += "&amp;";
        } else if (byte <= ' ' || byte == 0x7F || "\"'()<>[\\]^`{|}"sv.find(c) != std::string_view::npos) {
            out += '%';
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        } else {
            out += c;
        }
    }
}

bool is_scheme(std::string_view cell) {
    constexpr std::array kSchemes{"http"sv, "https"sv, "mailto"sv, "tel"sv};
    return std::find(kSchemes.begin(), kSchemes.end(), common::ascii_lower(cell)) != kSchemes.end();
}

bool is_plain_style(std::string_view cell) {
    return std::all_of(cell.begin(), cell.end(), [](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || " .,%#-"sv.find(c) != std::string_view::npos;
    });
}

/// Makes text of the beginning of "[name]: address" in out, if the cell behind it could give the address another scheme.
void check_definition(std::string &out, std::string_view cell, bool ends) {
    const std::size_t bracket = out.rfind("]:");
    if (bracket == std::string::npos) return;
    const std::string address = out.substr(bracket + 2) + std::string(cell.substr(0, 256)) + (ends ? "\n" : "");
    if (!is_safe_destination(address)) out.replace(bracket + 1, 1, "&#58;");
}

/// The form of the cell at its place; false if it cannot stand there.
bool append_at(std::string &out, std::string_view cell, const Placeholder &where) {
    const std::string_view trimmed = common::without_blanks(cell);
    if (where.defines) check_definition(out, cell, where.ends);
    switch (where.place) {
        case Place::text: append_text(out, cell, where.in_table); return true;
        case Place::attribute: append_attribute(out, cell); return true;
        case Place::style:
            if (!is_plain_style(cell)) return false;
            out += cell;
            return true;
        case Place::scheme:
            if (!is_scheme(trimmed)) return false;
            out += trimmed;
            return true;
        case Place::address:
        case Place::link_start:
            if (!is_safe_start(trimmed)) {
                out += kNoPage;
                return false;
            }
            if (where.alone && trimmed.empty())
                out += '#'; // otherwise what stands behind the blank would be the address
            else if (where.place == Place::address)
                append_attribute(out, trimmed);
            else
                append_link(out, trimmed);
            return true;
        case Place::link: append_link(out, cell); return true;
        case Place::nowhere: break;
    }
    return true;
}

} // namespace

bool append_cell(std::string &out, std::string_view cell, const Placeholder &where) {
    if (where.quote) out += '"';
    const bool fits = append_at(out, cell, where);
    if (where.quote) out += '"';
    return fits;
}

} // namespace ango::markdown

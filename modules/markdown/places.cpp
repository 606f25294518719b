// The user's text is Markdown with HTML in it. It is read once, by a scanner for HTML that takes each placeholder for one
// opaque sign. The user is trusted, the cells are not: so it is enough that the scanner never takes a place inside of a
// tag for text. Where Markdown and HTML disagree (tags in code, for example) it takes the place for the more dangerous
// one, whose form of a cell is safe in the other as well.
//
// Sources: the tokenization chapter of the HTML standard; CommonMark 0.30, "Links" and "Autolinks"; GitHub Flavored
// Markdown, "Tables".
#include "markdown/places.hpp"

#include "common/text.hpp"
#include "markdown/addresses.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <array>

namespace ango::markdown {

namespace {

using namespace std::string_view_literals;

/// Bytes of an address that are looked at around a placeholder, so that the work stays linear. No scheme is as long.
constexpr std::size_t kLongest = 4096;

bool is_letter(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool is_name(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == ':'; }

/// Attributes with an address. Those of animations can set the others.
bool holds_address(std::string_view attribute) {
    constexpr std::array kNames{"action"sv, "archive"sv,  "background"sv,  "by"sv,       "cite"sv,   "classid"sv,
                                "code"sv,   "codebase"sv, "data"sv,        "dynsrc"sv,   "from"sv,   "formaction"sv,
                                "href"sv,   "icon"sv,     "imagesrcset"sv, "longdesc"sv, "lowsrc"sv, "manifest"sv,
                                "ping"sv,   "poster"sv,   "profile"sv,     "src"sv,      "srcset"sv, "to"sv,
                                "usemap"sv, "values"sv,   "xlink:href"sv};
    return std::find(kNames.begin(), kNames.end(), attribute) != kNames.end();
}

/// Whether text, which ends before a sign of the user's text, is one placeholder and nothing else.
bool is_placeholder(std::string_view text) {
    return text.size() >= 2 && text.front() == '|' && text.find('|', 1) == text.size() - 1;
}

class Scanner {
public:
    Scanner(std::string_view text, Places &out, const std::vector<std::string_view> &columns)
        : text_(text), out_(out), columns_(columns) {}

    void run() {
        for (Placeholder &each : out_.placeholders) {
            while (at_ < each.begin) step(each.begin);
            each.place = place_of(each);
            at_ = each.end;
        }
    }

private:
    /// Where the next character stands. In `text` a '<' that begins a tag leads to in_tag, whose ends are as in HTML.
    enum class State { text, in_tag, name, after_name, before_value, quoted, unquoted, comment, bogus_comment, raw };

    std::string_view rest() const { return text_.substr(at_); }

    /// Takes at least one character. limit: where the next placeholder begins.
    void step(std::size_t limit) {
        const char c = text_[at_];
        switch (state_) {
            case State::text:
                if (c == '<') return open(limit);
                quoted_ = quoted_ || c == '"' || c == '\'';
                if (c == '>' && !quoted_) doubtful_.clear();
                break;
            case State::in_tag:
                if (c == '>') return close();
                if (!is_blank(c) && c != '/') begin_attribute(c);
                break;
            case State::name:
                if (c == '>') return close();
                if (c == '=')
                    state_ = State::before_value;
                else if (is_blank(c))
                    state_ = State::after_name;
                else if (c == '/')
                    state_ = State::in_tag;
                else
                    attribute_ += c;
                break;
            case State::after_name:
                if (c == '>') return close();
                if (c == '=')
                    state_ = State::before_value;
                else if (c == '/')
                    state_ = State::in_tag;
                else if (!is_blank(c))
                    begin_attribute(c);
                break;
            case State::before_value:
                if (c == '>') return close();
                if (is_blank(c)) break;
                quote_ = c == '"' || c == '\'' ? c : '\0';
                state_ = quote_ ? State::quoted : State::unquoted;
                value_ = quote_ ? at_ + 1 : at_;
                break;
            case State::quoted:
                if (c == quote_) state_ = State::in_tag;
                break;
            case State::unquoted:
                if (c == '>') return close();
                if (is_blank(c)) state_ = State::in_tag;
                break;
            case State::comment:
                if (rest().starts_with("-->")) {
                    at_ += 2;
                    state_ = State::text;
                }
                break;
            case State::bogus_comment:
                if (c == '>') state_ = State::text;
                break;
            case State::raw:
                if (c != '<' || common::ascii_lower(text_.substr(at_, tag_.size() + 2)) != "</" + tag_) break;
                at_ += tag_.size() + 1;
                closing_ = true;
                state_ = State::in_tag;
                break;
        }
        if (at_ < limit) ++at_;
    }

    /// A '<' in text.
    void open(std::size_t limit) {
        const std::string_view behind = text_.substr(at_ + 1, limit - at_ - 1);
        if (behind.starts_with("!--")) {
            state_ = State::comment;
            at_ += 3;
        } else if (behind.starts_with('!') || behind.starts_with('?')) {
            state_ = State::bogus_comment;
        } else {
            std::size_t name = behind.starts_with('/') ? 1 : 0;
            const std::size_t from = name;
            if (name < behind.size() && is_letter(behind[name]))
                while (name < behind.size() && is_name(behind[name])) ++name;
            // An address in angle brackets is a link in Markdown, and an odd tag in HTML.
            const bool is_address = name > from && behind[name - 1] == ':';
            const bool at_placeholder = name == behind.size();
            if (name > from && !is_address &&
                (at_placeholder || is_blank(behind[name]) || behind[name] == '/' || behind[name] == '>')) {
                tag_ = common::ascii_lower(behind.substr(from, name - from));
                closing_ = from == 1;
                state_ = State::in_tag;
                at_ += name;
            } else if (name > from || at_placeholder) {
                // No tag, but a browser may take it for one, or a cell may complete it.
                if (doubtful_.empty()) quoted_ = false;
                doubtful_.push_back(at_);
            }
        }
        ++at_;
    }

    void close() {
        ++at_;
        state_ = !closing_ && (tag_ == "script" || tag_ == "style") ? State::raw : State::text;
    }

    void begin_attribute(char c) {
        attribute_.assign(1, c);
        state_ = State::name;
    }

    [[noreturn]] void refuse(const Placeholder &each, const std::string &why) const {
        throw Failure("The markdown text puts the column " + common::quote(columns_[each.column].substr(0, 100)) + " " +
                      why +
                      " Cells can stand in text, in links, and in attributes with quotes around them, such as "
                      "<img alt=\"|name|\">.");
    }

    Place place_of(Placeholder &each) {
        switch (state_) {
            case State::text: return place_in_text(each);
            case State::comment:
            case State::bogus_comment: return Place::nowhere;
            case State::quoted: return place_in_value(each, quote_);
            case State::before_value: {
                const std::string_view behind = text_.substr(each.end, 2);
                if (!behind.empty() && !is_blank(behind[0]) && behind[0] != '>' && behind != "/>") break;
                each.quote = true;
                value_ = each.begin;
                state_ = State::in_tag;
                return place_in_value(each, '\0');
            }
            case State::raw: refuse(each, "into a script or a style, where a cell would be run.");
            case State::in_tag:
            case State::name:
            case State::after_name:
            case State::unquoted: break;
        }
        refuse(each, "into an HTML tag, where a cell would become a part of the tag.");
    }

    Place place_in_value(const Placeholder &each, char quote) {
        const std::string attribute = common::ascii_lower(attribute_);
        if (attribute.starts_with("on") || attribute == "srcdoc")
            refuse(each, "into the attribute " + attribute + ", where a cell would be run as a script.");
        if (attribute == "style") return Place::style;
        if (!holds_address(attribute)) return Place::attribute;
        const std::string_view behind = quote ? text_.substr(each.end, kLongest) : std::string_view();
        return place_in_address(each, text_.substr(value_, std::min(each.begin - value_, kLongest)),
                                behind.substr(0, behind.find(quote)), Place::address, Place::attribute);
    }

    /// before, behind: the rest of the address, in which other placeholders may stand.
    Place place_in_address(const Placeholder &each, std::string_view before, std::string_view behind, Place start,
                           Place inside) {
        const std::size_t sign = before.find_first_of(":/?#");
        if (sign != std::string_view::npos) {
            if (before[sign] == ':' && !is_safe_scheme(before) && !is_placeholder(before.substr(0, sign)))
                refuse(each, "into an address that is no web address, where a cell could be run as a script.");
            return inside;
        }
        const std::size_t next = behind.find_first_of(":/?#");
        if (next != std::string_view::npos && behind[next] == ':') return Place::scheme;
        return start;
    }

    Place place_in_text(Placeholder &each) {
        out_.no_tags.insert(out_.no_tags.end(), doubtful_.begin(), doubtful_.end());
        doubtful_.clear();
        // Back over the beginning of an address, to "](" or to the "]:" of a link that is defined on a line of its own.
        std::size_t from = each.begin;
        while (from > 0 && each.begin - from < kLongest && !is_blank(text_[from - 1]) && text_[from - 1] != '(' &&
               text_[from - 1] != ')')
            --from;
        std::size_t behind = from; // the sign that opens the address
        while (behind > 0 && is_blank(text_[behind - 1])) --behind;
        if (behind < 2 || text_[behind - 2] != ']') return Place::text;
        if (text_[behind - 1] == ':' && from == each.begin) each.colon = each.begin - (behind - 1);
        if (text_[behind - 1] != '(') return Place::text;
        std::string_view before = text_.substr(from, each.begin - from);
        if (before == "<" && text_.substr(each.end).starts_with('>')) {
            // Angle brackets allow blanks in an address. The form of a cell has none, and HTML would see a tag in them.
            out_.no_tags.pop_back();
            --each.begin;
            ++each.end;
            before = {};
        }
        const std::string_view left = text_.substr(each.end, kLongest);
        return place_in_address(each, before, left.substr(0, left.find_first_of(" \t\r\n)>")), Place::link_start,
                                Place::link);
    }

    const std::string_view text_;
    Places &out_;
    const std::vector<std::string_view> &columns_;
    State state_ = State::text;
    std::size_t at_ = 0, value_ = 0;
    std::vector<std::size_t> doubtful_; ///< signs '<' in front that are no tags, and may become one with a cell
    bool quoted_ = false;               ///< a quote stands behind the first of them, so a '>' may not end the tag
    std::string tag_, attribute_;
    bool closing_ = false; ///< of tag_: an end tag
    char quote_ = '\0';
};

/// Whether a line is the second one of a Markdown table: dashes between bars.
bool is_delimiter_row(std::string_view line) {
    return line.find('|') != std::string_view::npos && line.find('-') != std::string_view::npos &&
           line.find_first_not_of("|-: \t\r") == std::string_view::npos;
}

/// Marks the placeholders in rows of tables: a table is the line above its delimiter row, and all below up to a blank one.
void mark_tables(std::string_view text, std::vector<Placeholder> &placeholders) {
    struct Line {
        std::size_t begin, end;
    };
    std::vector<Line> lines;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back({at, end});
        at = end + 1;
    }
    std::size_t next = 0; // placeholder
    bool in_table = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto text_of = [&](std::size_t line) {
            return text.substr(lines[line].begin, lines[line].end - lines[line].begin);
        };
        const bool is_blank_line = text_of(i).find_first_not_of(" \t\r") == std::string_view::npos;
        in_table = !is_blank_line && (in_table || (i + 1 < lines.size() && is_delimiter_row(text_of(i + 1))));
        for (; next < placeholders.size() && placeholders[next].begin < lines[i].end + 1; ++next)
            placeholders[next].in_table = in_table;
    }
}

} // namespace

Places find_places(std::string_view text, std::vector<Placeholder> placeholders,
                   const std::vector<std::string_view> &columns) {
    Places out{std::move(placeholders), {}};
    Scanner(text, out, columns).run();
    mark_tables(text, out.placeholders);
    std::sort(out.no_tags.begin(), out.no_tags.end());
    return out;
}

} // namespace ango::markdown

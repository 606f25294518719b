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
#include "markdown/links.hpp"

#include <ango/module.hpp>

#include <algorithm>
#include <array>

namespace ango::markdown {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLongest = kLongestAddress;

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

/// Tags whose attributes choose a program, a style or another page, or set the attributes of other tags.
bool chooses_what_is_run(std::string_view tag) {
    constexpr std::array kTags{"animate"sv, "applet"sv, "base"sv,  "embed"sv,  "link"sv,
                               "meta"sv,    "object"sv, "param"sv, "script"sv, "set"sv};
    return std::find(kTags.begin(), kTags.end(), tag) != kTags.end();
}

/// Whether a '>' begins a line of a Markdown quotation, as the line in front does. It ends no tag then. In a list, signs of
/// its items may stand in front.
bool marks_quotation(std::string_view text, std::size_t at) {
    if (text[at] != '>') return false;
    constexpr std::size_t kDeepest = 64; // bytes that are looked at in front of it
    const std::size_t from = at - std::min(at, kDeepest);
    std::size_t begin = text.substr(from, at - from).find_last_not_of(" \t>");
    if (begin == std::string_view::npos) return false;
    begin += from;
    if (begin == 0 || text[begin] != '\n') return false;
    const std::size_t above = text.rfind('\n', begin - 1) + 1; // 0 if there is no other line
    return text[text.find_first_not_of(" \t-+*.)0123456789", above)] == '>';
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
        const char c = marks_quotation(text_, at_) ? ' ' : text_[at_];
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
            case State::raw: end_raw(); break;
        }
        if (at_ < limit) ++at_;
    }

    /// In a script or a style, at a character that may begin its end tag.
    void end_raw() {
        if (text_[at_] != '<' || common::ascii_lower(text_.substr(at_, tag_.size() + 2)) != "</" + tag_) return;
        at_ += tag_.size() + 1;
        closing_ = true;
        state_ = State::in_tag;
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

    std::string shown(std::size_t begin, std::size_t end) const {
        return markdown::shown(text_, out_.placeholders, begin, end);
    }
    std::string shown_behind(const Placeholder &each) const {
        return shown(each.end, std::min(each.end + kLongest, text_.size()));
    }
    std::size_t index_of(const Placeholder &each) const {
        return static_cast<std::size_t>(&each - out_.placeholders.data());
    }

    Place place_in_value(Placeholder &each, char quote) {
        const std::string attribute = common::ascii_lower(attribute_);
        if (attribute.starts_with("on") || attribute == "srcdoc")
            refuse(each, "into the attribute " + attribute + ", where a cell would be run as a script.");
        if (!closing_ && chooses_what_is_run(tag_))
            refuse(each, "into the tag <" + tag_ + ">, where a cell would choose what is run.");
        escape_tags(each); // if this tag has no end, it is text in Markdown, and the value may hold a tag
        if (attribute == "style") return Place::style;
        Place place = Place::attribute;
        if (holds_address(attribute)) {
            const std::string behind = quote ? shown_behind(each) : "";
            place = place_in_address(each, shown(value_, std::min(each.begin, value_ + kLongest)),
                                     behind.substr(0, behind.find(quote)), Place::address, Place::attribute);
        }
        // For the same reason the value may hold a link.
        if (place == Place::attribute) place = place_in_link(each, Place::attribute, Place::address, Place::attribute);
        return place;
    }

    /// Escapes the signs '<' of a value between a placeholder and the one before it.
    void escape_tags(const Placeholder &each) {
        const std::size_t index = index_of(each);
        std::size_t at = index > 0 ? std::max(value_, out_.placeholders[index - 1].end) : value_;
        for (; at < each.begin; ++at)
            if (text_[at] == '<') out_.escaped.push_back(at);
    }

    /// before, behind: the rest of the address, as shown has it.
    Place place_in_address(const Placeholder &each, std::string_view before, std::string_view behind, Place start,
                           Place inside) {
        const std::size_t sign = deciding_sign(before);
        if (sign != std::string_view::npos) {
            const bool has_scheme = before[sign] == ':' || before[sign] == '&';
            if (has_scheme && !is_safe_scheme(before) && before.substr(0, sign) != std::string_view(&kHole, 1))
                refuse(each, "into an address that is no web address, where a cell could be run as a script.");
            return inside;
        }
        // With the cell behind it, an '&' could become a reference to a colon.
        std::size_t name = each.begin;
        while (name > 0 && (is_name(text_[name - 1]) || text_[name - 1] == '#')) --name;
        if (name > 0 && text_[name - 1] == '&') out_.escaped.push_back(name - 1);
        const std::size_t next = deciding_sign(behind);
        const bool is_scheme = next != std::string_view::npos && (behind[next] == ':' || behind[next] == '&');
        return is_scheme ? Place::scheme : start;
    }

    /// text: the place of a cell in no link. start, inside: its places in the address of a link.
    Place place_in_link(Placeholder &each, Place text, Place start, Place inside) {
        const Link link = find_link(text_, out_.placeholders, index_of(each));
        if (!link.sign) return text;
        std::string before = shown(link.address, each.begin);
        if (link.sign == '(' && text == Place::text && before == "<" && text_.substr(each.end).starts_with('>')) {
            // Angle brackets allow blanks in an address. The form of a cell has none, and HTML would see a tag in them.
            out_.escaped.pop_back();
            --each.begin;
            ++each.end;
            before.clear();
        }
        std::string behind = shown_behind(each);
        behind.resize(std::min(behind.find_first_of(" \t\r\n)>"), behind.size()));
        if (link.sign == ':') {
            // This may be text as well, so the cell stays as it is. The first one decides whether a link is defined.
            each.defines = before.find(kHole) == std::string::npos;
            const std::size_t sign = behind.find_first_of("\x01:/?#&\\");
            each.ends = sign == std::string::npos || "/?#"sv.find(behind[sign]) != std::string_view::npos;
            return text;
        }
        each.alone = before.find_first_not_of("\x01<>") == std::string::npos && each.end < text_.size() &&
                     is_blank(text_[each.end]);
        return place_in_address(each, before, behind, start, inside);
    }

    Place place_in_text(Placeholder &each) {
        out_.escaped.insert(out_.escaped.end(), doubtful_.begin(), doubtful_.end());
        doubtful_.clear();
        return place_in_link(each, Place::text, Place::link_start, Place::link);
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
    std::sort(out.escaped.begin(), out.escaped.end());
    return out;
}

} // namespace ango::markdown

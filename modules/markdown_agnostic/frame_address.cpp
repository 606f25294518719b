// A cell is data that somebody else wrote. So its HTML is read with a tokenizer that knows tags, attributes and nothing
// else, and only one value leaves it. Where this tokenizer and a browser differ, the cell shows other text or another
// page, but no part of it becomes an element, an attribute or a script.
//
// Attributes are read as a browser reads them: the first of two equal names counts, a value may be in either quotes or
// in none, and a tag that is cut off is no tag.
#include "markdown_agnostic/frame_address.hpp"

#include "common/names.hpp"
#include "common/text.hpp"
#include "common/web_address.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace ango::markdown_agnostic {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kBlanks = " \t\n\f\r";

bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

/// Reads the attributes of one tag, from behind its name.
class Attributes {
public:
    explicit Attributes(std::string_view text) : left_(text) {}

    struct Attribute {
        std::string name; ///< in lower case
        std::string_view value;
    };
    /// The next attribute; nothing at the end of the tag or of the text.
    std::optional<Attribute> next() {
        while (!left_.empty() && (is_blank(left_[0]) || left_[0] == '/')) left_.remove_prefix(1);
        if (left_.empty() || left_[0] == '>') return std::nullopt;
        // An equals sign in front belongs to the name.
        const std::size_t end = std::min(left_.find_first_of(" \t\n\f\r/>=", 1), left_.size());
        Attribute out{common::ascii_lower(take(end)), {}};
        skip_blanks();
        if (left_.empty() || left_[0] != '=') return out;
        left_.remove_prefix(1);
        skip_blanks();
        out.value = value();
        return out;
    }
    /// Whether the tag has its end. Ask when there is no further attribute.
    bool closed() const { return !left_.empty() && !cut_off_; }

private:
    std::string_view take(std::size_t size) {
        const std::string_view out = left_.substr(0, size);
        left_.remove_prefix(size);
        return out;
    }
    void skip_blanks() {
        while (!left_.empty() && is_blank(left_[0])) left_.remove_prefix(1);
    }
    std::string_view value() {
        if (left_.empty()) return {};
        if (left_[0] != '"' && left_[0] != '\'') return take(std::min(left_.find_first_of(" \t\n\f\r>"), left_.size()));
        const char quote = take(1)[0];
        const std::size_t end = left_.find(quote);
        if (end == std::string_view::npos) {
            cut_off_ = true;
            left_ = {};
            return {};
        }
        const std::string_view out = take(end);
        left_.remove_prefix(1);
        return out;
    }

    std::string_view left_;
    bool cut_off_ = false; ///< a quote was never closed
};

/// The character of a reference such as "amp" or "#38"; 0 if it is none that an address may need.
char referred(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
        {{"amp", '&'}, {"quot", '"'}, {"apos", '\''}, {"lt", '<'}, {"gt", '>'}}};
    for (const auto &[known, character] : kNamed)
        if (known == name) return character;
    if (!name.starts_with('#')) return 0;
    const bool hexadecimal = name.size() > 1 && (name[1] | 32) == 'x';
    const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
    unsigned code = 0;
    const auto [end, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    const bool whole = failed == std::errc() && end == digits.data() + digits.size();
    return whole && code < 0x80 ? static_cast<char>(code) : '\0';
}

std::string without_references(std::string_view text) {
    constexpr std::size_t kLongest = 8; // "#x00026"
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        out += text[at];
        if (text[at] != '&') continue;
        const std::string_view rest = text.substr(at + 1, kLongest + 1);
        const std::size_t end = rest.find(';');
        const char character = end == std::string_view::npos ? '\0' : referred(rest.substr(0, end));
        if (character == 0) continue;
        out.back() = character;
        at += end + 1;
    }
    return out;
}

/// The src of the first complete tag.
std::optional<std::string> first_src(std::string_view cell) {
    constexpr std::string_view kTag = "<iframe";
    for (std::size_t at = cell.find('<'); at != std::string_view::npos; at = cell.find('<', at + 1)) {
        const std::string_view rest = cell.substr(at);
        if (rest.size() <= kTag.size() || common::ascii_lower(rest.substr(0, kTag.size())) != kTag) continue;
        const char behind = rest[kTag.size()];
        if (!is_blank(behind) && behind != '/' && behind != '>') continue;
        Attributes attributes(rest.substr(kTag.size()));
        std::optional<std::string> src;
        while (const auto attribute = attributes.next())
            if (attribute->name == "src" && !src) src = without_references(attribute->value);
        return attributes.closed() ? src : std::nullopt;
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> frame_address(std::string_view cell) {
    const std::string_view address = common::without_blanks(cell);
    if (common::is_web_address(address)) return std::string(address);
    const auto src = first_src(cell);
    if (!src) return std::nullopt;
    const std::string_view trimmed = common::without_blanks(*src);
    return common::is_web_address(trimmed) ? std::optional(std::string(trimmed)) : std::nullopt;
}

} // namespace ango::markdown_agnostic

// All texts come from outside. A byte that is not UTF-8 counts as a visible character, and is passed on as it is: it is
// the caller's matter to refuse it or to replace it.
// A look is made in two steps: plain() removes what cannot be seen, then utf8proc makes the normal form of the rest. Most
// names are ASCII, and these need no data of Unicode.
#include "common/names.hpp"

#include "common/text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace ango::common {

namespace {

constexpr std::size_t kLongestName = 512; // bytes, of a name that is normalised

enum class Sight { visible, blank, none };

struct Character {
    std::size_t size; // bytes
    std::uint32_t code;
    Sight sight;
};

Sight sight_of(std::uint32_t c) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) return Sight::blank;
    if (c < 0x80) return c < ' ' || c == 0x7F ? Sight::none : Sight::visible;
    constexpr std::uint32_t kNextLine = 0x85, kBrailleBlank = 0x2800; // a letter without dots
    if (c == kNextLine || c == kBrailleBlank) return Sight::blank;
    const utf8proc_property_t &about = *utf8proc_get_property(static_cast<utf8proc_int32_t>(c));
    switch (about.category) {
        case UTF8PROC_CATEGORY_ZS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP: return Sight::blank;
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF: return Sight::none;
        default: return about.ignorable ? Sight::none : Sight::visible;
    }
}

std::uint32_t decoded(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.size() == 1) return byte(0);
    std::uint32_t c = byte(0) & (0x7Fu >> text.size());
    for (std::size_t i = 1; i < text.size(); ++i) c = c << 6 | (byte(i) & 0x3Fu);
    return c;
}

Character character_at(std::string_view text, std::size_t at) {
    const std::size_t size = utf8_length(text, at);
    if (size == 0) return {1, static_cast<unsigned char>(text[at]), Sight::visible};
    const std::uint32_t c = decoded(text.substr(at, size));
    return {size, c, sight_of(c)};
}

/// The character that ends before end.
Character character_before(std::string_view text, std::size_t end) {
    for (std::size_t size = 1; size <= 4 && size <= end; ++size)
        if (utf8_length(text.substr(0, end), end - size) == size) return character_at(text, end - size);
    return {1, static_cast<unsigned char>(text[end - 1]), Sight::visible};
}

/// Whether the name has a look other than itself; see look_of.
bool can_map(std::string_view name) {
    if (name.size() > kLongestName) return false;
    for (std::size_t at = 0; at < name.size();) {
        const std::size_t size = utf8_length(name, at);
        if (size == 0) return false;
        at += size;
    }
    return true;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// name as utf8proc maps it; unchanged if that is not possible.
std::string mapped(std::string_view name, int options) {
    utf8proc_uint8_t *made = nullptr;
    const utf8proc_ssize_t size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t *>(name.data()),
                     static_cast<utf8proc_ssize_t>(name.size()), &made, static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(made, &std::free);
    if (size < 0 || !made) return std::string(name);
    return {reinterpret_cast<const char *>(made), static_cast<std::size_t>(size)};
}

constexpr int kNormalForm = UTF8PROC_STABLE | UTF8PROC_COMPOSE;

/// Without characters that have no shape, and with one blank for each run of blanks.
std::string plain(std::string_view text) {
    std::string out;
    bool blank = false;
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(text, at);
        if (c.sight == Sight::visible) {
            if (blank && !out.empty()) out += ' ';
            out += text.substr(at, c.size);
            blank = false;
        }
        blank = blank || c.sight == Sight::blank;
        at += c.size;
    }
    return out;
}

} // namespace

std::string_view without_blanks(std::string_view text) {
    while (!text.empty()) {
        const Character first = character_at(text, 0);
        if (first.sight == Sight::visible) break;
        text.remove_prefix(first.size);
    }
    while (!text.empty()) {
        const Character last = character_before(text, text.size());
        if (last.sight == Sight::visible) break;
        text.remove_suffix(last.size);
    }
    return text;
}

void append_visible(std::string &out, std::string_view text) {
    constexpr std::string_view kSymbolForSpace = "\u2420";
    for (std::size_t at = 0; at < text.size();) {
        const Character c = character_at(text, at);
        const std::size_t next = at + c.size;
        if (c.code == ' ') {
            const bool alone = at > 0 && next < text.size() && character_before(text, at).sight == Sight::visible &&
                               character_at(text, next).sight == Sight::visible;
            out += alone ? " " : kSymbolForSpace;
        } else if (c.sight == Sight::visible) {
            out += text.substr(at, c.size);
        } else {
            char named[16];
            std::snprintf(named, sizeof named, "<U+%04X>", static_cast<unsigned>(c.code));
            out += named;
        }
        at = next;
    }
}

std::string composed(std::string_view name) {
    return is_ascii(name) || !can_map(name) ? std::string(name) : mapped(name, kNormalForm);
}

std::string decomposed(std::string_view name) {
    return is_ascii(name) || !can_map(name) ? std::string(name) : mapped(name, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
}

std::string look_of(std::string_view name) {
    if (!can_map(name)) return std::string(name);
    const std::string look = plain(name);
    return is_ascii(look) ? look : mapped(look, kNormalForm);
}

std::string caseless_look_of(std::string_view name) {
    if (!can_map(name)) return std::string(name);
    const std::string look = plain(name);
    return is_ascii(look) ? ascii_lower(look) : mapped(look, kNormalForm | UTF8PROC_CASEFOLD);
}

std::optional<Difference> difference(std::string_view a, std::string_view b) {
    if (a == b) return std::nullopt;
    if (look_of(a) != look_of(b))
        return caseless_look_of(a) == caseless_look_of(b) ? std::optional(Difference::letter_case) : std::nullopt;
    const bool same_form = plain(a) == plain(b);
    return same_form ? Difference::invisible : Difference::normal_form;
}

std::string_view said(Difference how) {
    switch (how) {
        case Difference::invisible: return "in blanks or other characters that cannot be seen";
        case Difference::normal_form: return "in the Unicode form of accented letters (NFC or NFD)";
        case Difference::letter_case: break;
    }
    return "in upper and lower case";
}

void NameIndex::add(std::string_view name) {
    const std::size_t index = names_.size();
    names_.emplace_back(name);
    exact_.emplace(name, index);
    by_look_.emplace(look_of(name), index);
    by_caseless_look_.emplace(caseless_look_of(name), index);
}

std::optional<NameIndex::Found> NameIndex::find(std::string_view name) const {
    if (const auto at = exact_.find(std::string(name)); at != exact_.end()) return Found{at->second, std::nullopt};
    const auto found = [&](std::size_t index) { return Found{index, difference(name, names_[index])}; };
    if (const auto at = by_look_.find(look_of(name)); at != by_look_.end()) return found(at->second);
    if (const auto at = by_caseless_look_.find(caseless_look_of(name)); at != by_caseless_look_.end())
        return found(at->second);
    return std::nullopt;
}

std::optional<std::size_t> NameIndex::same(std::string_view name) const {
    const auto found = find(name);
    return found && found->difference != Difference::letter_case ? std::optional(found->index) : std::nullopt;
}

} // namespace ango::common

#include "markdown/links.hpp"

#include "common/names.hpp"

#include <algorithm>

namespace ango::markdown {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The sign that ends at a place of the text, if it opens an address.
char opening_sign(std::string_view text, std::size_t end) {
    if (end < 2 || text[end - 2] != ']') return '\0';
    return text[end - 1] == '(' || text[end - 1] == ':' ? text[end - 1] : '\0';
}

/// The end of what stands in front of blanks, of the sign that opens an address in angle brackets, and of the signs in
/// front of the lines of a quotation.
std::size_t before_blanks(std::string_view text, std::size_t end) {
    for (;; --end) {
        const std::size_t begin = end - std::min(end, kLongestAddress);
        const std::string_view left = common::without_blanks(text.substr(begin, end - begin));
        if (left.empty()) return 0;
        end = static_cast<std::size_t>(left.data() + left.size() - text.data());
        if (left.back() != '<' && left.back() != '>') return end;
    }
}

} // namespace

std::string shown(std::string_view text, const std::vector<Placeholder> &placeholders, std::size_t begin,
                  std::size_t end) {
    std::string out;
    auto next = std::lower_bound(placeholders.begin(), placeholders.end(), begin,
                                 [](const Placeholder &each, std::size_t at) { return each.begin < at; });
    for (; next != placeholders.end() && next->begin < end; ++next) {
        out += text.substr(begin, next->begin - begin);
        out += kHole;
        begin = next->end;
    }
    if (begin < end) out += text.substr(begin, end - begin);
    return out;
}

Link find_link(std::string_view text, const std::vector<Placeholder> &placeholders, std::size_t index) {
    // Backwards to the sign that opens the address, over whole placeholders.
    std::size_t from = placeholders[index].begin;
    std::size_t closed = 0; // parentheses that end in the address
    Link definition;
    for (std::size_t steps = 0; from > 0 && steps < kLongestAddress && !is_blank(text[from - 1]); ++steps) {
        if (index > 0 && placeholders[index - 1].end == from) {
            from = placeholders[--index].begin;
            continue;
        }
        const char opening = closed == 0 ? opening_sign(text, from) : '\0';
        if (opening == '(') return {opening, from};
        if (opening == ':' && !definition.sign) definition = {opening, from};
        if (text[from - 1] == ')') ++closed;
        if (text[from - 1] == '(' && closed > 0) --closed;
        --from;
    }
    if (definition.sign) return definition;
    if (closed > 0) return {};
    return {opening_sign(text, before_blanks(text, from)), from};
}

} // namespace ango::markdown

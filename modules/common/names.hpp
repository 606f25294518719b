// Names as people see them. Two names may look alike and differ all the same: by a blank at the end, by a character
// without a shape, by the Unicode normal form of an accented letter (NFC or NFD), or by upper and lower case.
//
// The data of Unicode come from utf8proc, which Debian packages: a copy of its tables here would grow old, and libicu is
// a hundred times as large, which each module would load.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ango::common {

/// text without blanks at both ends. As blanks count all spaces of Unicode, control characters, and characters that have
/// no shape, such as the zero-width space and the byte order mark.
std::string_view without_blanks(std::string_view text);

/// Whether text holds nothing that can be seen.
inline bool is_blank(std::string_view text) { return without_blanks(text).empty(); }

/// Appends text with every character made visible that cannot be seen: U+2420 for a blank at an end or beside another
/// one, and <U+00A0> for all others.
void append_visible(std::string &out, std::string_view text);

/// Equal for two names that look the same: the NFC form without blanks at both ends and without characters that have no
/// shape, in which each run of blanks is one blank. A name of more than 512 bytes, or that is not UTF-8, is its own look,
/// because the normal form of a long text may cost time that grows with the square of its length.
std::string look_of(std::string_view name);

/// The same without the difference of upper and lower case.
std::string caseless_look_of(std::string_view name);

/// name in the Unicode form NFC, in which an accented letter is one character, or NFD, in which it is a letter and a mark.
/// Unchanged under the same conditions as look_of.
std::string composed(std::string_view name);
std::string decomposed(std::string_view name);

/// How two names differ that a reader may take for one.
enum class Difference { invisible, normal_form, letter_case };

/// Nothing: the names are equal, or differ plainly.
std::optional<Difference> difference(std::string_view a, std::string_view b);

/// "in characters that cannot be seen" and the like, to stand behind "differs from it only".
std::string_view said(Difference how);

/// Names in a given order, for finding the one that is meant. It holds about four copies of each name.
class NameIndex {
public:
    struct Found {
        std::size_t index;                    ///< of the first such name, in the order of add
        std::optional<Difference> difference; ///< nothing: the name is equal
    };
    NameIndex() = default;
    template <class Names> explicit NameIndex(const Names &names) {
        for (const auto &name : names) add(name);
    }

    void add(std::string_view name);
    std::size_t size() const { return names_.size(); }
    const std::string &operator[](std::size_t index) const { return names_[index]; }
    /// The name that is equal, otherwise one that looks the same, otherwise one that differs in upper and lower case.
    std::optional<Found> find(std::string_view name) const;
    /// The same without names that differ in upper and lower case.
    std::optional<std::size_t> same(std::string_view name) const;

private:
    using Indices = std::unordered_map<std::string, std::size_t>;
    std::vector<std::string> names_;
    Indices exact_, by_look_, by_caseless_look_;
};

} // namespace ango::common

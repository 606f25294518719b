#include "common/image_size.hpp"

#include "common/text.hpp"

#include <ango/module.hpp>

namespace ango::common {

namespace {

constexpr std::uint64_t kLargestSide = 1'000'000'000'000; // px

std::optional<Size> read_pair(const Json &value) {
    if (!value.IsArray() || value.Size() != 2) return std::nullopt;
    const std::optional<std::uint64_t> width = whole_number(&value[0]);
    const std::optional<std::uint64_t> height = whole_number(&value[1]);
    if (!width || !height || *width == 0 || *height == 0 || *width > kLargestSide || *height > kLargestSide)
        return std::nullopt;
    return Size{*width, *height};
}

} // namespace

ImageSizes::ImageSizes(const Json *table) {
    if (!table) return;
    for (auto member = table->MemberBegin(); member != table->MemberEnd(); ++member) {
        std::vector<Size> pages;
        bool good = true;
        if (const std::optional<Size> one = read_pair(member->value)) {
            pages.push_back(*one);
        } else if (member->value.IsArray() && !member->value.Empty()) {
            for (const Json &page : member->value.GetArray()) {
                const std::optional<Size> size = read_pair(page);
                good = good && size;
                pages.push_back(size.value_or(Size{}));
            }
        } else {
            good = false;
        }
        if (!good)
            throw Failure("Option \"image_sizes\" holds no size for " + quote(text_of(&member->name)) +
                          ", but must give [width, height] in whole pixels, or a list of them with one for each page.");
        names_.add(text_of(&member->name));
        sizes_.push_back(std::move(pages));
    }
}

Size ImageSizes::look_up(std::string_view external_id, std::string_view url, std::uint64_t page) const {
    if (sizes_.empty()) return {};
    for (const std::string_view key : {external_id, url}) {
        const auto found = names_.same(key);
        if (found && page < sizes_[*found].size()) return sizes_[*found][page];
    }
    return {};
}

std::string_view without_query(std::string_view url) { return url.substr(0, url.find('?')); }

} // namespace ango::common

#include "host/brush/image_overlay.hpp"

#include "common/png.hpp"

#include <fmt/format.h>

#include <cstring>
#include <vector>

namespace angod::host {

namespace {

using ango::common::PngReader;
using ango::common::PngWriter;

/// A file of a few bytes can stand for any number of pixels, and each of them costs time.
constexpr std::uint64_t kMaxPixels = 1'000'000'000;

Error unreadable(const char *which, const std::string &problem) {
    return error(Code::invalid, fmt::format("the {} file {}", which, problem));
}

} // namespace

Result<std::string> lay_image_over(std::string_view above, std::string_view below) {
    PngReader over(above, kMaxPixels), under(below, kMaxPixels);
    if (over.problem()) return unreadable("new", *over.problem());
    if (under.problem()) return unreadable("existing", *under.problem());
    const auto size = over.size();
    if (size != under.size())
        return error(Code::invalid, fmt::format("they have {} × {} pixels and the new ones {} × {}", under.size().width,
                                                under.size().height, size.width, size.height));
    PngWriter out(size);
    std::vector<unsigned char> row(static_cast<std::size_t>(size.width) * 4);
    for (std::uint64_t y = 0; y < size.height; ++y) {
        const unsigned char *lower = under.row();
        if (!lower) return unreadable("existing", *under.problem());
        const unsigned char *upper = over.row();
        if (!upper) return unreadable("new", *over.problem());
        std::memcpy(row.data(), lower, row.size());
        for (std::size_t at = 0; at < row.size(); at += 4)
            if (upper[at + 3] > 0) std::memcpy(&row[at], upper + at, 4);
        out.row(row.data());
    }
    auto file = out.finish();
    if (!file) return error(Code::io, "the file cannot be written for lack of memory");
    return std::move(*file);
}

} // namespace angod::host

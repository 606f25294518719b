#include "host/brush/image_overlay.hpp"

#include "common/png.hpp"
#include "printing.hpp"

#include <string>
#include <vector>

using namespace angod;
using namespace angod::host;

namespace {

using Pixels = std::vector<std::uint32_t>; ///< 0xRRGGBBAA, row by row

std::string png(std::uint64_t width, const Pixels &pixels) {
    ango::common::PngWriter out({width, pixels.size() / width});
    std::vector<unsigned char> row;
    for (const std::uint32_t pixel : pixels) {
        for (int shift = 24; shift >= 0; shift -= 8) row.push_back(static_cast<unsigned char>(pixel >> shift));
        if (row.size() < width * 4) continue;
        out.row(row.data());
        row.clear();
    }
    return out.finish().value();
}

Pixels pixels_of(const std::string &file) {
    Pixels out;
    ango::common::PngReader in(file, 1000);
    for (std::uint64_t y = 0; y < in.size().height; ++y) {
        const unsigned char *row = in.row();
        REQUIRE(row);
        for (std::uint64_t x = 0; x < in.size().width; ++x, row += 4)
            out.push_back(std::uint32_t{row[0]} << 24 | std::uint32_t{row[1]} << 16 | std::uint32_t{row[2]} << 8 |
                          row[3]);
    }
    return out;
}

std::string problem(const std::string &above, const std::string &below) {
    const auto both = lay_image_over(above, below);
    return both ? "none" : both.error().text;
}

constexpr std::uint32_t kRed = 0xff0000ff, kGreen = 0x00ff00ff, kFaint = 0x0000ff01, kClear = 0, kHidden = 0x12345600;

} // namespace

TEST_CASE("a pixel that is not fully transparent wins, colours included") {
    const auto both = lay_image_over(png(3, {kRed, kFaint, kHidden, kClear, kClear, kClear}),
                                     png(3, {kGreen, kGreen, kGreen, kClear, kHidden, kFaint}));
    REQUIRE(both);
    CHECK(pixels_of(*both) == Pixels{kRed, kFaint, kGreen, kClear, kHidden, kFaint});
}

TEST_CASE("images of different sizes are not laid over each other") {
    CHECK(problem(png(2, {kRed, kRed}), png(1, {kRed, kRed})) == "they have 1 × 2 pixels and the new ones 2 × 1");
}

TEST_CASE("a file that cannot be read is named") {
    const std::string good = png(2, {kRed, kGreen});
    CHECK(problem("GIF89a", good) == "the new file is no PNG file");
    CHECK(problem(good, "") == "the existing file is no PNG file");
    CHECK(problem(good, good.substr(0, good.size() - 30)).starts_with("the existing file "));
    std::string damaged = good;
    damaged[good.find("IDAT") + 6] ^= 0x55;
    CHECK(problem(damaged, good).starts_with("the new file "));
}

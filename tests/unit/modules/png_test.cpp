// Rows of PNG files as red, green, blue, alpha.
#include "common/pixel_map.hpp"
#include "common/png.hpp"
#include "png_file.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace ango::common;
using namespace std::string_literals;

namespace {

struct Read {
    std::string pixels;
    Size size;
    std::optional<std::string> why;
};

Read read(const std::string &bytes, std::uint64_t max_pixels = 1'000'000) {
    Read out;
    PngSink sink;
    sink.start = [&](Size size) {
        out.size = size;
        return true;
    };
    sink.row = [&](std::uint64_t, const unsigned char *rgba) {
        out.pixels.append(reinterpret_cast<const char *>(rgba), out.size.width * 4);
    };
    out.why = read_png(bytes, max_pixels, sink);
    return out;
}

} // namespace

TEST_CASE("every kind of PNG comes as eight bits of red, green, blue and alpha") {
    CHECK(read(png_file::encode({.width = 2, .rows = "abcdefgh"})).pixels == "abcdefgh");
    CHECK(read(png_file::encode({.width = 2, .colour = 2, .rows = "abcdef"})).pixels == "abc\xFF"
                                                                                        "def\xFF");
    CHECK(read(png_file::encode({.width = 2, .colour = 0, .rows = "ab"})).pixels == "aaa\xFF"
                                                                                    "bbb\xFF");
    CHECK(read(png_file::encode({.width = 2, .colour = 4, .rows = "a1b2"})).pixels == "aaa1bbb2");
    CHECK(read(png_file::encode({.width = 1, .depth = 16, .colour = 2, .rows = "axbxcx"})).pixels == "abc\xFF");
    CHECK(read(png_file::encode({.width = 3, .depth = 1, .colour = 0, .rows = "\xA0"})).pixels ==
          "\xFF\xFF\xFF\xFF\0\0\0\xFF\xFF\xFF\xFF\xFF"s);
    CHECK(read(png_file::encode({.width = 2,
                                 .colour = 3,
                                 .rows = "\1\0"s,
                                 .more_chunks = png_file::chunk("PLTE", "abcdef") + png_file::chunk("tRNS", "\x10")}))
              .pixels == "def\xFF"
                         "abc\x10");
}

TEST_CASE("a gamma that a PNG claims changes no colour") {
    CHECK(read(png_file::encode({.width = 1, .rows = "abcd", .more_chunks = png_file::chunk("gAMA", "\0\1\x86\xA0"s)}))
              .pixels == "abcd");
}

TEST_CASE("a file that is no readable PNG is refused with the reason") {
    const std::string good = png_file::encode({.width = 2, .rows = "abcdefgh"});
    CHECK(read("").why == "is no PNG file");
    CHECK(read("GIF89a, or so it says").why == "is no PNG file");
    for (std::size_t size = 8; size < good.size() - 12; ++size) CHECK(read(good.substr(0, size)).why); // IEND may miss
    CHECK(read(good, 1).why == "has 2 x 1 pixels, more than max_pixels");
    CHECK(read(png_file::encode({.width = 2, .interlace = 1, .rows = "abcdefgh"})).why == "is interlaced");
    CHECK(read(png_file::encode({.width = 2, .height = 9, .rows = "abcdefgh"})).why); // rows are missing
    CHECK(read(png_file::encode({.width = 0, .rows = ""})).why);
    CHECK(read(png_file::encode({.width = 0x7FFFFFFF, .height = 0x7FFFFFFF, .rows = "abcd"})).why);
    std::string other_crc = good;
    other_crc[16] = 'x';
    CHECK(read(other_crc).why);
}

TEST_CASE("a file that is not wanted is not read") {
    PngSink sink;
    sink.start = [](Size size) { return size.width != 2; };
    sink.row = [](std::uint64_t, const unsigned char *) { FAIL("a row has come"); };
    CHECK(read_png(png_file::encode({.width = 2, .rows = "abcdefgh"}), 100, sink) == "has another size than its image");
}

TEST_CASE("a pixel map gives the runs, extent and number of pixels of each mask") {
    PixelMap map;
    map.reset({3, 4});
    for (const auto &[x, y] : {std::pair{0, 1}, {0, 2}, {2, 3}}) map.set(std::uint64_t(x), std::uint64_t(y), 1);
    map.set(2, 0, 2);
    std::vector<PixelMap::Mask> masks;
    REQUIRE(map.collect(2, masks));
    CHECK(masks[1].runs == std::vector<Run>{{0, 1, 3}, {2, 3, 4}});
    CHECK(masks[1].pixels == 3);
    CHECK(masks[1].box == Box{0, 1, 3, 4});
    CHECK(masks[2].runs == std::vector<Run>{{2, 0, 1}});
    REQUIRE(map.collect(1, masks)); // numbers above are left out
    CHECK(masks.size() == 2);
    map.rename({0, 0, 1, 0});
    REQUIRE(map.collect(1, masks));
    CHECK(masks[1].runs == std::vector<Run>{{2, 0, 1}});
}

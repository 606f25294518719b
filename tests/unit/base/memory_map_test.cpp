#include "base/memory_map.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

using namespace angod;

TEST_CASE("a line of the memory map is read with its file, which may have blanks in its name") {
    const auto one = parse_mapping(
        "7f12a4c01000-7f12a4c05000 r-xp 00001000 fe:01 1234567                    /srv/my modules/a.so (deleted)");
    REQUIRE(one);
    CHECK(one->begin == 0x7f12a4c01000);
    CHECK(one->end == 0x7f12a4c05000);
    CHECK(one->offset == 0x1000);
    CHECK(one->readable);
    CHECK(one->executable);
    CHECK(one->path == "/srv/my modules/a.so (deleted)");
    CHECK(one->has(0x7f12a4c01000));
    CHECK_FALSE(one->has(0x7f12a4c05000));
}

TEST_CASE("a mapping without a file has an empty path, and one that is no code is not executable") {
    const auto one = parse_mapping("55d0c0a00000-55d0c0a21000 rw-p 00000000 00:00 0 ");
    REQUIRE(one);
    CHECK(one->path.empty());
    CHECK_FALSE(one->executable);
}

TEST_CASE("a line in another format is no mapping") {
    for (const char *line : {"", "-", "1", "1-", "1-2", "1-2 r-xp", "1-2 r-xp 0", "x-2 r-xp 0 0:0 0",
                             "1-2 r-xp zz 0:0 0", "11111111111111111-2 r-xp 0 0:0 0 /f"})
        CHECK_FALSE(parse_mapping(line));
}

TEST_CASE("each line of the map of this process is read, and one of them has this function") {
    static const int here = 0;
    std::ifstream maps("/proc/self/maps");
    std::size_t lines = 0;
    bool found = false;
    for (std::string line; std::getline(maps, line); ++lines) {
        const auto one = parse_mapping(line);
        REQUIRE_MESSAGE(one, line);
        found = found || (one->has(reinterpret_cast<std::uint64_t>(&here)) && one->path.ends_with("angod_unit_tests"));
    }
    CHECK(lines > 10);
    CHECK(found);
}

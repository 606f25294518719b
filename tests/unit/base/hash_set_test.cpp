#include "base/hash_set.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace angod;

TEST_CASE("a set of texts contains what was inserted") {
    HashSet set;
    for (int i = 0; i < 20'000; ++i) REQUIRE(set.insert("name " + std::to_string(i)));
    for (int i = 0; i < 20'000; ++i) REQUIRE(!set.insert("name " + std::to_string(i)));
    for (int i = 0; i < 20'000; ++i) REQUIRE(set.contains("name " + std::to_string(i)));
    for (int i = 20'000; i < 40'000; ++i) REQUIRE(!set.contains("name " + std::to_string(i)));
    CHECK(set.size() == 20'000);
    CHECK(!HashSet().contains("name"));
}

TEST_CASE("the hash is SipHash-1-3") {
    // The lower halves, for a key of the bytes 0 to 15 and texts of 0, 1, 2 ... bytes that count from 0.
    constexpr std::uint32_t kExpected[] = {0x050fc4dc, 0x7d57ca93, 0x4dc7d44d, 0xe7ddf7fb, 0x88d38328, 0x49533b67,
                                           0xc59f22a7, 0x9bb11140, 0x8d299a8e, 0x6c063de4, 0x92ff097f, 0xf94dc352,
                                           0x57b4d9a2, 0x1229ffa7, 0xc0f95d34, 0x2a519956, 0x7d908b66};
    std::string text;
    for (const std::uint32_t expected : kExpected) {
        CAPTURE(text.size());
        CHECK(static_cast<std::uint32_t>(sip_hash({0x0706050403020100u, 0x0f0e0d0c0b0a0908u}, text)) == expected);
        text += static_cast<char>(text.size());
    }
}

TEST_CASE("another key gives another hash") { CHECK(sip_hash({1, 2}, "text") != sip_hash({1, 3}, "text")); }

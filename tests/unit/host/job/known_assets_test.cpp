#include "host/job/known_assets.hpp"

#include <doctest/doctest.h>

using namespace angod::host;
using namespace std::chrono_literals;

TEST_CASE("an asset is known for a minute") {
    KnownAssets known;
    const auto now = KnownAssets::Clock::now();
    CHECK_FALSE(known.find("a", now));
    known.keep("a", {"data", "name", "{}"}, now);
    REQUIRE(known.find("a", now + 60s));
    CHECK(known.find("a", now)->external_id == "name");
    CHECK_FALSE(known.find("a", now + 61s));
    CHECK_FALSE(known.find("b", now));
    known.keep("a", {"other", "name", "{}"}, now + 30s);
    CHECK(known.find("a", now + 61s)->data == "other");
}

TEST_CASE("the oldest gives way, and large assets are not kept") {
    KnownAssets known;
    const auto now = KnownAssets::Clock::now();
    for (std::size_t i = 0; i <= KnownAssets::kMost; ++i) known.keep(std::to_string(i), {}, now);
    CHECK_FALSE(known.find("0", now));
    CHECK(known.find("1", now));
    CHECK(known.find(std::to_string(KnownAssets::kMost), now));
    known.keep("large", {std::string(KnownAssets::kMaxBytes + 1, 'x'), "", ""}, now);
    CHECK_FALSE(known.find("large", now));
}

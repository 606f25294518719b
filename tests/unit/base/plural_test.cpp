#include "base/plural.hpp"

#include <doctest/doctest.h>

using angod::plural;

TEST_CASE("one is singular, all other counts are plural") {
    CHECK(plural(1) == "");
    for (const std::uint64_t count : {0, 2, 11}) CHECK(plural(count) == "s");
    CHECK(plural(1, "was", "were") == "was");
    CHECK(plural(0, "was", "were") == "were");
}

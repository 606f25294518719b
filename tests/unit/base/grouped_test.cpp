#include "base/grouped.hpp"

#include <doctest/doctest.h>

using angod::grouped;

TEST_CASE("numbers are grouped") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
}

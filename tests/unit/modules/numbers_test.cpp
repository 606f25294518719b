#include "common/numbers.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <random>

using namespace ango::common;

namespace {

std::string fixed(double value, unsigned decimals) {
    std::string out;
    append_fixed(out, value, decimals);
    return out;
}
std::string rounded(double value, unsigned decimals) {
    std::string out;
    append_rounded(out, value, decimals);
    return out;
}

} // namespace

TEST_CASE("fixed numbers keep their zeros, rounded ones do not") {
    CHECK(fixed(200, 2) == "200.00");
    CHECK(rounded(200, 2) == "200");
    CHECK(rounded(60.5, 2) == "60.5");
    CHECK(rounded(100.05, 2) == "100.05");
    CHECK(rounded(1000, 0) == "1000");
    CHECK(fixed(0.5, 0) == "0");
}

TEST_CASE("nothing prints a minus zero") {
    CHECK(fixed(-0.0, 2) == "0.00");
    CHECK(fixed(-0.004, 2) == "0.00");
    CHECK(rounded(-0.004, 2) == "0");
    CHECK(fixed(-0.006, 2) == "-0.01");
}

TEST_CASE("large numbers have no exponent") {
    CHECK(fixed(1e22, 2) == "10000000000000000000000.00");
    CHECK(rounded(1e15, 2) == "1000000000000000");
}

TEST_CASE("numbers round as printf does, also next to a tie") {
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> values(-5000, 5000);
    for (int i = 0; i < 200000; ++i) {
        double value = values(random);
        if (i % 4 == 0)
            value = static_cast<double>(static_cast<int>(value * 1000)) / 1000; // thousandths: ties of two decimals
        char expected[64];
        std::snprintf(expected, sizeof expected, "%.2f", value);
        if (std::string(expected) == "-0.00") continue;
        REQUIRE(fixed(value, 2) == expected);
    }
}

TEST_CASE("hundredths round as printed numbers do, also next to a tie and far out") {
    std::mt19937_64 random(8);
    for (int i = 0; i < 200000; ++i) {
        const double reach = i % 3 == 0 ? 4e9 : i % 3 == 1 ? 1e12 : 5000;
        double value = std::uniform_real_distribution<double>(-reach, reach)(random);
        if (i % 4 == 0) value = static_cast<double>(static_cast<std::int64_t>(value * 1000)) / 1000;
        if (i % 8 == 0) value = static_cast<double>(static_cast<std::int64_t>(value * 8)) / 8; // exact ties
        std::string out;
        append_hundredths(out, to_hundredths(value));
        REQUIRE(out == rounded(value, 2));
    }
    std::string out;
    append_hundredths(out, to_hundredths(-0.001));
    CHECK(out == "0");
}

#include "base/histogram.hpp"

#include <doctest/doctest.h>

using angod::Histogram;
using namespace std::chrono_literals;

TEST_CASE("a histogram counts by upper bounds, which belong to their bucket, and what is beyond the last") {
    Histogram histogram;
    CHECK(histogram.count() == 0);
    histogram.add(10ms);
    histogram.add(11ms);
    histogram.add(60s);
    histogram.add(100h);
    CHECK(histogram.up_to(0) == 1);
    CHECK(histogram.up_to(1) == 2);
    CHECK(histogram.up_to(4) == 3);
    CHECK(histogram.up_to(Histogram::kBounds.size() - 1) == 3);
    CHECK(histogram.count() == 4);
    CHECK(histogram.sum() == doctest::Approx(360060.021));
}

#include "base/http_date.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t kNoon = 784'111'777'000; // Sun, 06 Nov 1994 08:49:37 GMT

} // namespace

TEST_CASE("the date of an HTTP header is understood") {
    CHECK(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777'000);
    CHECK(parse_http_date("Thu, 29 Feb 1996 00:00:00 GMT").has_value());
    for (const char *text :
         {"", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:3x GMT", "Sun, 06 Abc 1994 08:49:37 GMT",
          "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"})
        CHECK_FALSE(parse_http_date(text));
}

TEST_CASE("a time as JSON has it is understood to the millisecond") {
    CHECK(parse_iso_time("1994-11-06T08:49:37.125Z") == 784'111'777'125);
    CHECK(parse_iso_time("1994-11-06T08:49:37Z") == 784'111'777'000);
    CHECK(parse_iso_time("1994-11-06T08:49:37.1Z") == 784'111'777'100);
    CHECK(parse_iso_time("1994-11-06T08:49:37.125999Z") == 784'111'777'125);
    for (const char *text :
         {"", "1994-11-06", "1994-11-06T08:49:37", "1994-11-06T08:49:37+01:00", "1994-11-06T08:49:37.Z",
          "1994-11-06T08:49:37.1x5Z", "1994-13-06T08:49:37Z", "1994-11-06 08:49:37Z", "1994-11-06T08:49:+7Z"})
        CHECK_FALSE(parse_iso_time(text));
}

TEST_CASE("a pause is understood as seconds") {
    CHECK(parse_retry_after("0", kNoon) == 0ms);
    CHECK(parse_retry_after("120", kNoon) == 120s);
    CHECK(parse_retry_after("  7 ", kNoon) == 7s);
}

TEST_CASE("a pause is understood as a date") {
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", kNoon) == 0ms);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:07 GMT", kNoon) == 30s);
    CHECK(parse_retry_after("Sat, 05 Nov 1994 08:49:37 GMT", kNoon) == 0ms); // it has passed
    CHECK(parse_retry_after("Thu, 29 Feb 1996 00:00:00 GMT", kNoon).has_value());
}

TEST_CASE("a Retry-After that makes no sense is as good as none") {
    for (const char *value :
         {"", " ", "soon", "-1", "1.5", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nov 1994 25:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET"})
        CHECK_FALSE(parse_retry_after(value, kNoon).has_value());
}

TEST_CASE("an absurd Retry-After does not overflow") {
    CHECK(parse_retry_after("99999999999999999999999999", kNoon) == 1'000'000'000s);
    CHECK(parse_retry_after("Sun, 06 Nov 9999 08:49:37 GMT", kNoon) == 1'000'000'000s);
}

#include "rest/http_date.hpp"

#include <doctest/doctest.h>

using namespace angod::rest;

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

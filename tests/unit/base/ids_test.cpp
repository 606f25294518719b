#include "base/clock.hpp"
#include "base/ids.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace angod;

TEST_CASE("ids are UUIDs of version 7 and differ") {
    std::set<std::string> ids;
    for (int i = 0; i < 1000; ++i) {
        const std::string id = new_id();
        REQUIRE(id.size() == 36);
        CHECK(id[14] == '7');
        CHECK((id[19] == '8' || id[19] == '9' || id[19] == 'a' || id[19] == 'b'));
        ids.insert(id);
    }
    CHECK(ids.size() == 1000);
}

TEST_CASE("digests and encodings agree with known values") {
    CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_base64("") == "");
    CHECK(to_base64("\x01\x02\x03z") == "AQIDeg==");
}

TEST_CASE("times are written in UTC with milliseconds") {
    CHECK(iso_time(0) == "1970-01-01T00:00:00.000Z");
    CHECK(iso_time(1714641011123) == "2024-05-02T09:10:11.123Z");
}

// The conditions for continuing a download. The integration tests cover downloads over HTTP.
#include "host/pipeline/download.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

rest::Response answer(long status, std::vector<rest::Header> headers) {
    rest::Response response;
    response.status = status;
    response.headers = std::move(headers);
    response.host = "s3.test";
    return response;
}

ResumePoint after(std::vector<rest::Header> first, std::uint64_t taken) {
    ResumePoint point;
    CHECK(point.skip(answer(200, std::move(first))).value() == 0);
    point.taken = taken;
    return point;
}

} // namespace

TEST_CASE("the first request asks for everything") { CHECK(ResumePoint().headers().empty()); }

TEST_CASE("a later request asks for the rest, if the file is still the same") {
    const ResumePoint point = after({{"ETag", "\"v1\""}, {"Content-Length", "100"}}, 40);
    REQUIRE(point.headers().size() == 2);
    CHECK(point.headers()[0].value == "bytes=40-");
    CHECK(point.headers()[1].name == "If-Range");
    CHECK(point.headers()[1].value == "\"v1\"");
    CHECK(after({{"ETag", "W/\"v1\""}, {"Content-Length", "100"}}, 40).headers().size() ==
          1); // weak ones are not allowed there
}

TEST_CASE("206 goes on where it stopped") {
    ResumePoint point = after({{"ETag", "\"v1\""}, {"Content-Length", "100"}}, 40);
    CHECK(point.skip(answer(206, {{"ETag", "\"v1\""}, {"Content-Range", "bytes 40-99/100"}})).value() == 0);
    CHECK(point.skip(answer(206, {{"Content-Range", "bytes 30-99/100"}})).value() == 10);
    CHECK(point.skip(answer(206, {{"Content-Range", "bytes 50-99/100"}})).has_error()); // a gap
    CHECK(point.skip(answer(206, {{"Content-Range", "bytes */100"}})).has_error());
    CHECK(point.skip(answer(206, {})).has_error());
}

TEST_CASE("200 begins again, and what is known is skipped") {
    ResumePoint point = after({{"ETag", "\"v1\""}, {"Content-Length", "100"}}, 40);
    CHECK(point.skip(answer(200, {{"ETag", "\"v1\""}, {"Content-Length", "100"}})).value() == 40);
    CHECK(point.skip(answer(200, {{"Content-Length", "100"}})).value() == 40);
}

TEST_CASE("another file under the same address is an error") {
    ResumePoint point = after({{"ETag", "\"v1\""}, {"Content-Length", "100"}}, 40);
    CHECK(point.skip(answer(200, {{"ETag", "\"v2\""}, {"Content-Length", "100"}})).error().text ==
          "the file at s3.test changed while it was downloaded");
    CHECK(point.skip(answer(200, {{"ETag", "\"v1\""}, {"Content-Length", "99"}})).has_error());
    CHECK(point.skip(answer(206, {{"ETag", "\"v1\""}, {"Content-Range", "bytes 40-98/99"}})).has_error());
}

TEST_CASE("a file of which nothing is known cannot be gone on with") {
    ResumePoint point = after({}, 40);
    CHECK(point.skip(answer(200, {})).has_error());
    ResumePoint fresh = after({}, 0);
    CHECK(fresh.skip(answer(200, {})).has_value()); // nothing was taken: it may begin again
}

TEST_CASE("a file is complete when its size is known and reached") {
    CHECK(after({{"Content-Length", "100"}}, 100).complete());
    CHECK_FALSE(after({{"Content-Length", "100"}}, 99).complete());
    CHECK_FALSE(after({}, 100).complete());
}

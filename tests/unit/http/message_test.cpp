#include "http/message.hpp"

#include <doctest/doctest.h>

using namespace angod::http;

TEST_CASE("a target is taken apart and decoded") {
    Request request;
    request.set_target("/v1/plugins/a%20b+c?state=x%26y&flag&empty=&a+b=1%");
    CHECK(request.path == "/v1/plugins/a b c");
    CHECK(request.query ==
          std::map<std::string, std::string>{{"state", "x&y"}, {"flag", ""}, {"empty", ""}, {"a b", "1%"}});
}

TEST_CASE("of a name that is there twice the last value counts, and empty pairs are names too") {
    Request request;
    request.set_target("/?a=1&a=2&&b=c=d");
    CHECK(request.query == std::map<std::string, std::string>{{"a", "2"}, {"", ""}, {"b", "c=d"}});
}

TEST_CASE("a target without a query leaves none of the one before") {
    Request request;
    request.set_target("/a?b=c");
    request.set_target("/d");
    CHECK(request.path == "/d");
    CHECK(request.query.empty());
    request.set_target("/e?");
    CHECK(request.query.empty());
}

TEST_CASE("a header counts only if it is there exactly once") {
    Request request;
    request.headers = {{"one", "1"}, {"two", "2"}, {"two", "3"}};
    CHECK(request.header("one") == "1");
    CHECK(!request.header("two"));
    CHECK(!request.header("three"));
}

#include "common/record.hpp"

#include <doctest/doctest.h>

using namespace ango::common;

namespace {

struct Read {
    explicit Read(const char *text) : error(record.read(*parser.parse(text), unknown)) {}
    JsonParser parser;
    UnknownMembers unknown;
    Record record;
    std::optional<std::string> error;
};

} // namespace

TEST_CASE("a record without task or with one of another type is refused") {
    CHECK(Read(R"({"externalId":"a"})").error == "has no task");
    CHECK(Read(R"({"task":null})").error == "has no task");
    CHECK(Read(R"({"tasks":[]})").error == "has no task");
    CHECK(Read("3").error == "is 3, not an asset record");
    CHECK_FALSE(Read(R"({"task":{}})").error);
}

TEST_CASE("members of a wrong type count as absent") {
    const Read read(
        R"({"asset":1,"metadata":[],"dataset":{},"batches":"x","task":{"tools":{},"relations":3,"taskId":7}})");
    CHECK_FALSE(read.error);
    CHECK(read.record.asset_url.empty());
    CHECK_FALSE(read.record.dataset);
    CHECK_FALSE(read.record.batches);
    CHECK_FALSE(read.record.tasks[0].tools);
}

TEST_CASE("a size counts only if both sides are finite and above zero") {
    JsonParser parser;
    const auto size = [&](const char *metadata) { return size_in_metadata(parser.parse(metadata)); };
    CHECK(size(R"({"width":640,"height":"480"})") == Size{640, 480});
    CHECK(size(R"({"width":640.4,"height":0.2})") == Size{640, 1});
    for (const char *bad : {R"({"width":640})", R"({"width":0,"height":4})", R"({"width":-6,"height":4})",
                            R"({"width":"6px","height":4})", R"({"width":null,"height":4})",
                            R"({"width":1e300,"height":4})", R"({"width":"nan","height":4})"})
        CHECK_FALSE_MESSAGE(size(bad).known(), bad);
}

TEST_CASE("unknown members are remembered once each") {
    const Read read(R"({"x":1,"y":1,"task":{"x":2}})");
    CHECK(read.unknown.count() == 2);
    CHECK(read.unknown.some() == "x, y");
}

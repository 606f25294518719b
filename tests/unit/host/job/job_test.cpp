#include "host/job/job.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

TEST_CASE("a member that is null counts as absent") {
    const std::string event = R"({"a":1,"b":null,"apiKey":"k"})";
    Job job;
    job.members = *json::members(event);
    CHECK(job.field("a") == "1");
    CHECK_FALSE(job.field("b"));
    CHECK_FALSE(job.field("c"));
    CHECK(job.api_key() == "k");
    CHECK(job.project() == "");
    CHECK(job.text_field("a") == "");
}

TEST_CASE("a flag is read as Python reads it, and the last of several counts") {
    const std::string event = R"({"yes":true,"text":"x","zero":0,"none":null,"twice":true,"twice":false})";
    Job job;
    job.members = *json::members(event);
    CHECK(job.flag("yes", false));
    CHECK(job.flag("text", false));
    CHECK_FALSE(job.flag("zero", true));
    CHECK_FALSE(job.flag("none", true));
    CHECK_FALSE(job.flag("twice", true));
    CHECK(job.flag("absent", true));
    CHECK_FALSE(job.flag("absent", false));
}

#include "host/explorer/explorer_event.hpp"
#include "printing.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::host;

namespace {

Result<ExplorerEvent> read(const std::string &event) {
    Job job;
    job.event = event;
    job.members = *json::members(job.event);
    return read_explorer_event(job);
}

} // namespace

TEST_CASE("what an event does not say is empty") {
    for (const char *event : {"{}", R"({"bucket":null,"folder":null,"files":null,"upload":null,"scrollToken":null})"}) {
        const auto found = read(event).value();
        CHECK(found.bucket.empty());
        CHECK(found.token.empty());
        CHECK(found.files.empty());
        CHECK_FALSE(found.upload);
    }
}

TEST_CASE("an event says what to look at and what to import") {
    const auto found =
        read(R"({"bucket":"b","folder":"f\/","files":["a","\u00fc"],"upload":true,"scrollToken":"t","batches":["1"],
        "storageId":"s","integrationId":"older"})")
            .value();
    CHECK(found.folder == "f/");
    CHECK(found.files == std::vector<std::string>{"a", "ü"});
    CHECK(found.storage == "s");
    CHECK(found.batches.size() == 1);
    CHECK(found.upload);
    CHECK(read(R"({"integrationId":"older"})")->storage == "older");
}

TEST_CASE("upload is what the vendor's clients take for true") {
    for (const char *yes : {"true", "1", "\"no\"", "[0]"})
        CHECK(read(R"({"upload":)" + std::string(yes) + "}")->upload);
    for (const char *no : {"false", "0", "\"\"", "[]", "{}"})
        CHECK_FALSE(read(R"({"upload":)" + std::string(no) + "}")->upload);
}

TEST_CASE("a member of another type is an error that names it") {
    for (const char *name : {"bucket", "folder", "scrollToken", "storageId", "integrationId", "files", "batches"}) {
        const auto found = read(R"({")" + std::string(name) + R"(":{"a":1}})");
        REQUIRE_FALSE(found);
        CHECK(found.error().text.find('"' + std::string(name) + '"') != std::string::npos);
    }
    CHECK_FALSE(read(R"({"files":[["a"]]})"));
}

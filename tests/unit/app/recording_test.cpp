#include "app/recording.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::app;
using namespace std::chrono_literals;

namespace {

const Recording::Time kStart{100h};

} // namespace

TEST_CASE("a recording holds what came while it was on, without contents") {
    Recording recording;
    recording.event(kStart, R"({"session":"s"})");
    CHECK_FALSE(recording.is_on(kStart));
    CHECK(recording.view(kStart).messages.empty());

    recording.begin(kStart);
    recording.event(kStart + 5ms, R"({"session":"s"})");
    const std::string body = R"({"data":{"storages":[{"name":"s"}]}})";
    recording.answer(kStart + 7ms, {"j", "GET", "/v2/storages?page=1", 200, body.size(), body});
    recording.answer(kStart + 8ms, {"j", "GET", "/v2/storages", 502, 6, "<html>"});
    recording.event(kStart + Recording::kLongest, "{}");
    const auto view = recording.view(kStart + 9ms);
    CHECK(view.on);
    CHECK(view.left_out == 0);
    REQUIRE(view.messages.size() == 3);
    CHECK(view.messages[0] == R"({"at_ms":5,"event":"plugin","payload":{"session":"text-1[1]"}})");
    CHECK(view.messages[1] == R"({"at_ms":7,"call":"GET /v2/storages?page=…","status":200,)"
                              R"("body":{"data":{"storages":[{"name":"text-1[1]"}]}}})");
    CHECK(view.messages[2] == R"({"at_ms":8,"call":"GET /v2/storages","status":502,"body":"text-2[6]"})");
    const auto news = recording.view(kStart + 9ms, 2);
    CHECK(news.messages == std::vector<std::string>{view.messages[2]});
    CHECK(recording.view(kStart + 9ms, 4).messages.empty());
    CHECK_FALSE(recording.view(kStart + Recording::kLongest).on);
    recording.end();
    CHECK_FALSE(recording.view(kStart + 9ms).on);
    CHECK(recording.view(kStart + 9ms).messages.size() == 3);

    recording.begin(kStart + 1h);
    CHECK(recording.view(kStart + 1h).messages.empty());
}

TEST_CASE("a recording is bounded, and says what it left out") {
    Recording recording;
    recording.begin(kStart);
    recording.event(kStart, "\"" + std::string(300 * 1024, 'x') + "\"");
    recording.answer(kStart, {"j", "GET", "/v2/x", 200, 50'000'000, ""});
    CHECK(recording.view(kStart).messages[0].find("307202 bytes, which is too long") != std::string::npos);
    CHECK(recording.view(kStart).messages[1].find("50000000 bytes, which is too long") != std::string::npos);
    for (int i = 0; i < 1'004; ++i) recording.event(kStart, "{}");
    CHECK(recording.view(kStart).messages.size() == 1'000);
    CHECK(recording.view(kStart).left_out == 6);
}

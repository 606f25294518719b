#include "rest/answer.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::rest;

namespace {

const Asked kAsked{"the export", "hub.test", {"key-123456"}};

Error no(long status, std::string_view body, std::string_view type = "application/json") {
    const auto answer = read_answer(kAsked, {status, type, body});
    REQUIRE_FALSE(answer.has_value());
    return answer.error();
}

bool holds(const Error &error, std::string_view text) { return error.text.find(text) != std::string::npos; }

} // namespace

TEST_CASE("an answer that says success is handed on") {
    const auto answer =
        read_answer(kAsked, {200, "application/json", R"({"status":"success","data":{"exportPath":"https://x/y"}})"});
    REQUIRE(answer.has_value());
    CHECK(data_text(kAsked, *answer, "exportPath").value() == "https://x/y");
}

TEST_CASE("an answer without a status is a success") {
    CHECK(read_answer(kAsked, {201, "", R"({"data":{}})"}).has_value());
    CHECK(read_answer(kAsked, {200, "", R"({"status":null,"data":{}})"}).has_value());
}

TEST_CASE("a failure inside of a 200 is a failure") {
    const Error failed = no(200, R"({"status":"fail","message":"No such stage"})");
    CHECK(failed.text == "Hub refused the export: No such stage (HTTP 200 from hub.test).");
    CHECK(no(200, R"({"status":"error"})").code == Code::remote);
    CHECK(no(200, R"({"status":1})").code == Code::remote);
}

TEST_CASE("a status inside of the answer counts more than that of its head") {
    const Error failed = no(200, R"({"error":{"statusCode":404},"message":"no such asset"})");
    CHECK(failed.code == Code::not_found);
    CHECK(failed.text == "Hub refused the export: no such asset (HTTP 404 from hub.test).");
    CHECK(no(200, R"({"error":{"statusCode":429}})").code == Code::network);
    CHECK(holds(no(200, R"({"error":{"statusCode":403}})"), "the user who ran the plugin may not do this"));
    CHECK(no(200, R"({"error":{"statusCode":"many","message":"x"}})").code == Code::remote);
    CHECK(no(200, R"({"error":true,"status":"success"})").code == Code::remote);
    for (const char *none : {"null", "false", "\"\"", "{}"})
        CHECK(read_answer(kAsked, {200, "", std::string(R"({"error":)") + none + "}"}).has_value());
}

TEST_CASE("the message of the server reaches the user") {
    const Error failed = no(403, R"({"status":"fail","message":"You are not a member"})");
    CHECK(failed.text == "Hub refused the export: You are not a member (HTTP 403 from hub.test). "
                         "Check the rights of the user who ran the plugin in this project.");
    CHECK(failed.code == Code::remote);
}

TEST_CASE("a bad API key is explained") {
    const Error failed = no(401, R"({"status":"fail","message":"jwt expired"})");
    CHECK(holds(failed, "the API key of the user who ran the plugin is not valid (Hub says: jwt expired)"));
    CHECK(holds(failed, "run the plugin again"));
}

TEST_CASE("codes tell what a caller decides by") {
    CHECK(no(400, "{}").code == Code::invalid);
    CHECK(no(404, "{}").code == Code::not_found);
    CHECK(no(429, "{}").code == Code::network);
    CHECK(no(503, "{}").code == Code::network);
    CHECK(no(409, "{}").code == Code::remote);
}

TEST_CASE("a message is found wherever servers put it") {
    CHECK(holds(no(400, R"({"error":"bad stage"})"), "bad stage"));
    CHECK(holds(no(400, R"({"error":{"message":"bad batch"}})"), "bad batch"));
    CHECK(holds(no(400, R"({"message":["a must be b","c"]})"), R"(["a must be b","c"])"));
    CHECK(holds(no(400, "plain words"), "plain words"));
    CHECK(holds(no(400, ""), "the request was not understood"));
}

TEST_CASE("pages of HTML are not pasted") {
    const Error failed = no(502, "<html><body>nginx</body></html>", "text/html");
    CHECK(failed.text == "Hub refused the export: bad gateway (HTTP 502 from hub.test).");
    CHECK(holds(no(200, "  <!doctype html><p>Sign in", "text/html"), "is a web page instead of JSON"));
}

TEST_CASE("what is no JSON object is no answer") {
    CHECK(no(200, "").code == Code::protocol);
    CHECK(holds(no(200, ""), "is empty"));
    CHECK(holds(no(200, "[1]"), "is no JSON object"));
    CHECK(holds(no(200, "{\"a\":"), "is not JSON"));
    const std::string deep(100'000, '[');
    CHECK(no(200, deep).code == Code::protocol);
}

TEST_CASE("long messages are cut between characters") {
    std::string message = "x";
    for (int i = 0; i < 500; ++i) message += "ü";
    const Error failed = no(400, "{\"message\":\"" + message + "\"}");
    CHECK(failed.text.size() < 400);
    CHECK(holds(failed, "ü…"));
}

TEST_CASE("secrets and signed URLs do not come back in messages") {
    const Error failed = no(400, R"({"message":"bad key key-123456 for https://s3.test/a?sig=abcdef"})");
    CHECK(holds(failed, "bad key *** for https://s3.test/a?…"));
    CHECK_FALSE(holds(failed, "key-123456"));
    CHECK_FALSE(holds(failed, "abcdef"));
}

TEST_CASE("a missing or empty member of data is an error that names it") {
    const auto answer = read_answer(kAsked, {200, "", R"({"status":"success","data":{"exportPath":""}})"});
    CHECK(data_text(kAsked, *answer, "exportPath").error().text.find("data.exportPath") != std::string::npos);
    CHECK(data_text(kAsked, *answer, "other").has_error());
    const auto odd = read_answer(kAsked, {200, "", R"({"data":[1]})"});
    CHECK(data_text(kAsked, *odd, "exportPath").has_error());
}

TEST_CASE("a storage explains itself in XML") {
    const Answer answer{
        403, "application/xml",
        "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"};
    CHECK(storage_refusal({"the upload of the result", "s3.test", {}}, answer).text ==
          "the storage refused the upload of the result: AccessDenied: Request has expired (HTTP 403 from s3.test).");
    CHECK(storage_refusal({"the upload", "s3.test", {}}, {403, "text/html", "<html>"}).text ==
          "the storage refused the upload: access denied (HTTP 403 from s3.test).");
    CHECK(storage_refusal({"the upload", "s3.test", {}}, {503, "", ""}).code == Code::network);
}

#include "base/anonymiser.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("names, keys and contents become placeholders, the form stays") {
    Anonymiser anonymiser;
    CHECK(anonymiser.message(R"({"session":"s 1","apiKey":"k","n":1.5,"ok":true,"none":null,"list":[],"empty":""})") ==
          R"({"session":"text-1[3]","apiKey":"text-2[1]","n":1.5,"ok":true,"none":null,"list":[],"empty":""})");
    CHECK(anonymiser.message(R"(["5f0c3a5e8f1b2c3d4e5f6a7b","someone@example.test","k"])") ==
          R"(["id-1[24]","mail-1[20]","text-2[1]"])"); // the key again
}

TEST_CASE("words of Hub stay, where they are words") {
    Anonymiser anonymiser;
    CHECK(anonymiser.message(R"({"provider":"AWS","type":"my secret type","status":"success","name":"AWS"})") ==
          R"({"provider":"AWS","type":"text-1[14]","status":"success","name":"text-2[3]"})");
    CHECK(anonymiser.message(R"({"configJSON":"{\"type\":\"acme-hospital\"}","tool":"bounding-box"})") ==
          R"({"configJSON":"{\"type\":\"text-3[13]\"}","tool":"bounding-box"})");
}

TEST_CASE("JSON inside of a text is walked too") {
    Anonymiser anonymiser;
    CHECK(anonymiser.message(R"({"configJSON":"{\"split\":0.2,\"owner\":\"me\"}"})") ==
          R"({"configJSON":"{\"split\":0.2,\"owner\":\"text-1[2]\"}"})");
    CHECK(anonymiser.message(R"({"configJSON":"{broken"})") == R"({"configJSON":"text-2[7]"})");
}

TEST_CASE("of an address the scheme, the ending and the names of parameters stay") {
    Anonymiser anonymiser;
    CHECK(anonymiser.message(R"(["https://b.s3.test/a/photo of me.png?X-Amz-Date=1&X-Amz-Signature=abc"])") ==
          R"(["https://host-1/path-1.png?X-Amz-Date=…&X-Amz-Signature=…"])");
    CHECK(anonymiser.message(R"(["https://b.s3.test/","https://b.s3.test/a/photo of me.png"])") ==
          R"(["https://host-1","https://host-1/path-1.png"])");
    CHECK(anonymiser.message(R"(["https://user:pass@b.test/x?a b=1"])") == R"(["https://host-2/path-2?name-1=…"])");
    CHECK(anonymiser.message(R"(["miller-2026://x","https://h.test/?token"])") ==
          R"(["text-1[15]","https://host-3?name-2=…"])");
    CHECK(anonymiser.path("/v2/project/5f0c3a5e8f1b2c3d4e5f6a7b/assets?page=1&filters=%7B%7D") ==
          "/v2/project/id-1/assets?page=…&filters=…");
    CHECK(anonymiser.path("/v2//webhook/5f0c3a5e8f1b2c3d4e5f6a7b/") == "/v2//webhook/id-1/");
}

TEST_CASE("member names that users choose are replaced") {
    Anonymiser anonymiser;
    CHECK(anonymiser.message(R"({"contextData":{"patient":"x"},"a name with blanks":1})") ==
          R"({"contextData":{"name-1":"text-1[1]"},"name-2":1})");
    CHECK(anonymiser.message(R"({"metadata":{"a":[{"PatientMiller":1,"type":"image"}]}})") ==
          R"({"metadata":{"name-3":[{"name-4":1,"name-5":"text-2[5]"}]}})");
    CHECK(anonymiser.message(R"({"af0c3a5e8f1b2c3d4e5f6a7b":1,"schemaId2":2})") == R"({"name-6":1,"schemaId2":2})");
}

TEST_CASE("anything else becomes one placeholder, as valid JSON") {
    Anonymiser anonymiser;
    CHECK(anonymiser.message("<html>") == R"("text-1[6]")");
    CHECK(anonymiser.message(std::string(1000, '[')) == R"("text-2[1000]")");
    CHECK(json::check(anonymiser.message("\xff\"")));
    CHECK(anonymiser.path("").empty());
}

TEST_CASE("the number of placeholders is bounded") {
    Anonymiser anonymiser;
    for (int i = 0; i < 10'000; ++i) anonymiser.message('"' + std::to_string(i) + '"');
    CHECK(anonymiser.message(R"("one more")") == R"("text[8]")");
    CHECK(anonymiser.message(R"("0")") == R"("text-1[1]")");
}

#include "connector/bodies.hpp"

#include <doctest/doctest.h>

using namespace angod::connector;

TEST_CASE("an answer in the names of the published description keeps its own members") {
    CHECK(published_answer(R"({"export":true,"response":"u","session":"s"})", "ID") ==
          R"({"export":true,"response":"u","session":"s","pluginId":"ID","taskId":"s","status":"success"})");
    CHECK(published_answer(R"({"error":true,"session":7})", "ID") ==
          R"({"error":true,"session":7,"response":{},"pluginId":"ID","taskId":7,"status":"error"})");
}

TEST_CASE("a line of log has its text under both names, and its level in small letters") {
    CHECK(published_log(R"({"organization":"o","session":"s","level":"INFO","msg":"a\"b"})") ==
          R"({"organization":"o","session":"s","level":"info","msg":"a\"b","message":"a\"b"})");
}

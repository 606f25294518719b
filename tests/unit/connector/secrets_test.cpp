#include "connector/secrets.hpp"

#include <doctest/doctest.h>

using namespace angod::connector;

TEST_CASE("a secret finds its owner, and nothing else does") {
    Secrets secrets;
    CHECK(!secrets.find(""));
    secrets.add("one", 1);
    secrets.add("two", 2);
    secrets.add("one more", 7);
    CHECK(secrets.find("one") == 1);
    CHECK(secrets.find("two") == 2);
    CHECK(secrets.find("one more") == 7);
    for (const char *wrong : {"", "on", "onee", "One", "one ", "two\n"}) CHECK_MESSAGE(!secrets.find(wrong), wrong);
}

TEST_CASE("of several owners of a secret the last one has it, and the others when that is gone") {
    Secrets secrets;
    for (const std::uint64_t owner : {1, 2, 4, 7}) secrets.add("same", owner);
    secrets.add("other", 8);
    CHECK(secrets.find("same") == 7);
    secrets.remove(7);
    CHECK(secrets.find("same") == 4);
    secrets.remove(1);
    CHECK(secrets.find("same") == 4);
}

TEST_CASE("a removed secret is none any more, and the others stay") {
    Secrets secrets;
    secrets.add("one", 1);
    secrets.add("two", 2);
    secrets.remove(1);
    CHECK(!secrets.find("one"));
    CHECK(secrets.find("two") == 2);
}

#include "base/nearest.hpp"

#include <doctest/doctest.h>

using namespace angod;

namespace {

const std::vector<std::string> kWords{"status",  "plugins", "plugin", "jobs",    "job",
                                      "modules", "logs",    "reload", "shutdown"};

} // namespace

TEST_CASE("the nearest word has few wrong, missing, additional or swapped letters") {
    const std::pair<const char *, const char *> pairs[] = {
        {"plguins", "plugins"}, {"statsu", "status"}, {"stat", "status"},   {"modles", "modules"}, {"loggs", "logs"},
        {"jbo", "job"},         {"relaod", "reload"}, {"shut", "shutdown"}, {"plugins", "plugins"}};
    for (const auto &[given, meant] : pairs) CHECK(nearest(given, kWords) == meant);
}

TEST_CASE("a word that has little in common with all others has no nearest one") {
    for (const std::string &given : {std::string("dance"), std::string("x"), std::string(), std::string(100'000, 'p')})
        CHECK_FALSE(nearest(given, kWords));
    CHECK_FALSE(nearest("status", {}));
    CHECK(nearest("ab", {"abcd"}) == "abcd");
    CHECK_FALSE(nearest("ab", {"abcde"}));
}

TEST_CASE("a sentence names the word that was meant, or else all that there are") {
    const std::vector<std::string> states{"queued", "running", "done"};
    CHECK(no_such("state", "runing", states) == R"(there is no state "runing"; did you mean "running"?)");
    CHECK(no_such("state", "lost", states) == R"(there is no state "lost"; known: queued, running, done)");
    CHECK(no_such("plugin", "p", {}) == R"(there is no plugin "p")");
}

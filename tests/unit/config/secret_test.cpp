#include "config/secret.hpp"

#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>

using namespace angod;
using namespace angod::config;

namespace {

struct Read {
    std::string secret;
    Problems problems;
};

Read read(const std::string &text) {
    Read out;
    const auto file = File::parse("f.json", text, out.problems);
    REQUIRE(file);
    Section section(*file, "", &file->root(), out.problems);
    out.secret = read_secret(section);
    return out;
}

} // namespace

TEST_CASE("a secret comes from the environment") {
    ::setenv("ANGOD_TEST_SECRET", "s1", 1);
    CHECK(read(R"({"secret_env": "ANGOD_TEST_SECRET"})").secret == "s1");
    ::unsetenv("ANGOD_TEST_SECRET");
    const Read unset = read(R"({"secret_env": "ANGOD_TEST_SECRET"})");
    CHECK(unset.problems.errors ==
          std::vector<std::string>{"f.json:1: secret_env: the environment variable ANGOD_TEST_SECRET is not set"});
}

TEST_CASE("a secret comes from a credential of the service manager") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "one") << "s2\n";
    std::filesystem::permissions(folder.path() / "one", std::filesystem::perms::owner_read);
    ::setenv("CREDENTIALS_DIRECTORY", folder.path().c_str(), 1);
    const Read good = read(R"({"secret_credential": "one"})");
    CHECK(good.secret == "s2");
    CHECK(good.problems.errors.empty());
    CHECK(good.problems.warnings.empty());
    CHECK(read(R"({"secret_credential": "two"})").problems.errors.size() == 1);
    ::unsetenv("CREDENTIALS_DIRECTORY");
    CHECK(read(R"({"secret_credential": "one"})").problems.errors.size() == 1);
}

TEST_CASE("an empty secret is refused") {
    CHECK(read(R"({"secret": ""})").problems.errors == std::vector<std::string>{"f.json:1: secret: must not be empty"});
}

TEST_CASE("a secret with something that cannot be seen is refused, from every source") {
    const std::string tail = "has a blank at an end or a character that cannot be seen; remove it";
    CHECK(read("{\"secret\": \"s1\u00a0\"}").problems.errors == std::vector<std::string>{"f.json:1: secret: " + tail});
    ::setenv("ANGOD_TEST_SECRET", "s1 ", 1);
    CHECK(read(R"({"secret_env": "ANGOD_TEST_SECRET"})").problems.errors ==
          std::vector<std::string>{"f.json:1: secret_env: " + tail});
    ::unsetenv("ANGOD_TEST_SECRET");
    const TemporaryFolder folder;
    const auto file = folder.path() / "secret";
    std::ofstream(file) << "\xef\xbb\xbfs1\r\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read);
    const Read good = read(R"({"secret_file": ")" + file.string() + "\"}");
    CHECK(good.secret == "s1");
    CHECK(good.problems.errors.empty());
}

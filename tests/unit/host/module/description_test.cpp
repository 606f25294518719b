#include "host/module/description.hpp"

#include "host/module/own_module.hpp"
#include "printing.hpp"

#include <cstddef>

using namespace angod;
using namespace angod::host;

namespace {

Result<std::string> described(const OwnModule &module, const std::string &text) {
    OwnModule::behaviour.description = text;
    return describe(module.loaded, R"({"n":1})");
}

std::string refused(const OwnModule &module, const std::string &text) {
    const auto result = described(module, text);
    return result ? "" : result.error().text;
}

} // namespace

TEST_CASE("classes and options are taken from the description, and nothing else is") {
    const OwnModule module;
    CHECK(described(module, R"({"classes":["a","b"],"config":{"x":1}})").value() ==
          R"(,"classes":["a","b"],"config":{"x":1})");
    CHECK(described(module, R"({"later":5,"config":{}})").value() == R"(,"config":{})");
    CHECK(described(module, "{}").value().empty());
    CHECK(described(module, "").value().empty());
    CHECK(OwnModule::behaviour.settings.front() == R"({"n":1})");
}

TEST_CASE("a temporary instance is made for each description and destroyed after it") {
    const OwnModule module;
    REQUIRE(described(module, "{}"));
    CHECK(OwnModule::behaviour.settings.size() == 1);
    CHECK(OwnModule::behaviour.destroyed == 1);
}

TEST_CASE("the instance is destroyed too if its description cannot be used") {
    const OwnModule module;
    CHECK(!described(module, "[1]"));
    CHECK(OwnModule::behaviour.destroyed == 1);
    CHECK(!described(module, R"({"classes":{}})"));
    CHECK(OwnModule::behaviour.destroyed == 2);
    OwnModule::behaviour.describe_status = ANGO_FAILED;
    CHECK(!described(module, "{}"));
    CHECK(OwnModule::behaviour.destroyed == 3);
}

TEST_CASE("a module without describe has nothing to say, and no instance is made") {
    OwnModule module;
    module.descriptor.describe = nullptr;
    CHECK(described(module, "[").value().empty());
    OwnModule old;
    old.descriptor.struct_size = offsetof(ango_module, describe); // built before describe was added
    CHECK(described(old, "[").value().empty());
    CHECK(OwnModule::behaviour.settings.empty());
}

TEST_CASE("a description that is none says what is wrong with it") {
    const OwnModule module;
    CHECK(refused(module, R"({"classes":{"a":1}})") ==
          "the module's description cannot be used: \"classes\" must be a list");
    CHECK(refused(module, R"({"config":[]})") ==
          "the module's description cannot be used: \"config\" must be an object");
    CHECK(refused(module, R"({"config")").starts_with("the module's description cannot be used: "));
    CHECK(refused(module, "[]").starts_with("the module's description cannot be used: "));
    OwnModule::behaviour.describe_status = ANGO_IO;
    CHECK(refused(module, "{}") == "the module's description cannot be used: describe failed with status -5");
}

TEST_CASE("whatever fails or throws is an error") {
    const OwnModule module;
    OwnModule::behaviour.destroy_throws = true;
    CHECK(refused(module, "{}") == "the module's destroy threw an exception: not yet");
    OwnModule::behaviour.describe_throws = true;
    CHECK(refused(module, "{}") == "the module's describe threw an exception: no words");
    OwnModule::behaviour.create_status = ANGO_FAILED;
    OwnModule::behaviour.failure = "The key is missing.";
    CHECK(refused(module, "{}") == "The key is missing.");
}

#include "host/module/instances.hpp"

#include "host/module/own_module.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::host;

TEST_CASE("each plugin has an instance of its own, made from its settings") {
    OwnModule module;
    Instances instances(module.loaded);
    REQUIRE(instances.open("a", 0, R"({"n":1})"));
    REQUIRE(instances.open("b", 0, R"({"n":2})"));
    CHECK(OwnModule::behaviour.settings == std::vector<std::string>{R"({"n":1})", R"({"n":2})"});
    const auto *a = instances.find("a"), *b = instances.find("b");
    REQUIRE(a);
    REQUIRE(b);
    CHECK(a->instance != b->instance);
    CHECK(a->kind == PluginKind::input);
    CHECK(instances.find("c") == nullptr);
    CHECK(OwnModule::behaviour.destroyed == 0);
}

TEST_CASE("a plugin has the kind that is asked for, or the module's first") {
    OwnModule module;
    module.loaded.kinds = {PluginKind::model, PluginKind::batch_model};
    Instances instances(module.loaded);
    REQUIRE(instances.open("any", 0, "{}"));
    REQUIRE(instances.open("batch", ANGO_KIND_BATCH_MODEL, "{}"));
    CHECK(instances.find("any")->kind == PluginKind::model);
    CHECK(instances.find("batch")->kind == PluginKind::batch_model);
    const auto other = instances.open("export", ANGO_KIND_EXPORT, "{}");
    REQUIRE(!other);
    CHECK(other.error().text == "the module own does not serve this plugin kind");
    CHECK(instances.find("export") == nullptr);
    CHECK(OwnModule::behaviour.settings.size() == 2); // create was not called for it
}

TEST_CASE("a plugin whose create fails has no instance, and the reason is the module's") {
    OwnModule module;
    Instances instances(module.loaded);
    OwnModule::behaviour.create_status = ANGO_FAILED;
    auto opened = instances.open("a", 0, "{}");
    REQUIRE(!opened);
    CHECK(opened.error().text == "the module's create failed with status -1 and gave no reason");
    OwnModule::behaviour.failure = "The key is missing.";
    opened = instances.open("a", 0, "{}");
    REQUIRE(!opened);
    CHECK(opened.error().text == "The key is missing.");
    OwnModule::behaviour.create_throws = true;
    opened = instances.open("a", 0, "{}");
    REQUIRE(!opened);
    CHECK(opened.error().text == "the module's create threw an exception: no room");
    CHECK(instances.find("a") == nullptr);
}

TEST_CASE("a plugin that is opened again has the new instance") {
    OwnModule module;
    Instances instances(module.loaded);
    REQUIRE(instances.open("a", 0, "{}"));
    const auto *first = instances.find("a")->instance;
    OwnModule::behaviour.create_status = ANGO_FAILED;
    CHECK(!instances.open("a", 0, "{}"));
    CHECK(instances.find("a")->instance == first);
    OwnModule::behaviour.create_status = ANGO_OK;
    REQUIRE(instances.open("a", 0, "{}"));
    CHECK(instances.find("a")->instance != first);
}

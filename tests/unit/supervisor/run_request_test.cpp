#include "supervisor/run_request.hpp"

#include "supervisor/end_sentences.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::supervisor;

TEST_CASE("the kind of a run: the one that is named, or the module's only one") {
    ModuleInfo one, two;
    one.id = "one";
    one.kinds = {PluginKind::input};
    two.id = "two";
    two.kinds = {PluginKind::model, PluginKind::batch_model};
    CHECK(*choose_kind(one, "", "--kind") == PluginKind::input);
    CHECK(*choose_kind(one, "input", "--kind") == PluginKind::input);
    CHECK(*choose_kind(two, "batch-model", "--kind") == PluginKind::batch_model);
    CHECK(choose_kind(two, "", "--kind").error().text ==
          "the module two serves several kinds; say with --kind which one is meant: model, batch-model");
    CHECK(choose_kind(one, "model", "--kind").error().text ==
          "the module one does not serve the kind model; it serves input");
    CHECK(choose_kind(one, "odd", "--kind").error().text ==
          "the module one does not serve the kind odd; it serves input");
}

TEST_CASE("a run request holds what the runs of a plugin have in common, and the limits in bytes") {
    RunSettings settings;
    settings.plugin = "p";
    settings.api_url = "https://hub.example";
    settings.ca_file = "/ca.pem";
    settings.proxies.https = "http://proxy.example";
    settings.limits.asset_mb = 3;
    const auto request = make_run_request(settings, "job", "{}", "/scratch/job");
    CHECK(request.job == "job");
    CHECK(request.plugin == "p");
    CHECK(request.event == "{}");
    CHECK(request.attempt == 1);
    CHECK(request.has_checkpoint == 0);
    CHECK(request.scratch == "/scratch/job");
    CHECK(request.api_url == "https://hub.example");
    CHECK(request.ca_file == "/ca.pem");
    CHECK(request.proxy_https == "http://proxy.example");
    CHECK(request.asset_bytes == 3 << 20);
    CHECK(request.spool_bytes == std::uint64_t{20480} << 20);
    CHECK(request.unzip_bytes == std::uint64_t{102400} << 20);
}

TEST_CASE("the sentences of ends name their limits") {
    CHECK(time_out_sentence(1) == "The plugin did not finish within its limit of 1 second and was stopped.");
    CHECK(time_out_sentence(2) == "The plugin did not finish within its limit of 2 seconds and was stopped.");
    CHECK(over_memory_sentence(64) == "The plugin used more memory than the 64 MB that it may use and was stopped.");
}

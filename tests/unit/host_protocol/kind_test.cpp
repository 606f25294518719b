#include "host_protocol/kind.hpp"

#include <doctest/doctest.h>

using namespace angod;

TEST_CASE("every kind has a name of its own, by which it is found") {
    for (const PluginKind kind : kAllKinds) {
        CHECK(!name_of(kind).empty());
        CHECK(kind_of(name_of(kind)) == kind);
    }
    CHECK(!kind_of(""));
    CHECK(!kind_of("Export"));
}

TEST_CASE("a run has effects by its kind, where the event does not decide") {
    for (const PluginKind kind : {PluginKind::export_, PluginKind::batch_model, PluginKind::markdown})
        CHECK(has_effects(kind, {}));
    CHECK(!has_effects(PluginKind::input, {true, true}));
    CHECK(!has_effects(PluginKind::model, {false, true}));
    CHECK(has_effects(PluginKind::model, {true, false}));
    CHECK(!has_effects(PluginKind::file_explorer, {true, false}));
    CHECK(has_effects(PluginKind::file_explorer, {false, true}));
}

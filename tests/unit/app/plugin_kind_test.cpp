#include "app/plugin_kind.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::app;

TEST_CASE("without a setting, runs that users wait for go side by side on a concurrent module") {
    config::Plugin plugin;
    for (const PluginKind kind : kAllKinds) {
        CAPTURE(name_of(kind));
        const bool waited_for =
            kind == PluginKind::input || kind == PluginKind::file_explorer || kind == PluginKind::model;
        CHECK(runs_at_a_time(plugin, kind, true) == (waited_for ? 16 : 1));
        CHECK(runs_at_a_time(plugin, kind, false) == 1);
    }
    plugin.concurrency = 3;
    CHECK(runs_at_a_time(plugin, PluginKind::export_, false) == 3);
    CHECK(runs_at_a_time(plugin, PluginKind::input, true) == 3);
}

#include "admin/metrics_text.hpp"
#include "admin/routes.hpp"

#include <doctest/doctest.h>

using namespace angod;
using namespace angod::admin;
using namespace std::chrono_literals;

namespace {

bool has(const std::string &text, const std::string &line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("families and samples in the text format") {
    MetricsText out;
    out.family("a_total", "counter", "How often\nsomething \\ happened.");
    out.sample({}, std::uint64_t{18446744073709551615u});
    out.family("b_seconds", "gauge", "B.");
    out.sample({{"x", "1"}, {"y", "2"}}, 0.25);
    CHECK(out.take() == "# HELP a_total How often\\nsomething \\\\ happened.\n"
                        "# TYPE a_total counter\n"
                        "a_total 18446744073709551615\n"
                        "# HELP b_seconds B.\n"
                        "# TYPE b_seconds gauge\n"
                        "b_seconds{x=\"1\",y=\"2\"} 0.25\n");
}

TEST_CASE("label values are escaped, and bytes that are no UTF-8 replaced") {
    MetricsText out;
    out.family("m", "gauge", "M.");
    out.sample({{"l", "a\"b\\c\nd\xc3\xa9\xff\xc3"}}, std::uint64_t{1});
    CHECK(has(out.take(), "m{l=\"a\\\"b\\\\c\\nd\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"} 1"));
}

TEST_CASE("a histogram's buckets add up, and the last holds all") {
    Histogram histogram;
    histogram.add(500ms);
    histogram.add(2000h);
    MetricsText out;
    out.family("h_seconds", "histogram", "H.");
    out.sample("plugin", "p", histogram);
    const std::string text = out.take();
    CHECK(has(text, R"(h_seconds_bucket{plugin="p",le="0.1"} 0)"));
    CHECK(has(text, R"(h_seconds_bucket{plugin="p",le="1"} 1)"));
    CHECK(has(text, R"(h_seconds_bucket{plugin="p",le="36000"} 1)"));
    CHECK(has(text, R"(h_seconds_bucket{plugin="p",le="+Inf"} 2)"));
    CHECK(has(text, R"(h_seconds_sum{plugin="p"} 7200000.5)"));
    CHECK(has(text, R"(h_seconds_count{plugin="p"} 2)"));
}

TEST_CASE("files that cannot be used and share an id are one series, and each file counts once") {
    ModuleView serving, broken, other;
    serving.id = broken.id = other.id = "m";
    serving.generation = 3;
    serving.files = {{"/a/m.so", "", "ready", ""}, {"/b/m.so", "", "rejected", "why"}};
    broken.files = {{"/b/m.so", "", "rejected", "why"}};
    other.files = {{"/c/m.so", "", "quarantined", "why"}};
    const std::string text = metrics_text({}, {}, {broken, serving, other});
    CHECK(has(text, R"(angod_module_generation{module="m"} 3)"));
    CHECK(has(text, R"(angod_module_refused_files{module="m"} 2)"));
    CHECK(text.find("angod_module_generation{") == text.rfind("angod_module_generation{"));
}

TEST_CASE("hosts' memory is added up, and a first connection is no reconnection") {
    PluginView plugin;
    plugin.name = "p";
    plugin.state = PluginState::backoff;
    plugin.hosts = {{1, 0, 100, 1, false}, {2, 1, 50, 1, false}};
    std::string text = metrics_text({}, {plugin}, {});
    CHECK(has(text, R"(angod_hosts{plugin="p"} 2)"));
    CHECK(has(text, R"(angod_hosts_resident_memory_bytes{plugin="p"} 150)"));
    CHECK(has(text, R"(angod_plugin_live{plugin="p"} 0)"));
    CHECK(has(text, R"(angod_plugin_state{plugin="p",state="backoff"} 1)"));
    CHECK(has(text, R"(angod_plugin_reconnects_total{plugin="p"} 0)"));
    plugin.connects = 3;
    text = metrics_text({}, {plugin}, {});
    CHECK(has(text, R"(angod_plugin_connects_total{plugin="p"} 3)"));
    CHECK(has(text, R"(angod_plugin_reconnects_total{plugin="p"} 2)"));
}

#include "config/config.hpp"

#include <doctest/doctest.h>

using namespace angod::config;

TEST_CASE("the keys that need a new start are named, each once") {
    const Config now;
    CHECK(needs_restart(now, now).empty());
    Config next;
    next.module_dirs = {"/elsewhere"};
    next.state_dir = "/elsewhere";
    next.admin.mode = 0600;
    next.admin.group = "ops";
    next.connector.port = 1;
    next.limits.max_hosts = 1;
    next.crash.count = 9;
    next.power_safe = true;
    CHECK(needs_restart(now, next) == std::vector<std::string>{"module_dirs", "state_dir", "admin", "connector",
                                                               "limits.max_hosts", "crash", "durability"});
}

TEST_CASE("what can change while angod runs is taken over, the rest stays") {
    Config now;
    Config next;
    next.state_dir = "/elsewhere";
    next.limits.max_hosts = 1;
    next.limits.spool_mb = 2;
    next.connector.port = 3;
    next.connector.hold_s = 4;
    next.hub.url = "https://other.test";
    next.log.level = "debug";
    next.drain_s = 5;
    next.retention_days = 6;
    next.plugins.emplace_back().name = "a";
    CHECK(needs_restart(now, next).size() == 3);
    const Config before = now;
    take_over(now, next);
    CHECK(now.state_dir == before.state_dir);
    CHECK(now.limits.max_hosts == before.limits.max_hosts);
    CHECK(now.connector.port == before.connector.port);
    CHECK(now.limits.spool_mb == 2);
    CHECK(now.connector.hold_s == 4);
    CHECK(now.hub.url == "https://other.test");
    CHECK(now.log.level == "debug");
    CHECK(now.drain_s == 5);
    CHECK(now.retention_days == 6);
    REQUIRE(now.plugins.size() == 1);
    CHECK(now.plugins[0].name == "a");
}

// A pool of fake hosts (fake_hosts.hpp) for the jobs of a plugin.
#pragma once

#include "supervisor/fake_hosts.hpp"
#include "supervisor/host_pool.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace angod::supervisor {

struct Pool : FakeHosts {
    std::optional<HostPool> pool;

    explicit Pool(std::size_t max_hosts = 10) { pool.emplace(context.get_executor(), program, max_hosts, Log()); }

    GenerationPtr generation(std::uint64_t number, const std::string &lines = "id echo\nversion 1\n",
                             bool concurrent = false) const {
        Generation made;
        made.number = number;
        made.version.staged = module(lines, std::to_string(number) + ".so");
        made.version.info.id = "echo";
        made.version.info.concurrent = concurrent;
        return std::make_shared<const Generation>(made);
    }
    static PluginSpec spec(GenerationPtr generation, std::uint32_t concurrency = 1) {
        PluginSpec spec;
        spec.plugin = "plugin";
        spec.generation = std::move(generation);
        spec.concurrency = concurrency;
        spec.settings = "settings";
        return spec;
    }
    awaitable<HostPool::Lease> lease(PluginSpec spec, Sharing sharing = Sharing::shared) {
        auto got = co_await pool->acquire(std::move(spec), sharing, std::chrono::steady_clock::time_point::max());
        REQUIRE(got.has_value());
        co_return std::move(*got);
    }
    awaitable<AcquireFailure>
    fails(PluginSpec spec, Sharing sharing = Sharing::shared,
          std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max()) {
        auto got = co_await pool->acquire(std::move(spec), sharing, deadline);
        REQUIRE(!got);
        CHECK(!got.error().text.empty());
        co_return got.error().why;
    }
    std::shared_ptr<const HostPool::Slot> slot(std::size_t place = 0) const {
        const auto slots = pool->hosts_of("plugin");
        REQUIRE(slots.size() > place);
        return slots[place];
    }
    std::size_t hosts() const { return pool->hosts_of("plugin").size(); }
    /// A lease that is waited for beside the test.
    struct Waiting {
        std::optional<HostPool::Acquired> got;
    };
    static awaitable<void> wait_for(Pool &pool, Waiting &waiting, PluginSpec spec, Sharing sharing) {
        waiting.got.emplace(
            co_await pool.pool->acquire(std::move(spec), sharing, std::chrono::steady_clock::time_point::max()));
    }
    void start(Waiting &waiting, PluginSpec spec, Sharing sharing = Sharing::shared) {
        spawn(context.get_executor(), "waiting", wait_for(*this, waiting, std::move(spec), sharing));
    }
};

} // namespace angod::supervisor

// The hosts of one plugin in the pool that all plugins share. Event loop only.
#pragma once

#include "app/hosts.hpp"
#include "app/shared.hpp"
#include "supervisor/crash_count.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace angod::app {

class PluginHosts final : public Hosts {
public:
    /// shared and config outlive it. log: of the plugin.
    PluginHosts(const Shared &shared, const config::Plugin &config, Log log);

    /// Called when a host that was up has ended before its time.
    void on_lost(std::function<void()> call) { lost_ = std::move(call); }
    /// From now on no host is started or handed out for the plugin.
    void stop() { wanted_.reset(); }
    std::vector<std::shared_ptr<const supervisor::HostPool::Slot>> all() const {
        return shared_.hosts.hosts_of(config_.name);
    }

    awaitable<Acquired> acquire(supervisor::GenerationPtr generation, supervisor::Sharing sharing,
                                std::chrono::steady_clock::time_point deadline, std::function<bool()> wanted) override;
    void drain_others(std::uint64_t generation) override;
    awaitable<void> drained(std::uint64_t generation) override;
    void stop_starting(const supervisor::Generation &generation) override;
    void ask_again() override { shared_.hosts.ask_again(); }
    void crashed(const std::string &how, const supervisor::Generation &generation) override;
    std::chrono::steady_clock::duration pause() const override;
    bool on_probation(const supervisor::Generation &generation) const override;
    bool is_quarantined(const supervisor::Generation &generation) const override;

private:
    supervisor::PluginSpec spec(supervisor::GenerationPtr generation, std::function<bool()> wanted);
    std::chrono::seconds drain_limit() const { return std::chrono::seconds(shared_.config.drain_s); }

    const Shared &shared_;
    const config::Plugin &config_;
    Log log_;
    std::function<void()> lost_;
    supervisor::CrashCount crashes_;
    /// Null after stop. Hosts may outlive the plugin and look here first.
    std::shared_ptr<const bool> wanted_ = std::make_shared<const bool>(true);
};

} // namespace angod::app

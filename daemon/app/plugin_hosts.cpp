#include "app/plugin_hosts.hpp"

#include "app/plugin_kind.hpp"

#include <utility>

namespace angod::app {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Hosts that are told to leave get this much longer than their runs.
constexpr auto kLeaveLimit = 10s;
constexpr std::chrono::seconds kForEver = 24h * 3650;

class PooledLease final : public HostLease {
public:
    explicit PooledLease(supervisor::HostPool::Lease lease) : lease_(std::move(lease)) {}
    awaitable<supervisor::JobEnd> run(host_protocol::RunJob request, supervisor::JobEvents events,
                                      Clock::time_point deadline) override {
        return lease_.host().run(std::move(request), std::move(events), deadline);
    }
    int pid() const override { return lease_.host().pid(); }
    void cancel(const std::string &job) override { lease_.host().cancel(job); }

private:
    supervisor::HostPool::Lease lease_;
};

} // namespace

PluginHosts::PluginHosts(const Shared &shared, const config::Plugin &config, Log log)
    : shared_(shared),
      config_(config),
      log_(std::move(log)),
      crashes_(
          {static_cast<std::size_t>(shared.config.crash.count), std::chrono::seconds(shared.config.crash.within_s)}) {}

awaitable<Hosts::Acquired> PluginHosts::acquire(supervisor::GenerationPtr generation, supervisor::Sharing sharing,
                                                Clock::time_point deadline, std::function<bool()> wanted) {
    auto wish = spec(std::move(generation), std::move(wanted));
    auto lease = co_await shared_.hosts.acquire(std::move(wish), sharing, deadline);
    if (!lease) co_return lease.error();
    Acquired acquired(std::make_unique<PooledLease>(std::move(*lease)));
    co_return acquired;
}

supervisor::PluginSpec PluginHosts::spec(supervisor::GenerationPtr generation, std::function<bool()> wanted) {
    supervisor::PluginSpec spec;
    const PluginKind kind = *kind_of_plugin(config_, *generation);
    spec.plugin = config_.name;
    spec.concurrency = static_cast<std::uint32_t>(runs_at_a_time(config_, kind, generation->version.info.concurrent));
    spec.generation = std::move(generation);
    spec.kind = static_cast<std::uint64_t>(kind);
    spec.settings = config_.settings;
    spec.environment = config_.env;
    spec.memory = static_cast<std::uint64_t>(config_.memory_mb) << 20;
    spec.overlap = !config_.replace;
    spec.idle = is_eager(config_, kind) ? kForEver : std::chrono::seconds(config_.idle_s);
    const std::weak_ptr<const bool> plugin_wants = wanted_;
    spec.wanted = [plugin_wants, wanted = std::move(wanted)] { return !plugin_wants.expired() && wanted(); };
    spec.lost = [this, plugin_wants, generation = spec.generation](bool idle, const std::string &how) {
        if (plugin_wants.expired()) return;
        if (idle) crashed(how, *generation); // a crash with jobs is told by the runs
        lost_();
    };
    return spec;
}

void PluginHosts::drain_others(std::uint64_t generation) {
    shared_.hosts.drain_others(config_.name, generation, drain_limit());
}

awaitable<void> PluginHosts::drained(std::uint64_t generation) {
    return shared_.hosts.drained(config_.name, generation, Clock::now() + drain_limit() + kLeaveLimit);
}

void PluginHosts::stop_starting(const supervisor::Generation &generation) {
    shared_.hosts.stop_starting(config_.name, generation);
}

/// Too many crashes make the next host wait, unless a version on probation is to blame.
void PluginHosts::crashed(const std::string &how, const supervisor::Generation &generation) {
    const bool is_new = on_probation(generation);
    shared_.counters.host_crashed(generation.version.info.id);
    shared_.modules.crashed(generation, how);
    if (is_new || !crashes_.add(Clock::now())) return;
    log_.error("hosts of this plugin crashed {} times within {} s; the next one starts in {} s",
               shared_.config.crash.count, shared_.config.crash.within_s,
               std::chrono::ceil<std::chrono::seconds>(pause()).count());
}

Clock::duration PluginHosts::pause() const { return crashes_.pause(Clock::now()); }

bool PluginHosts::on_probation(const supervisor::Generation &generation) const {
    return shared_.modules.on_probation(generation);
}

bool PluginHosts::is_quarantined(const supervisor::Generation &generation) const {
    return shared_.modules.is_quarantined(generation);
}

} // namespace angod::app

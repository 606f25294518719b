// The hosts that run: started when a job needs one, kept while they are useful, ended when idle.
//
// A module that can run jobs side by side gets one host for as many jobs as the plugin's concurrency, any
// other up to that many hosts. Event loop only.
#pragma once

#include "base/async.hpp"
#include "supervisor/generation.hpp"
#include "supervisor/host_process.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace angod::supervisor {

/// A plugin as the pool needs it.
struct PluginSpec {
    std::string plugin;
    GenerationPtr generation;
    std::uint32_t concurrency = 1;
    std::uint64_t kind = 0;
    std::string settings;
    std::map<std::string, std::string> environment;
    std::chrono::seconds idle{300};
    std::uint64_t memory = 0; ///< bytes that a host may use; 0: no limit
    bool overlap = true;      ///< hosts may start while earlier ones of the plugin still end their runs
    /// Once it says no, no host is started or handed out for this any more. Whoever makes it do so calls drain_others.
    std::function<bool()> wanted = [] { return true; };
    /// Called when a host that was up has ended before its time; idle: it had no job, how says how that came about.
    std::function<void(bool idle, std::string how)> lost = [](bool, std::string) {};
};

/// Why acquire found no place in a host.
enum class AcquireFailure {
    host_died,   ///< a host was started for the job and ended before it was ready
    refused,     ///< the module could not be loaded, or it refused the plugin's settings
    not_started, ///< the process could not be started, or it was not ready in time
    none_free,   ///< every place was taken until the deadline
    not_wanted,  ///< PluginSpec::wanted said no, stop_starting was called, or the pool is stopping
};
struct AcquireError {
    AcquireFailure why = AcquireFailure::not_wanted;
    std::string text; ///< one sentence for the operator, without secrets
};
[[noreturn]] void throw_exception_from_error(const AcquireError &error, const boost::source_location &);

/// Whether a job may have other jobs beside it in its host.
enum class Sharing { shared, isolated };

class HostPool {
public:
    struct Slot {
        std::shared_ptr<HostProcess> host;     ///< null while it starts
        std::shared_ptr<HostProcess> starting; ///< meanwhile
        std::string plugin;
        GenerationPtr generation;
        std::uint32_t capacity = 1, used = 0;
        bool dropped = false;                ///< not wanted any more before it was up
        bool draining = false;               ///< of a generation that serves no more: takes no further job
        std::chrono::seconds drain_limit{0}; ///< for its jobs then, from when it is up
        bool exclusive = false;              ///< for one isolated job
        std::chrono::steady_clock::time_point idle_since;
    };

    /// The right to run one job in a host; given back on destruction.
    class Lease {
    public:
        Lease(HostPool &pool, std::shared_ptr<Slot> slot) : pool_(&pool), slot_(std::move(slot)) {}
        Lease(Lease &&other) noexcept = default;
        Lease &operator=(Lease &&) = delete;
        ~Lease() {
            if (slot_) pool_->release(*slot_);
        }
        HostProcess &host() const { return *slot_->host; }

    private:
        HostPool *pool_;
        std::shared_ptr<Slot> slot_;
    };

    HostPool(const asio::any_io_executor &executor, const Program &host_program, std::size_t max_hosts, Log log);

    using Acquired = boost::system::result<Lease, AcquireError>;
    /// A place for one job. Starts a host if none is free and one more is allowed, else waits until the deadline.
    awaitable<Acquired> acquire(PluginSpec spec, Sharing sharing, std::chrono::steady_clock::time_point deadline);
    /// The plugin's hosts of every other generation take no further job and end when they have none, at the latest
    /// after the limit: then their jobs end as stopped. At most two generations with jobs drain at a time: those before
    /// end at once.
    void drain_others(const std::string &plugin, std::uint64_t generation, std::chrono::seconds limit);
    /// Ends the plugin's hosts that are still being started with this generation. Whoever waits for one looks again at
    /// whether it is wanted.
    void stop_starting(const std::string &plugin, const Generation &generation);
    /// Ends when the plugin has no host of another generation any more, or at the deadline.
    awaitable<void> drained(std::string plugin, std::uint64_t generation,
                            std::chrono::steady_clock::time_point deadline);
    /// Ends all hosts: those that are busy at once.
    awaitable<void> stop();

    std::size_t hosts() const { return slots_.size(); }
    /// Hosts of one plugin, for people.
    std::vector<std::shared_ptr<const Slot>> hosts_of(const std::string &plugin) const;

private:
    std::shared_ptr<Slot> free_slot(const PluginSpec &spec, Sharing sharing);
    bool may_start(const PluginSpec &spec, Sharing sharing) const;
    bool has_isolated_job(const std::string &plugin) const;
    bool make_room();
    awaitable<Result<void>> start(PluginSpec spec, std::shared_ptr<Slot> slot);
    void release(Slot &slot);
    void discard(const std::shared_ptr<Slot> &slot);
    awaitable<void> end_when_idle(std::shared_ptr<Slot> slot, std::chrono::seconds idle,
                                  std::function<void(bool, std::string)> lost);
    awaitable<void> drain(std::shared_ptr<Slot> slot);
    awaitable<void> retire(std::shared_ptr<Slot> slot);

    asio::any_io_executor executor_;
    const Program &host_program_;
    std::size_t max_hosts_;
    Log log_;
    std::list<std::shared_ptr<Slot>> slots_;
    std::size_t starting_ = 0;
    std::set<std::string> failed_; ///< plugins whose last start failed
    bool failed_one_starts_ = false;
    bool stopping_ = false;
    Signal changed_; ///< a place may be free
};

} // namespace angod::supervisor

// The running hosts: started when a job needs one, kept while they are useful, ended when they are idle.
//
// A module that can run jobs side by side gets one host for as many jobs as the plugin's concurrency; any other module
// gets up to that many hosts with one job each. Event loop only.
//
// A slot is a host's place in the pool:
//
//                  up         drain            drop       retire
//   starting       open       starting_stale   dropped    -
//   starting_stale draining   -                dropped    -
//   dropped        -          -                -          -
//   open           -          draining         -          leaving
//   draining       -          -                -          leaving
//   leaving        -          -                -          -
//
// "-": the event changes nothing. A slot whose start failed, and one whose host is gone, is removed from the pool.
#pragma once

#include "base/async.hpp"
#include "supervisor/generation.hpp"
#include "supervisor/host_process.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace angod::supervisor {

/// A plugin as the pool needs it.
struct PluginSpec {
    std::string plugin;
    GenerationPtr generation;
    std::uint32_t concurrency = 1; ///< jobs at a time
    std::uint64_t kind = 0;        ///< a PluginKind
    std::string settings;          ///< JSON object
    std::map<std::string, std::string> environment;
    std::chrono::seconds idle{300}; ///< a host without a job ends after this time; at least 1 s
    std::uint64_t memory = 0;       ///< bytes that a host may use; 0: no limit
    bool overlap = true;            ///< hosts may start while draining hosts of the same generation still run jobs
    /// As soon as it says no, no host is started or handed out for this spec any more. The code that makes it say no
    /// must call drain_others.
    std::function<bool()> wanted = [] { return true; };
    /// Called when a host that was up ended although it was not told to. idle: it had no job. how: a sentence for the
    /// operator.
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

enum class SlotPhase {
    starting,       ///< the host loads the module and makes the plugin's instance
    starting_stale, ///< the same, but its generation does not serve any more: it will drain once it is up
    dropped,        ///< its start was given up
    open,           ///< takes jobs
    draining,       ///< takes no further job; ends when it has none, or at the limit
    leaving,        ///< was told to end
};
enum class SlotEvent { up, drain, drop, retire };
SlotPhase next_phase(SlotPhase phase, SlotEvent event);

class HostPool {
public:
    struct Slot {
        std::shared_ptr<HostProcess> host; ///< null until the process has been started
        std::string plugin;
        GenerationPtr generation;
        SlotPhase phase = SlotPhase::starting;
        std::uint32_t capacity = 1, used = 0; ///< jobs
        Sharing sharing = Sharing::shared;    ///< of the job that runs in it
        std::chrono::seconds drain_limit{0};  ///< for its jobs once it drains, counted from when it is up
        std::chrono::steady_clock::time_point idle_since;

        /// Its host is ready, or was until it died.
        bool up() const { return phase >= SlotPhase::open; }
        bool drains() const { return phase == SlotPhase::draining || phase == SlotPhase::leaving; }
        /// True: the phase has changed.
        bool on(SlotEvent event) {
            const SlotPhase next = next_phase(phase, event);
            return std::exchange(phase, next) != next;
        }
    };

    /// The right to run one job in a host; given back on destruction. The pool outlives it.
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
    using Acquired = boost::system::result<Lease, AcquireError>;

    HostPool(const asio::any_io_executor &executor, const Program &host_program, std::size_t max_hosts, Log log);

    /// A place for one job. Starts a host if none is free and one more is allowed, else waits until the deadline.
    awaitable<Acquired> acquire(PluginSpec spec, Sharing sharing, std::chrono::steady_clock::time_point deadline);
    /// The plugin's hosts of every other generation take no further job. They end when they have no job, at the latest
    /// after the limit: then their jobs end as stopped. At most two generations with jobs drain at a time: hosts of
    /// older ones end at once.
    void drain_others(const std::string &plugin, std::uint64_t generation, std::chrono::seconds limit);
    /// Ends the plugin's hosts that are still being started with this generation. Their acquire fails as not_wanted.
    void stop_starting(const std::string &plugin, const Generation &generation);
    /// Every acquire that waits asks PluginSpec::wanted again.
    void ask_again() { changed_.wake_all(); }
    /// Returns when the plugin has no host of another generation any more, or at the deadline.
    awaitable<void> drained(std::string plugin, std::uint64_t generation,
                            std::chrono::steady_clock::time_point deadline);
    /// Ends all hosts; busy ones are killed.
    awaitable<void> stop();

    std::size_t hosts() const { return slots_.size(); }
    std::vector<std::shared_ptr<const Slot>> hosts_of(const std::string &plugin) const;

private:
    std::shared_ptr<Slot> free_slot(const PluginSpec &spec, Sharing sharing);
    bool may_start(const PluginSpec &spec, Sharing sharing) const;
    bool has_room(const PluginSpec &spec);
    bool has_isolated_job(const std::string &plugin) const;
    bool make_room();
    std::shared_ptr<Slot> add_slot(const PluginSpec &spec, Sharing sharing);
    awaitable<Result<void>> start_in(std::shared_ptr<Slot> slot, PluginSpec spec);
    awaitable<Result<void>> start_host(std::shared_ptr<Slot> slot, PluginSpec spec);
    struct Launch {
        std::optional<Result<std::shared_ptr<HostProcess>>> host;
        bool given_up = false;
    };
    awaitable<void> launch_host(std::shared_ptr<Launch> launch, HostOptions options, Log log);
    void release(Slot &slot);
    void discard(const std::shared_ptr<Slot> &slot);
    awaitable<void> follow(std::shared_ptr<Slot> slot, std::chrono::seconds idle,
                           std::function<void(bool, std::string)> lost);
    awaitable<void> drain(std::shared_ptr<Slot> slot);
    awaitable<void> retire(std::shared_ptr<Slot> slot);

    asio::any_io_executor executor_;
    const Program &host_program_;
    std::size_t max_hosts_;
    Log log_;
    std::list<std::shared_ptr<Slot>> slots_;
    std::size_t starting_ = 0;
    std::set<std::string> failed_;   ///< plugins whose last start failed
    bool failed_one_starts_ = false; ///< a host of one of them is being started
    bool stopping_ = false;
    Signal changed_; ///< a place may be free, or a host has gone
};

} // namespace angod::supervisor

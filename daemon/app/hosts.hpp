// The hosts of one plugin, as its runs and its readiness see them: the unit tests put fakes in their place.
#pragma once

#include "base/async.hpp"
#include "host_protocol/messages.hpp"
#include "supervisor/generation.hpp"
#include "supervisor/host_pool.hpp"
#include "supervisor/host_process.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace angod::app {

/// A place for one job in a host. Destroying it gives the place back.
class HostLease {
public:
    virtual ~HostLease() = default;
    /// Runs the job to its end. At the deadline the host asks it to stop.
    virtual awaitable<supervisor::JobEnd> run(host_protocol::RunJob request, supervisor::JobEvents events,
                                              std::chrono::steady_clock::time_point deadline) = 0;
    /// The process id of the host.
    virtual int pid() const = 0;
    /// Asks the running job to stop. The host is ended if the job does not obey in time.
    virtual void cancel(const std::string &job) = 0;
};

class Hosts {
public:
    using Acquired = boost::system::result<std::unique_ptr<HostLease>, supervisor::AcquireError>;

    virtual ~Hosts() = default;
    /// A place in a host of this generation; waits for one until the deadline. The wait ends as not_wanted once wanted
    /// says no and somebody calls drain_others, stop_starting or ask_again.
    virtual awaitable<Acquired> acquire(supervisor::GenerationPtr generation, supervisor::Sharing sharing,
                                        std::chrono::steady_clock::time_point deadline,
                                        std::function<bool()> wanted) = 0;
    /// The hosts of every other generation take no further job, and end when their jobs have. 0: all hosts.
    virtual void drain_others(std::uint64_t generation) = 0;
    /// Ends when there is no host of another generation any more, or after drain_s and a few seconds.
    virtual awaitable<void> drained(std::uint64_t generation) = 0;
    /// Ends the hosts of this generation that are still being started.
    virtual void stop_starting(const supervisor::Generation &generation) = 0;

    /// Everything that waits for a place looks again whether it is wanted.
    virtual void ask_again() = 0;

    /// A host of the generation has died. Called once for each host.
    virtual void crashed(const std::string &how, const supervisor::Generation &generation) = 0;
    /// How long the next start has to wait because hosts crash too often.
    virtual std::chrono::steady_clock::duration pause() const = 0;
    /// The generation is new and can be rolled back: its crashes are not charged to runs.
    virtual bool on_probation(const supervisor::Generation &generation) const = 0;
    /// No run may begin on it any more: its content crashed too often, or was rolled back.
    virtual bool is_quarantined(const supervisor::Generation &generation) const = 0;
};

} // namespace angod::app

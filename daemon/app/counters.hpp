// Counts events since the start of angod, for the metrics. The counts survive changes of the configuration. Event loop
// only.
#pragma once

#include "admin/views.hpp"
#include "jobs/job.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace angod::app {

class Counters {
public:
    /// A host has worked on a job, with any outcome.
    void run_ended(const std::string &plugin, std::chrono::steady_clock::duration time) {
        plugins_[plugin].runs.add(time);
    }
    /// A job has come to its end: its answer is delivered, or given up.
    void job_ended(const jobs::Job &job) {
        admin::PluginCounts &counts = plugins_[job.plugin];
        switch (job.answer.outcome) {
            case jobs::State::failed: ++counts.failed; break;
            case jobs::State::cancelled: ++counts.cancelled; break;
            default: ++counts.done; break;
        }
    }
    void answer_given_up(const std::string &plugin) { ++plugins_[plugin].answers_given_up; }
    void host_crashed(const std::string &module) { ++crashes_[module]; }

    admin::PluginCounts of_plugin(const std::string &name) const {
        const auto found = plugins_.find(name);
        return found == plugins_.end() ? admin::PluginCounts() : found->second;
    }
    std::uint64_t crashes_of(const std::string &module) const {
        const auto found = crashes_.find(module);
        return found == crashes_.end() ? 0 : found->second;
    }
    /// Forgets the others: what has left the configuration must not add up.
    void keep(const std::set<std::string> &plugins, const std::set<std::string> &modules) {
        std::erase_if(plugins_, [&](const auto &one) { return !plugins.contains(one.first); });
        std::erase_if(crashes_, [&](const auto &one) { return !modules.contains(one.first); });
    }

private:
    std::map<std::string, admin::PluginCounts> plugins_;
    std::map<std::string, std::uint64_t> crashes_; ///< by module
};

} // namespace angod::app

// All plugins of the configuration, and how a changed configuration changes them. Event loop only.
//
// The queue and the modules tell Plugins, which passes the news on to the plugin that has the name at present.
#pragma once

#include "app/authorities.hpp"
#include "app/plugin.hpp"
#include "app/session_log.hpp"
#include "app/shared.hpp"
#include "jobs/queue.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace angod::app {

class Plugins final : public jobs::QueueListener, public SessionLog {
public:
    /// shared outlives it. Listens to the queue from now on.
    explicit Plugins(const Shared &shared);

    /// Reads what their connections need of files. Comes first.
    Result<void> prepare(const std::vector<config::Plugin> &plugins);
    /// Starts those of the configuration, and takes over what an earlier angod left of their runs.
    void start(const std::vector<config::Plugin> &plugins);
    /// New ones start, those that are gone end their runs and leave, those that differ, or whose ca_file does, connect
    /// anew; the others notice nothing. An error changes nothing. Ends when all are under way. One at a time.
    awaitable<Result<void>> change(std::vector<config::Plugin> plugins);
    awaitable<void> stop();
    /// Frees what nothing can use any more.
    void tidy();
    /// Tells every plugin of each change of the modules. Ends some time after the modules have stopped.
    awaitable<void> follow_modules();

    void runnable(const std::string &plugin) override;
    void answered(const jobs::JobPtr &job) override;
    void ended(const jobs::JobPtr &job) override;
    void tell(const jobs::Job &job, hub::LogLevel level, const std::string &text) override;

    Plugin *find(const std::string &name) const;
    const std::map<std::string, std::unique_ptr<Plugin>> &all() const { return plugins_; }

private:
    void add(const config::Plugin &plugin);
    void retire(const std::string &name);
    awaitable<void> change_one(config::Plugin plugin);
    awaitable<void> replace(config::Plugin plugin, std::string why);
    awaitable<void> add_new(config::Plugin plugin);
    awaitable<void> remove(std::vector<std::string> names);

    const Shared &shared_;
    AuthoritiesByFile authorities_;
    std::map<std::string, std::string> trusted_; ///< by plugin: the digest of the authorities it came with
    std::map<std::string, std::unique_ptr<Plugin>> plugins_;
    /// Those that have handed over: their last runs end here, and their last timers run out.
    std::vector<std::pair<std::chrono::steady_clock::time_point, std::unique_ptr<Plugin>>> retired_;
    bool stopping_ = false;
};

} // namespace angod::app

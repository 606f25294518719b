// All plugins of the configuration, and how a changed configuration changes them. Event loop only.
#pragma once

#include "app/plugin.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace angod::app {

class Plugins {
public:
    /// shared outlives it.
    explicit Plugins(const Shared &shared) : shared_(shared) {}

    /// What their connections need of files. Comes first.
    Result<void> prepare(const std::vector<config::Plugin> &plugins);
    /// Those of the configuration, and what an earlier angod left of their runs.
    void start(const std::vector<config::Plugin> &plugins);
    /// Those that are new come, those that are gone end their runs and leave, those that differ, or whose ca_file does,
    /// connect anew; the others notice nothing. An error changes nothing. Ends when all are under way; one at a time.
    awaitable<Result<void>> change(std::vector<config::Plugin> plugins);
    awaitable<void> stop();
    /// Frees what nothing can use any more.
    void tidy();

    Plugin *find(const std::string &name) const;
    const std::map<std::string, std::unique_ptr<Plugin>> &all() const { return plugins_; }

private:
    void add(const config::Plugin &plugin);
    void retire(const std::string &name);
    awaitable<void> remove(std::vector<std::string> names);

    const Shared &shared_;
    struct Authorities {
        std::string digest;                      ///< of the content
        std::shared_ptr<asio::ssl::context> tls; ///< null: no connection needs it
    };
    std::map<std::string, Authorities> authorities_; ///< by ca_file
    std::map<std::string, std::string> trusted_;     ///< by plugin: the digest of the authorities it came with
    std::map<std::string, std::unique_ptr<Plugin>> plugins_;
    /// Their last runs end here, and their last timers run out.
    std::vector<std::pair<std::chrono::steady_clock::time_point, std::unique_ptr<Plugin>>> retired_;
    bool stopping_ = false;
};

} // namespace angod::app

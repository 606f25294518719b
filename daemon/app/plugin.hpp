// One plugin, joined together: its link to Hub, its line in the queue, its hosts.
//
// The whole path of an event can be read in plugin.cpp: accept → run → finish → send → confirm. Event loop only.
#pragma once

#include "admin/views.hpp"
#include "base/async.hpp"
#include "config/config.hpp"
#include "hub/plugin_link.hpp"
#include "jobs/queue.hpp"
#include "supervisor/host_pool.hpp"
#include "supervisor/modules.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace angod::app {

/// Which modules are being tried out with which settings; the others wait for the result. By fact of the store.
using Trials = std::map<std::string, std::shared_ptr<Signal>>;

/// What all plugins share. Outlives them.
struct Shared {
    asio::any_io_executor executor;
    asio::thread_pool &pool;
    const config::Config &config;
    jobs::Store &store;
    jobs::Queue &queue;
    supervisor::HostPool &hosts;
    const supervisor::Modules &modules;
    Trials &trials;
    std::filesystem::path scratch;
};

class Plugin {
public:
    /// tls: null for a plaintext Hub.
    Plugin(Shared shared, const config::Plugin &config, std::shared_ptr<asio::ssl::context> tls);

    /// Connects as soon as the plugin can do its work; says why it cannot.
    void start();
    awaitable<void> stop();

    /// A module it waits for may be there.
    void modules_changed() {
        if (!not_ready_.empty()) stop_signal_.wake_all();
    }
    /// The queue may have something for claim.
    void runnable();
    /// An answer waits to be sent.
    void answered(const jobs::JobPtr &job);

    const std::string &name() const { return config_.name; }
    admin::PluginView view() const;

private:
    awaitable<void> become_ready();
    awaitable<Result<void>> prepare();
    awaitable<Result<void>> try_out(std::string fact);
    awaitable<void> turn_away();
    Result<void> find_module();
    supervisor::PluginSpec spec() const;
    /// Somebody waits for an interactive model: it is loaded before the first one asks.
    bool eager() const { return config_.eager.value_or(kind_ == PluginKind::model); }

    awaitable<void> accept(std::string payload, std::function<void()> ack);
    awaitable<void> run(jobs::JobPtr job);
    awaitable<void> run_in_host(jobs::JobPtr job);
    awaitable<void> conclude(jobs::JobPtr job, supervisor::JobEnd end);
    awaitable<void> try_again(jobs::JobPtr job, std::int64_t wait_ms, std::string user_text, std::string operator_text);
    awaitable<void> fail(jobs::JobPtr job, std::string user_text, std::string operator_text);
    supervisor::JobEvents events_of(const jobs::JobPtr &job, const std::string &event);
    void send_all_answers();
    void delivered(const std::vector<std::string> &keys);
    awaitable<void> fail_too_long(jobs::JobPtr job, std::size_t bytes);
    void refuse(const hub::PluginEvent &event, const Error &why);
    bool attempts_left(const jobs::Job &job) const { return job.attempts + 1 < config_.max_attempts; }

    Shared shared_;
    const config::Plugin &config_;
    Log log_;
    hub::PluginLink link_;
    const supervisor::Module *module_ = nullptr;
    PluginKind kind_ = PluginKind::input;
    std::string not_ready_; ///< why no run can be done; empty when ready
    std::int64_t running_ = 0;
    /// Answers to runs that could not be recorded, until they are delivered: by key.
    struct Refusal {
        std::string message, log_context;
    };
    std::map<std::string, Refusal> refusals_;
    std::uint64_t last_refusal_ = 0;
    bool linked_ = false, stopping_ = false;
    Signal stop_signal_;
};

} // namespace angod::app

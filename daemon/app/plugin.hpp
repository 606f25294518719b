// One plugin, joined together: its link to Hub, its line in the queue, its hosts.
//
// The path of an event can be read in plugin.cpp, accept → run → conclude → finish, and plugin_answers.cpp; when it can work,
// in plugin_life.cpp. Event loop only.
#pragma once

#include "admin/views.hpp"
#include "app/counters.hpp"
#include "base/async.hpp"
#include "config/config.hpp"
#include "connector/connector.hpp"
#include "hub/link.hpp"
#include "hub/progress.hpp"
#include "jobs/queue.hpp"
#include "supervisor/crash_count.hpp"
#include "supervisor/host_pool.hpp"
#include "supervisor/modules.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace angod::app {

/// A module being tried out with certain settings, for all plugins that have both.
struct Trial {
    explicit Trial(const asio::any_io_executor &executor) : signal(executor) {}
    bool ended = false;
    Result<void> result;
    Signal signal;
};
/// By fact of the store.
using Trials = std::map<std::string, std::shared_ptr<Trial>>;

/// The jobs that run, also those of a plugin that has given way.
struct Running {
    std::map<std::string, std::weak_ptr<supervisor::HostProcess>> hosts; ///< by job id
    // By job id, too.
    std::set<std::string> waiting;    ///< for a host: whoever takes one out decides how it goes on
    std::set<std::string> cancelling; ///< a host has them, and they are to end
    std::set<std::string> ending;     ///< their answer is being recorded
};

/// What all plugins share. Outlives them.
struct Shared {
    asio::any_io_executor executor;
    asio::thread_pool &pool;
    const config::Config &config;
    jobs::Store &store;
    jobs::Queue &queue;
    supervisor::HostPool &hosts;
    supervisor::Modules &modules;
    Trials &trials;
    Running &running;
    Counters &counters;
    connector::Connector *connector; ///< null: no plugin is called by Hub
    std::filesystem::path scratch;
    /// A line of a job's session log, for whoever has the place of its plugin by now.
    std::function<void(const jobs::Job &, hub::LogLevel, const std::string &)> tell;
};

class Plugin {
public:
    /// tls: null for a plaintext Hub.
    Plugin(Shared shared, config::Plugin config, std::shared_ptr<asio::ssl::context> tls);

    /// Connects as soon as the plugin can do its work; says why it cannot.
    void start();
    awaitable<void> stop();

    /// Another generation of its module may serve.
    void modules_changed();
    /// The queue may have something for claim.
    void runnable();
    /// A line for the session log of a job of this plugin.
    void tell(const jobs::Job &job, hub::LogLevel level, const std::string &text);
    /// An answer waits to be sent.
    void answered(const jobs::JobPtr &job);

    /// Takes no run any more: what waits is answered as failed, what runs may end, then the connection is closed.
    void disable(std::string why);
    void enable();
    /// Why it is; empty: it is not.
    const std::string &disabled() const { return disabled_; }
    /// Nothing of it runs and its connection is closed.
    bool idle() const { return !linked_ && running_ == 0 && !starting_again_ && !(stopping_ && following_); }
    /// Connects anew, with new hosts. What runs ends where it runs.
    void restart();
    /// Leaves its place to another of the same name, at once: the connection is closed, what runs ends where it runs and is
    /// answered by the other.
    awaitable<void> give_way();
    /// Hub's calls, if it is called, find it no longer. What has come already is done.
    void stop_routing() { link_->stop_routing(); }
    /// What another that has given way to this one still had to tell Hub.
    void take_over(Plugin &before);
    const config::Plugin &configuration() const { return config_; }

    /// Ends an open job. The error says why that cannot be.
    Result<void> cancel(const jobs::JobPtr &job);

    const std::string &name() const { return config_.name; }
    admin::PluginView view() const;

private:
    awaitable<void> follow_module();
    awaitable<void> follow_module_until_stopped();
    awaitable<void> connect_anew();
    awaitable<bool> move_to(supervisor::GenerationPtr next);
    awaitable<supervisor::GenerationPtr> served_before();
    void serve(supervisor::GenerationPtr next);
    awaitable<void> not_ready(std::string why, bool given_up);
    awaitable<Result<void>> prepare(supervisor::GenerationPtr next);
    awaitable<Result<void>> try_out(supervisor::GenerationPtr next, std::string fact);
    awaitable<void> turn_away();
    supervisor::GenerationPtr wanted() const;
    std::string ready_fact(const supervisor::Generation &generation) const;
    void drain_others(std::uint64_t generation);
    bool is_eager(PluginKind kind) const;
    void warm_up();
    Result<PluginKind> kind_in(const supervisor::ModuleInfo &info) const;
    supervisor::PluginSpec spec(supervisor::GenerationPtr generation);
    awaitable<void> start_again();

    awaitable<void> accept(std::string payload, std::function<void()> ack);
    void runnable_after(std::chrono::steady_clock::duration time);
    awaitable<void> run(jobs::JobPtr job);
    awaitable<void> run_in_host(jobs::JobPtr job);
    awaitable<void> conclude(jobs::JobPtr job, supervisor::JobEnd end, supervisor::GenerationPtr generation);
    void crashed(const std::string &how, const supervisor::Generation &generation);
    /// level: of the line for the operator; info where another line has said it already.
    awaitable<void> try_again(jobs::JobPtr job, std::int64_t wait_ms, std::string user_text, std::string operator_text,
                              LogLevel level = LogLevel::warning);
    awaitable<void> fail(jobs::JobPtr job, std::string user_text, std::string operator_text,
                         LogLevel level = LogLevel::error);
    bool is_forgiven(jobs::Job &job, const supervisor::Generation &generation);
    awaitable<void> fail_too_old(jobs::JobPtr job, std::string operator_text);
    awaitable<void> finish(jobs::JobPtr job, jobs::Answer answer);
    supervisor::JobEvents events_of(const jobs::JobPtr &job, const std::string &event,
                                    const std::shared_ptr<hub::Progress> &progress);
    awaitable<void> end_cancelled(jobs::JobPtr job);
    void send_all_answers();
    void delivered(const std::vector<std::string> &keys);
    void undeliverable(const std::string &key, const std::string &why);
    std::optional<hub::Run> run_of(const std::string &key) const;
    std::unique_ptr<hub::Link> make_link(std::shared_ptr<asio::ssl::context> tls);
    awaitable<void> fail_too_long(jobs::JobPtr job, std::size_t bytes);
    void refuse(const hub::PluginEvent &event, const Error &why);
    bool attempts_left(const jobs::Job &job) const { return job.attempts + 1 < config_.max_attempts; }

    Shared shared_;
    const config::Plugin config_;
    Log log_;
    const std::unique_ptr<hub::Link> link_;
    supervisor::GenerationPtr serving_; ///< whose hosts run its jobs; null: none yet
    std::uint64_t refused_ = 0;         ///< the generation that would not take this plugin, while serving_ goes on
    std::string refusal_;               ///< why
    supervisor::GenerationPtr trying_;  ///< whose first host is being started
    bool moving_ = false;               ///< between two generations that may not run side by side
    PluginKind kind_ = PluginKind::input;
    std::string disabled_;  ///< why it takes no run; empty: it does
    std::string not_ready_; ///< why no run can be done; empty when ready
    std::int64_t running_ = 0;
    /// Answers to runs that could not be recorded, until they are delivered: by key.
    struct Refusal {
        std::string message, log_context;
        hub::Run run;
    };
    std::map<std::string, Refusal> refusals_;
    std::uint64_t last_refusal_ = 0;
    supervisor::CrashCount crashes_;
    bool linked_ = false, stopping_ = false, following_ = false, restarting_ = false, claiming_ = false;
    bool paused_ = false; ///< runnable is called when the pause ends
    bool starting_again_ = false;
    std::shared_ptr<const bool> there_ = std::make_shared<const bool>(true); ///< for hosts that outlive it
    std::chrono::seconds restart_wait_{1};
    std::chrono::steady_clock::time_point restarted_{};
    Signal wake_;
};

} // namespace angod::app

// One plugin: its link to Hub, its readiness, its hosts, its runs and its outbox, wired together.
//
// The path of an event: accept (here) → the queue → runnable (here) → Run::attempt (run.cpp) → the queue → answered
// (here) → Outbox::send (outbox.cpp). Readiness says when runs may start. Event loop only.
#pragma once

#include "admin/views.hpp"
#include "app/confirmation.hpp"
#include "app/outbox.hpp"
#include "app/plugin_hosts.hpp"
#include "app/readiness.hpp"
#include "app/run.hpp"
#include "app/session_log.hpp"
#include "app/shared.hpp"
#include "app/warm_host.hpp"
#include "base/async.hpp"
#include "config/config.hpp"
#include "hub/link.hpp"

#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace angod::app {

class Plugin {
public:
    /// shared and session_log outlive it. tls: null for a plaintext Hub.
    Plugin(const Shared &shared, SessionLog &session_log, config::Plugin config,
           std::shared_ptr<asio::ssl::context> tls);

    /// Connects as soon as the plugin can do its work, and logs why it cannot.
    void start();
    awaitable<void> stop();

    /// Another generation of its module may serve.
    void modules_changed() { readiness_.modules_changed(); }
    /// The queue may have something to claim.
    void runnable();
    /// A line for the session log of a job of this plugin.
    void tell(const jobs::Job &job, hub::LogLevel level, const std::string &text);
    /// An answer waits to be sent.
    void answered(const jobs::JobPtr &job) { outbox_.send(job); }

    /// Takes no run any more: waiting runs are answered as failed, running ones may end, then the link is closed.
    void disable(std::string why) { readiness_.disable(std::move(why)); }
    void enable() { readiness_.enable(); }
    /// Why it is disabled. Empty: it is not.
    const std::string &disabled() const { return readiness_.disabled(); }
    /// Connects anew, with new hosts. Running jobs end in their present hosts.
    void restart() { readiness_.restart(); }
    /// Begins a recording of what Hub sends.
    void record() { recording_.begin(std::chrono::steady_clock::now()); }
    void end_recording() { recording_.end(); }
    const Recording &recording() const { return recording_; }
    /// Nothing of it runs and its link is closed.
    bool idle() const;
    /// Hands over to another plugin of the same name: the link is closed, running jobs end in their present hosts, and the
    /// other plugin sends their answers.
    awaitable<void> hand_over();
    /// Hub's calls no longer find it. Runs that have come already are done.
    void stop_routing() { link_->stop_routing(); }
    /// Takes over the refusals of a plugin that has handed over to this one.
    void take_over(Plugin &before) { outbox_.take_over(before.outbox_); }

    /// Ends an open job. The error says why it cannot be ended.
    Result<void> cancel(const jobs::JobPtr &job);

    const config::Plugin &configuration() const { return config_; }
    admin::PluginView view() const;
    bool is_live() const { return state() == admin::PluginState::live; }

private:
    class OwnModule;
    std::unique_ptr<hub::Link> make_link(std::shared_ptr<asio::ssl::context> tls);
    Readiness::Neighbours neighbours_of_readiness();
    awaitable<void> accept(std::string payload, std::function<void()> ack);
    awaitable<void> run(std::shared_ptr<Run> run);
    std::int64_t concurrency() const;
    void runnable_after(std::chrono::steady_clock::duration time);
    admin::PluginState state() const;
    std::string reason() const;

    const Shared &shared_;
    const config::Plugin config_;
    const Log log_;
    const std::unique_ptr<ModuleSource> module_;
    const std::unique_ptr<hub::Link> link_;
    PluginHosts hosts_;
    Outbox outbox_;
    Readiness readiness_;
    Confirmation confirmation_;
    Recording recording_;
    WarmHost warm_host_;
    RunLines run_lines_;
    const RunEnvironment environment_;
    std::int64_t running_ = 0;
    bool claiming_ = false;
    bool pausing_ = false; ///< runnable is called when the pause ends
    Signal pause_ended_;
};

} // namespace angod::app

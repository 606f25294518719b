// When a plugin can do its work: it follows its module from generation to generation, and has a link to Hub while one of
// them can do the work.
//
// The states and their transitions stand in readiness_state.hpp. Event loop only.
#pragma once

#include "app/hosts.hpp"
#include "app/readiness_state.hpp"
#include "app/run.hpp"
#include "app/settings_check.hpp"
#include "base/async.hpp"
#include "config/config.hpp"
#include "hub/link.hpp"
#include "jobs/queue.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace angod::app {

/// The module of one plugin. See supervisor::Modules.
class ModuleSource {
public:
    virtual ~ModuleSource() = default;
    /// Null: none can be used.
    virtual supervisor::GenerationPtr find() const = 0;
    /// The generation that served before; null: there is none that can be used.
    virtual supervisor::GenerationPtr rollback_target() = 0;
    /// Nothing of the module is being looked at any more.
    virtual bool is_decided() const = 0;
    /// Why find gives nothing.
    virtual std::string why_not() const = 0;
    /// The plugin has begun to serve with this generation.
    virtual void proved(const supervisor::Generation &generation) = 0;
};

class Readiness final : public Serving {
public:
    /// All of it outlives the readiness.
    struct Neighbours {
        asio::any_io_executor executor;
        const config::Plugin &config;
        std::function<std::chrono::seconds()> drain; ///< the longest time to answer what waits
        ModuleSource &modules;
        Hosts &hosts;
        hub::Link &link;
        jobs::Queue &queue;
        SettingsChecks &checks;
        std::function<void()> runnable;  ///< the queue may be asked for runs
        std::function<void()> keep_warm; ///< an eager plugin may have no host
        Log log;                         ///< of the plugin
    };
    explicit Readiness(Neighbours neighbours) : use_(std::move(neighbours)), wake_(use_.executor) {}

    /// Follows the module until stop. Once.
    awaitable<void> follow_module();
    /// Closes the link. Nothing else changes from then on.
    awaitable<void> stop();

    /// Another generation may serve.
    void modules_changed();
    /// A run has come while the link is closed: it is done as soon as that is possible, or turned away.
    void look_again() { wake_.wake_all(); }
    /// Takes no run any more: waiting runs are answered as failed, then the link is closed.
    void disable(std::string why);
    void enable();
    /// Connects anew, with new hosts. Running jobs end in their present hosts.
    void restart();

    ReadyState state() const { return state_; }
    /// Whether follow_module has not ended.
    bool is_following() const { return following_; }
    /// Why an operator, or the configuration, keeps it from working. Empty: it may work.
    const std::string &disabled() const { return disabled_; }
    /// Why the module's newest generation is not used. Empty: it is.
    const std::string &refusal() const { return refusal_; }
    /// It serves, and is to have a host at all times.
    bool is_eager() const;

    supervisor::GenerationPtr generation() const override { return generation_; }
    PluginKind kind() const override { return kind_; }
    bool starts_runs() const override;
    const std::string &why_not_ready() const override { return why_not_ready_; }
    Hindrance hindrance() const { return hindrance_; }

private:
    awaitable<void> follow_until_stopped();
    awaitable<void> undecided(supervisor::GenerationPtr tried);
    void go_on();
    awaitable<void> without_generation();
    awaitable<void> connect_anew();
    awaitable<bool> move_to(supervisor::GenerationPtr next);
    awaitable<bool> refuse(supervisor::GenerationPtr next, Error why);
    awaitable<supervisor::GenerationPtr> served_before();
    void serve(supervisor::GenerationPtr next);
    awaitable<void> not_ready(std::string why, Hindrance told, bool given_up);
    awaitable<void> turn_away();
    awaitable<Result<void>> prepare(supervisor::GenerationPtr next);
    awaitable<Result<void>> replace_by(supervisor::GenerationPtr next);
    SettingsChecks::Try try_out(supervisor::GenerationPtr next);
    awaitable<Result<void>> start_a_host(supervisor::GenerationPtr next);

    supervisor::GenerationPtr wanted() const;
    bool stopped() const { return state_ == ReadyState::stopped; }
    bool has_open_jobs() const;
    std::string settings_fact(const supervisor::Generation &generation) const;
    void enter(ReadyEvent event);

    const Neighbours use_;
    ReadyState state_ = ReadyState::waiting;
    supervisor::GenerationPtr generation_; ///< that serves; null: none
    PluginKind kind_ = PluginKind::input;  ///< of generation_, or of the last one
    std::string why_not_ready_;
    Hindrance hindrance_ = Hindrance::none;
    Hindrance told_ = Hindrance::none; ///< that the next event tells, if it tells one
    std::string disabled_;
    supervisor::GenerationPtr trying_; ///< whose settings check is under way
    std::uint64_t refused_ = 0;        ///< the generation that cannot do the work, while another one goes on
    std::string refusal_;              ///< why
    bool restart_requested_ = false, following_ = false;
    bool link_to_close_ = false; ///< once stopped
    Signal wake_;
};

} // namespace angod::app

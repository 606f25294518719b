// Neighbours of a plugin's state machines, played by a test: hosts, a link, a module, a session log; with a real queue on
// a real store.
#pragma once

#include "app/hosts.hpp"
#include "app/readiness.hpp"
#include "app/run.hpp"
#include "app/session_log.hpp"
#include "base/ids.hpp"
#include "jobs/queue.hpp"
#include "run_coroutine.hpp"
#include "temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace angod::app {

/// Turns the event loop until the condition holds.
inline void turn_until(asio::io_context &context, const std::function<bool()> &condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    context.restart();
    while (!condition() && std::chrono::steady_clock::now() < deadline)
        context.run_one_for(std::chrono::milliseconds(100));
    REQUIRE(condition());
}

inline supervisor::GenerationPtr make_generation(std::uint64_t number, std::vector<PluginKind> kinds) {
    supervisor::Generation generation;
    generation.number = number;
    generation.version.sha256 = "content " + std::to_string(number);
    generation.version.info.id = "m";
    generation.version.info.kinds = std::move(kinds);
    return std::make_shared<const supervisor::Generation>(std::move(generation));
}

/// Hosts that give a place, fail, and end jobs as the test says.
class FakeHosts final : public Hosts {
public:
    explicit FakeHosts(const asio::any_io_executor &executor) : changed_(executor) {}

    // Set by the test. Nothing: the hosts wait for it.
    std::optional<supervisor::AcquireError> failure;
    bool has_place = false;
    std::uint64_t refuse_number = 0; ///< of a generation that refuses the settings
    bool is_drained = true;
    bool new_version = false; ///< on probation
    std::optional<supervisor::JobEnd> end;
    std::chrono::steady_clock::duration rest{}; ///< see pause
    void change() { changed_.wake_all(); }
    // Looked at by the test.
    int waiting = 0, running = 0, asked = 0;
    std::vector<supervisor::Sharing> sharing;
    std::vector<std::chrono::steady_clock::time_point> times; ///< of each acquire
    std::vector<std::string> cancelled, crashes;
    std::vector<std::uint64_t> drained_others, starts_stopped;
    std::uint64_t quarantined = 0; ///< the number of a generation
    host_protocol::RunJob request;

    awaitable<Acquired> acquire(supervisor::GenerationPtr generation, supervisor::Sharing with,
                                std::chrono::steady_clock::time_point, std::function<bool()> wanted) override {
        ++asked;
        sharing.push_back(with);
        times.push_back(std::chrono::steady_clock::now());
        ++waiting;
        while (!has_place && !failure && wanted()) co_await changed_.wait();
        --waiting;
        if (!wanted()) {
            const supervisor::AcquireError none{supervisor::AcquireFailure::not_wanted, "not wanted"};
            co_return none;
        }
        if (generation->number == refuse_number) {
            const supervisor::AcquireError refused{supervisor::AcquireFailure::refused, "wrong settings"};
            co_return refused;
        }
        if (failure) {
            const supervisor::AcquireError why = *failure;
            co_return why;
        }
        Acquired acquired(std::make_unique<Lease>(*this));
        co_return acquired;
    }
    void drain_others(std::uint64_t generation) override {
        drained_others.push_back(generation);
        change();
    }
    awaitable<void> drained(std::uint64_t) override {
        while (!is_drained) co_await changed_.wait();
    }
    void stop_starting(const supervisor::Generation &generation) override {
        starts_stopped.push_back(generation.number);
        change();
    }
    void ask_again() override { change(); }
    void crashed(const std::string &how, const supervisor::Generation &) override { crashes.push_back(how); }
    std::chrono::steady_clock::duration pause() const override { return rest; }
    bool on_probation(const supervisor::Generation &) const override { return new_version; }
    bool is_quarantined(const supervisor::Generation &generation) const override {
        return generation.number == quarantined;
    }

private:
    class Lease final : public HostLease {
    public:
        explicit Lease(FakeHosts &hosts) : hosts_(hosts) {}
        awaitable<supervisor::JobEnd> run(host_protocol::RunJob asked_for, supervisor::JobEvents,
                                          std::chrono::steady_clock::time_point) override {
            hosts_.request = std::move(asked_for);
            ++hosts_.running;
            while (!hosts_.end) co_await hosts_.changed_.wait();
            --hosts_.running;
            co_return *hosts_.end;
        }
        int pid() const override { return 4711; }
        void cancel(const std::string &job) override { hosts_.cancelled.push_back(job); }

    private:
        FakeHosts &hosts_;
    };
    Signal changed_;
};

class FakeLink final : public hub::Link {
public:
    bool is_open = false, is_live = true;
    std::uint64_t limit = 0; ///< see max_payload
    int starts = 0, stops = 0;
    std::vector<std::string> sent, sent_keys, logged;
    std::string no_reason;

    void start() override {
        is_open = true;
        ++starts;
    }
    awaitable<void> stop() override {
        is_open = false;
        ++stops;
        co_return;
    }
    socketio::LinkState state() const override { return socketio::LinkState::live; }
    const std::string &reason() const override { return no_reason; }
    std::uint64_t connects() const override { return 0; }
    std::uint64_t max_payload() const override { return limit; }
    std::int64_t last_heartbeat_ms() const override { return 0; }
    Sent send_answer(const std::string &key, std::string_view message, std::string_view) override {
        if (!is_live) return Sent::not_live;
        if (!fits(message)) return Sent::too_long;
        sent.emplace_back(message);
        sent_keys.push_back(key);
        return Sent::written;
    }
    bool fits(std::string_view message) const override { return limit == 0 || message.size() <= limit; }
    void log(const std::string &, std::string_view, hub::LogLevel, std::string_view text) override {
        logged.emplace_back(text);
    }
};

class FakeSessionLog final : public SessionLog {
public:
    std::vector<std::string> lines;
    void tell(const jobs::Job &, hub::LogLevel, const std::string &text) override { lines.push_back(text); }
};

class FakeServing final : public Serving {
public:
    supervisor::GenerationPtr present = make_generation(1, {PluginKind::export_});
    std::string why_not;
    supervisor::GenerationPtr generation() const override { return present; }
    PluginKind kind() const override { return PluginKind::export_; }
    bool starts = true;
    bool starts_runs() const override { return starts; }
    const std::string &why_not_ready() const override { return why_not; }
};

/// A queue of the plugin "p" and what it tells.
struct QueueWorld : jobs::QueueListener {
    TemporaryFolder folder;
    asio::io_context context;
    std::unique_ptr<jobs::Store> store;
    std::optional<jobs::Queue> queue;
    std::function<void(const jobs::JobPtr &)> on_answered = [](const jobs::JobPtr &) {};
    int times_runnable = 0, times_ended = 0;

    QueueWorld() { open(); }
    void open() {
        queue.reset();
        store.reset();
        auto opened = jobs::Store::open(folder.path() / "state", false, context.get_executor());
        REQUIRE(opened);
        store = std::move(*opened);
        queue.emplace(context.get_executor(), *store);
        queue->set_listener(*this);
        queue->add_plugin("p", {});
        queue->restore({"p"});
    }
    void runnable(const std::string &) override { ++times_runnable; }
    void answered(const jobs::JobPtr &job) override { on_answered(job); }
    void ended(const jobs::JobPtr &) override { ++times_ended; }

    /// A recorded and claimed job.
    jobs::JobPtr claim(const std::string &session = "1", PluginKind kind = PluginKind::export_) {
        record(session, kind);
        const auto job = queue->claim("p");
        REQUIRE(job);
        return job;
    }
    void record(const std::string &session, PluginKind kind = PluginKind::export_) {
        jobs::NewJob job;
        job.plugin = "p";
        job.kind = kind;
        job.effects = has_effects(kind, {});
        job.session = session;
        job.log_context = "{}";
        job.digest = sha256(session);
        job.event = std::make_shared<const std::string>(R"({"apiKey":"secret"})");
        REQUIRE(run_coroutine(context, queue->record(std::move(job))));
    }
    void until(const std::function<bool()> &condition) { turn_until(context, condition); }
};

} // namespace angod::app

// Readiness with a fake module, fake hosts and a fake link.
//
// The first case looks at the table of readiness_state.hpp; the others walk its transitions: serve, lose, give up, close,
// change and stop, from each state that can.
#include "app/fakes.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::app;
using supervisor::AcquireFailure;
using State = ReadyState;
using Event = ReadyEvent;

namespace {

constexpr State kStates[] = {State::waiting,      State::serving,     State::changing, State::suspended,
                             State::turning_away, State::unavailable, State::stopped};

class FakeModule final : public ModuleSource {
public:
    supervisor::GenerationPtr present, target;
    bool decided = true;
    std::vector<std::uint64_t> proofs;
    supervisor::GenerationPtr find() const override { return present; }
    supervisor::GenerationPtr rollback_target() override { return target; }
    bool is_decided() const override { return decided; }
    std::string why_not() const override { return "there is no such module"; }
    void proved(const supervisor::Generation &generation) override { proofs.push_back(generation.number); }
};

struct World : QueueWorld {
    config::Plugin config;
    FakeModule module;
    FakeHosts hosts{context.get_executor()};
    FakeLink link;
    SettingsChecks checks{context.get_executor(), *store};
    std::vector<std::uint64_t> asked_with; ///< the generation that got the runs, each time the queue was asked for some
    int times_kept_warm = 0;
    std::optional<Readiness> readiness;

    World() {
        config.name = "p";
        config.module = "m";
        hosts.has_place = true;
        readiness.emplace(Readiness::Neighbours{context.get_executor(), config, [] { return std::chrono::seconds(60); },
                                                module, hosts, link, *queue, checks,
                                                [this] {
                                                    const auto present = readiness->generation();
                                                    asked_with.push_back(present ? present->number : 0);
                                                },
                                                [this] { ++times_kept_warm; }, Log()});
    }
    ~World() override {
        hosts.is_drained = true;
        hosts.change();
        if (state() != State::stopped) run_coroutine(context, readiness->stop());
        hosts.change();
        until([&] { return !readiness->is_following(); });
    }
    State state() const { return readiness->state(); }
    void follow() { spawn(context.get_executor(), "plugin", readiness->follow_module()); }
    void reach(State wanted) {
        until([&] { return state() == wanted; });
    }
    void serve(std::uint64_t number) {
        module.present = make_generation(number, {PluginKind::export_});
        readiness->modules_changed();
    }
    void lose(bool decided) {
        module.present = nullptr;
        module.decided = decided;
        readiness->modules_changed();
    }
    /// In this state, by the shortest way.
    void begin_in(State wanted) {
        if (wanted == State::waiting) module.decided = false;
        if (wanted == State::serving || wanted == State::changing || wanted == State::suspended) serve(1);
        if (wanted == State::turning_away) record("waits");
        follow();
        if (wanted == State::changing || wanted == State::suspended) reach(State::serving);
        if (wanted == State::changing) {
            config.replace = true;
            hosts.is_drained = false;
            serve(2);
        }
        if (wanted == State::suspended) lose(false);
        reach(wanted);
        CHECK(link.is_open == has_open_link(wanted));
    }
    void answer_what_waits() {
        const auto job = queue->claim("p");
        REQUIRE(job);
        run_coroutine(context, queue->finish(job, {"A", jobs::State::failed, ""}));
        run_coroutine(context, queue->confirm({job}));
    }
};

} // namespace

TEST_CASE("readiness: every state is reached, can be stopped, and no event has two ways on from it") {
    for (const State state : kStates) {
        CHECK(next_state(state, Event::stop) == State::stopped);
        bool is_reached = state == State::waiting;
        for (const ReadyTransition &one : kReadyTransitions) is_reached = is_reached || one.to == state;
        CHECK(is_reached);
        CHECK(!name_of(state).empty());
    }
    for (const ReadyTransition &one : kReadyTransitions) CHECK(next_state(one.from, one.event) == one.to);
    CHECK(!next_state(State::stopped, Event::serve));
    CHECK(!next_state(State::changing, Event::serve));
}

TEST_CASE(
    "readiness: an event that takes the service away tells the hindrance, serve ends it, and all others keep it") {
    for (const Hindrance told : {Hindrance::disabled, Hindrance::no_module, Hindrance::settings_refused}) {
        for (const Event event : {Event::lose, Event::give_up, Event::close})
            CHECK(next_hindrance(Hindrance::none, event, told) == told);
        for (const Event event : {Event::change, Event::change_over, Event::stop})
            CHECK(next_hindrance(told, event, Hindrance::none) == told);
        CHECK(next_hindrance(told, Event::serve, told) == Hindrance::none);
    }
}

TEST_CASE("readiness: stop in each state closes an open link and ends the coroutine") {
    for (const State state :
         {State::waiting, State::serving, State::changing, State::suspended, State::turning_away, State::unavailable}) {
        World w;
        w.begin_in(state);
        const int stops = w.link.stops;
        run_coroutine(w.context, w.readiness->stop());
        CHECK(w.state() == State::stopped);
        CHECK(w.link.stops == stops + (has_open_link(state) ? 1 : 0));
        w.hosts.is_drained = true;
        w.hosts.change();
        w.until([&] { return !w.readiness->is_following(); });
        CHECK(w.state() == State::stopped);
        run_coroutine(w.context, w.readiness->stop());
        CHECK(w.state() == State::stopped);
    }
}

TEST_CASE("readiness: serve from each state that can") {
    for (const State state :
         {State::waiting, State::serving, State::suspended, State::turning_away, State::unavailable}) {
        World w;
        w.begin_in(state);
        const int starts = w.link.starts;
        w.serve(7);
        w.until([&] { return w.state() == State::serving && w.readiness->generation()->number == 7; });
        CHECK(w.link.is_open);
        CHECK(w.link.starts == starts + (has_open_link(state) ? 0 : 1));
        CHECK(w.module.proofs.back() == 7);
        CHECK(w.hosts.drained_others.back() == 7);
        CHECK(w.readiness->why_not_ready().empty());
        CHECK(!w.asked_with.empty());
    }
}

TEST_CASE("readiness: the module is taken away, and may come back") {
    for (const auto &row : {std::pair{State::serving, State::suspended},
                            {State::suspended, State::suspended},
                            {State::unavailable, State::waiting},
                            {State::waiting, State::waiting}}) {
        const State from = row.first, to = row.second; // clang 14 cannot capture the names of a structured binding
        World w;
        w.begin_in(from);
        w.lose(false);
        w.until([&] { return w.state() == to && w.readiness->why_not_ready() == "there is no such module"; });
        CHECK(w.link.is_open == has_open_link(to));
        CHECK(!w.readiness->generation());
    }
}

TEST_CASE("readiness: the module is gone for good: what waits is answered, then the link is closed") {
    for (const State from : {State::serving, State::suspended, State::waiting, State::unavailable}) {
        World w;
        w.begin_in(from);
        w.record("waits");
        w.lose(true);
        w.reach(State::turning_away);
        CHECK(w.link.is_open);
        CHECK(takes_runs(w.state()));
        w.answer_what_waits();
        w.reach(State::unavailable);
        CHECK(!w.link.is_open);
    }
}

TEST_CASE("readiness: nobody waits: the link stays closed") {
    World w;
    w.begin_in(State::unavailable);
    CHECK(w.link.starts == 0);
    w.readiness->look_again();
    w.lose(true);
    w.reach(State::unavailable);
    w.record("waits");
    w.readiness->look_again(); // as after a call of Hub
    w.reach(State::turning_away);
}

TEST_CASE("readiness: disable and enable") {
    World w;
    w.begin_in(State::serving);
    w.record("waits");
    w.readiness->disable("disabled by the operator");
    w.reach(State::turning_away);
    CHECK(w.readiness->why_not_ready() == "disabled by the operator");
    w.answer_what_waits();
    w.reach(State::unavailable);
    CHECK(w.readiness->disabled() == "disabled by the operator");
    CHECK(w.readiness->hindrance() == Hindrance::disabled);
    w.readiness->enable();
    w.reach(State::serving);
    CHECK(w.readiness->disabled().empty());
}

TEST_CASE("readiness: a generation that comes while it turns away, and refuses the settings, changes the reason only") {
    World w;
    w.begin_in(State::turning_away);
    w.hosts.failure = {AcquireFailure::refused, "wrong settings"};
    w.serve(1);
    w.until([&] { return w.readiness->why_not_ready() == "wrong settings"; });
    CHECK(w.state() == State::turning_away);
    CHECK(w.link.starts == 1);
    w.answer_what_waits();
    w.reach(State::unavailable);
}

TEST_CASE("readiness: a generation that comes while it turns away, and goes before it serves") {
    World w;
    w.begin_in(State::turning_away);
    w.hosts.has_place = false;
    w.serve(1);
    w.until([&] { return w.hosts.waiting == 1; });
    w.lose(false);
    w.reach(State::suspended);
    CHECK(w.link.is_open);
    CHECK(w.hosts.starts_stopped == std::vector<std::uint64_t>{1});
}

TEST_CASE("readiness: with reload replace, no run starts until the old hosts have ended") {
    World w;
    w.begin_in(State::changing);
    CHECK(!takes_runs(w.state()));
    CHECK(w.hosts.drained_others.back() == 2);
    w.hosts.is_drained = true;
    w.hosts.change();
    CHECK(!w.readiness->starts_runs());
    w.until([&] { return w.state() == State::serving && w.readiness->generation()->number == 2; });
    CHECK(w.readiness->starts_runs());
    CHECK(w.asked_with == std::vector<std::uint64_t>{1, 2}); // the old generation gets nothing of what waited
}

TEST_CASE("readiness: with reload replace, the new generation goes again while it is tried: the old one goes on") {
    World w;
    w.begin_in(State::changing);
    const auto old = w.readiness->generation();
    w.hosts.has_place = false;
    w.hosts.is_drained = true;
    w.hosts.change();
    w.until([&] { return w.hosts.waiting == 1; });
    w.module.present = old;
    w.readiness->modules_changed();
    w.until([&] { return w.state() == State::serving && w.asked_with.size() == 2; });
    CHECK(w.asked_with.back() == 1);
    CHECK(w.times_kept_warm > 0);
    CHECK(w.hosts.drained_others.back() == 1);
}

TEST_CASE("readiness: with reload replace, a generation that cannot do the work leaves the old one serving") {
    World w;
    w.begin_in(State::changing);
    w.hosts.failure = {AcquireFailure::refused, "wrong settings"};
    w.hosts.is_drained = true;
    w.hosts.change();
    w.until([&] { return w.state() == State::serving && !w.readiness->refusal().empty(); });
    CHECK(w.readiness->generation()->number == 1);
    CHECK(w.readiness->refusal() == "wrong settings");
    CHECK(w.asked_with == std::vector<std::uint64_t>{1, 1});
}

TEST_CASE("readiness: a plugin that is disabled and enabled tries a refused generation again") {
    World w;
    w.begin_in(State::serving);
    w.hosts.failure = {AcquireFailure::refused, "wrong settings"};
    w.serve(2);
    w.until([&] { return w.readiness->refusal() == "wrong settings"; });
    w.readiness->disable("disabled by the operator");
    w.reach(State::unavailable);
    CHECK(w.readiness->refusal().empty());
    w.hosts.failure.reset();
    w.readiness->enable();
    w.until([&] { return w.state() == State::serving && w.readiness->generation()->number == 2; });
}

TEST_CASE("readiness: hosts that refuse at once, for angod stops, do not keep the event loop from turning") {
    World w;
    w.config.eager = true;
    w.hosts.failure = {AcquireFailure::not_wanted, "angod is stopping"};
    w.serve(1);
    w.follow();
    w.until([&] { return w.hosts.asked == 2; });
    run_coroutine(w.context, w.readiness->stop());
    w.until([&] { return !w.readiness->is_following(); });
    CHECK(w.link.starts == 0);
}

TEST_CASE("readiness: a newer generation that refuses the settings is refused, and the next one is tried") {
    World w;
    w.begin_in(State::serving);
    w.hosts.failure = {AcquireFailure::refused, "wrong settings"};
    w.serve(2);
    w.until([&] { return w.readiness->refusal() == "wrong settings"; });
    CHECK(w.state() == State::serving);
    CHECK(w.readiness->generation()->number == 1);
    CHECK(w.times_kept_warm > 0);
    w.hosts.failure.reset();
    w.serve(3);
    w.until([&] { return w.readiness->generation()->number == 3; });
    CHECK(w.readiness->refusal().empty());
}

TEST_CASE("readiness: the first generation refuses the settings, and nothing served before") {
    World w;
    w.hosts.failure = {AcquireFailure::refused, "wrong settings"};
    w.serve(1);
    w.follow();
    w.reach(State::unavailable);
    CHECK(w.readiness->why_not_ready() == "wrong settings");
    CHECK(w.readiness->hindrance() == Hindrance::settings_refused);
}

TEST_CASE("readiness: a host that dies while the module is set up says nothing about the settings") {
    World w;
    w.hosts.failure = {AcquireFailure::host_died, "it crashed"};
    w.serve(1);
    w.follow();
    w.reach(State::unavailable);
    CHECK(w.readiness->why_not_ready() == "it crashed");
    CHECK(w.readiness->hindrance() == Hindrance::no_module);
}

TEST_CASE("readiness: after a start, the rollback target serves if it took these settings before") {
    World w;
    w.begin_in(State::serving); // the store knows from now on that generation 1 takes the settings
    w.lose(false);
    w.reach(State::suspended);
    w.module.target = make_generation(1, {PluginKind::export_});
    w.hosts.refuse_number = 2;
    w.serve(2);
    w.until([&] { return w.state() == State::serving && w.readiness->generation()->number == 1; });
    CHECK(w.readiness->refusal() == "wrong settings");
}

TEST_CASE("readiness: a settings check that is superseded is ended, and the newest generation serves") {
    World w;
    w.hosts.has_place = false;
    w.serve(1);
    w.follow();
    w.until([&] { return w.hosts.waiting == 1; });
    w.serve(2);
    CHECK(w.hosts.starts_stopped == std::vector<std::uint64_t>{1});
    w.hosts.has_place = true;
    w.hosts.change();
    w.until([&] { return w.state() == State::serving && w.readiness->generation()->number == 2; });
}

TEST_CASE("readiness: a stop during a settings check ends it") {
    World w;
    w.hosts.has_place = false;
    w.serve(1);
    w.follow();
    w.until([&] { return w.hosts.waiting == 1; });
    run_coroutine(w.context, w.readiness->stop());
    w.hosts.change();
    w.until([&] { return !w.readiness->is_following(); });
    CHECK(w.link.starts == 0);
    CHECK(w.state() == State::stopped);
}

TEST_CASE("readiness: restart connects anew, with new hosts") {
    World w;
    w.begin_in(State::serving);
    w.readiness->restart();
    w.until([&] { return w.link.starts == 2; });
    CHECK(w.link.stops == 1);
    CHECK(w.hosts.drained_others.back() == 0);
    CHECK(w.times_kept_warm > 0);
    CHECK(w.state() == State::serving);
}

TEST_CASE("readiness: a kind that the module does not serve is told with those that it serves") {
    World w;
    w.config.kind = PluginKind::model;
    w.serve(1);
    w.follow();
    w.reach(State::unavailable);
    CHECK(w.readiness->why_not_ready() == "the module m does not serve the kind model; it serves export");
    CHECK(w.readiness->hindrance() == Hindrance::no_module);
}

// Every transition of lifecycle.hpp, and the coroutines that wait for one.
#include "app/lifecycle.hpp"

#include "app/fakes.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::app;
using State = admin::DaemonState;

namespace {

struct World {
    asio::io_context context;
    Lifecycle lifecycle{context.get_executor()};
    bool has_started = false, is_asked_to_stop = false, is_over = false;

    explicit World(State state = State::starting) {
        if (state != State::starting) lifecycle.run();
        if (state == State::draining) lifecycle.request_stop();
        wait_for(lifecycle.started(), has_started);
        wait_for(lifecycle.stop_requested(), is_asked_to_stop);
        turn();
    }
    /// Coroutines that are to end by now have ended after this.
    void turn() {
        context.restart();
        context.poll();
    }
    void wait_for(awaitable<void> what, bool &ended) {
        spawn(context.get_executor(), "wait", [](awaitable<void> work, bool &flag) -> awaitable<void> {
            co_await std::move(work);
            flag = true;
        }(std::move(what), ended));
    }
    void pause_until(std::chrono::steady_clock::time_point deadline) {
        wait_for(lifecycle.pause_until(deadline), is_over);
        turn();
    }
};

constexpr auto kNever = std::chrono::steady_clock::time_point::max();

} // namespace

TEST_CASE("lifecycle: angod begins as starting, and nobody who waits goes on") {
    World w;
    CHECK(w.lifecycle.state() == State::starting);
    CHECK(!w.lifecycle.is_running());
    CHECK(!w.lifecycle.is_stopping());
    CHECK(!w.has_started);
    CHECK(!w.is_asked_to_stop);
}

TEST_CASE("lifecycle: starting → running") {
    World w;
    w.lifecycle.run();
    w.turn();
    CHECK(w.lifecycle.is_running());
    CHECK(w.has_started);
    CHECK(!w.is_asked_to_stop);
}

TEST_CASE("lifecycle: starting → draining wakes also those who wait for the start") {
    World w;
    w.lifecycle.request_stop();
    w.turn();
    CHECK(w.lifecycle.is_stopping());
    CHECK(!w.lifecycle.is_running());
    CHECK(w.has_started);
    CHECK(w.is_asked_to_stop);
}

TEST_CASE("lifecycle: running → draining") {
    World w(State::running);
    CHECK(w.has_started);
    CHECK(!w.is_asked_to_stop);
    w.lifecycle.request_stop();
    w.turn();
    CHECK(w.lifecycle.is_stopping());
    CHECK(w.is_asked_to_stop);
}

TEST_CASE("lifecycle: draining is for ever") {
    for (const bool again : {false, true}) {
        World w(State::draining);
        CHECK(w.has_started);
        CHECK(w.is_asked_to_stop);
        if (again)
            w.lifecycle.request_stop();
        else
            w.lifecycle.run();
        CHECK(w.lifecycle.is_stopping());
        CHECK(!w.lifecycle.is_running());
    }
}

TEST_CASE("lifecycle: a pause ends at its deadline, when the state changes, and while angod stops") {
    World late;
    late.pause_until(kNever);
    CHECK(!late.is_over);
    late.lifecycle.run();
    late.turn();
    CHECK(late.is_over);

    World stopped(State::running);
    stopped.pause_until(kNever);
    CHECK(!stopped.is_over);
    stopped.lifecycle.request_stop();
    stopped.turn();
    CHECK(stopped.is_over);

    World too_late(State::draining);
    too_late.pause_until(kNever);
    CHECK(too_late.is_over);

    World in_time;
    in_time.pause_until(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
    turn_until(in_time.context, [&] { return in_time.is_over; });
    CHECK(in_time.lifecycle.state() == State::starting);
}

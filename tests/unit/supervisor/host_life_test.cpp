#include "supervisor/host_life.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace angod::supervisor;

namespace {

using Phase = HostPhase;
using Event = HostEvent;

/// A life that has come to a phase.
HostLife at(Phase phase) {
    HostLife life;
    const std::vector<Event> way = phase == Phase::loading   ? std::vector<Event>{}
                                   : phase == Phase::ready   ? std::vector{Event::loaded}
                                   : phase == Phase::leaving ? std::vector{Event::asked_to_leave}
                                   : phase == Phase::ending  ? std::vector{Event::kill_sent}
                                   : phase == Phase::exited  ? std::vector{Event::exited}
                                                             : std::vector{Event::exited, Event::closed};
    for (const Event event : way) life.on(event);
    REQUIRE(life.phase() == phase);
    return life;
}

void check(Phase from, Event event, Phase to) {
    CAPTURE(static_cast<int>(from));
    CAPTURE(static_cast<int>(event));
    HostLife life = at(from);
    CHECK(life.on(event) == (from != to));
    CHECK(life.phase() == to);
}

} // namespace

TEST_CASE("every transition of a host's phases") {
    check(Phase::loading, Event::loaded, Phase::ready);
    check(Phase::loading, Event::asked_to_leave, Phase::leaving);
    check(Phase::loading, Event::kill_sent, Phase::ending);
    check(Phase::loading, Event::exited, Phase::exited);
    check(Phase::loading, Event::closed, Phase::loading);

    check(Phase::ready, Event::loaded, Phase::ready);
    check(Phase::ready, Event::asked_to_leave, Phase::leaving);
    check(Phase::ready, Event::kill_sent, Phase::ending);
    check(Phase::ready, Event::exited, Phase::exited);
    check(Phase::ready, Event::closed, Phase::ready);

    check(Phase::leaving, Event::loaded, Phase::leaving);
    check(Phase::leaving, Event::asked_to_leave, Phase::leaving);
    check(Phase::leaving, Event::kill_sent, Phase::ending);
    check(Phase::leaving, Event::exited, Phase::exited);
    check(Phase::leaving, Event::closed, Phase::leaving);

    check(Phase::ending, Event::loaded, Phase::ending);
    check(Phase::ending, Event::asked_to_leave, Phase::ending);
    check(Phase::ending, Event::kill_sent, Phase::ending);
    check(Phase::ending, Event::exited, Phase::exited);
    check(Phase::ending, Event::closed, Phase::gone);

    for (const Event event : {Event::loaded, Event::asked_to_leave, Event::kill_sent, Event::exited})
        check(Phase::exited, event, Phase::exited);
    check(Phase::exited, Event::closed, Phase::gone);

    for (const Event event : {Event::loaded, Event::asked_to_leave, Event::kill_sent, Event::exited, Event::closed})
        check(Phase::gone, event, Phase::gone);
}

TEST_CASE("a host takes jobs until it is asked to end, and can be reached until it is killed or has ended") {
    CHECK(at(Phase::loading).takes_jobs());
    CHECK(at(Phase::ready).takes_jobs());
    CHECK(!at(Phase::leaving).takes_jobs());
    CHECK(at(Phase::leaving).can_be_reached());
    for (const Phase phase : {Phase::ending, Phase::exited, Phase::gone}) {
        CHECK(!at(phase).takes_jobs());
        CHECK(!at(phase).can_be_reached());
    }
    CHECK(!at(Phase::exited).gone());
    CHECK(at(Phase::gone).gone());
}

TEST_CASE("the strongest cause of a host's end counts") {
    HostLife life;
    CHECK(life.cause() == HostEndCause::fault);
    life.blame(HostEndCause::left);
    CHECK(life.cause() == HostEndCause::left);
    life.blame(HostEndCause::killed);
    life.blame(HostEndCause::left);
    CHECK(life.cause() == HostEndCause::killed);
}

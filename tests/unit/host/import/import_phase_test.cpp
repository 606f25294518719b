#include "host/import/import_phase.hpp"

#include <doctest/doctest.h>

#include <map>
#include <utility>

using namespace angod::host;
using Phase = ImportPhase;
using Event = ImportEvent;

TEST_CASE("a chunk goes through its phases as the table says, and no event leads anywhere else") {
    const std::map<std::pair<Phase, Event>, Phase> allowed{{{Phase::collecting, Event::prepared}, Phase::sending},
                                                           {{Phase::sending, Event::accepted}, Phase::created},
                                                           {{Phase::sending, Event::answer_lost}, Phase::in_doubt},
                                                           {{Phase::in_doubt, Event::found_part}, Phase::sending},
                                                           {{Phase::in_doubt, Event::found_all}, Phase::created},
                                                           {{Phase::created, Event::recorded}, Phase::collecting}};
    for (const Phase phase : {Phase::collecting, Phase::sending, Phase::in_doubt, Phase::created})
        for (const Event event : {Event::prepared, Event::accepted, Event::answer_lost, Event::found_part,
                                  Event::found_all, Event::recorded}) {
            CAPTURE(static_cast<int>(phase));
            CAPTURE(static_cast<int>(event));
            const auto expected = allowed.find({phase, event});
            const auto next = next_phase(phase, event);
            CHECK(next.has_value() == (expected != allowed.end()));
            if (next && expected != allowed.end()) CHECK(*next == expected->second);
        }
}

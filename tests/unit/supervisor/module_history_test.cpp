// The history of a module id without files and processes: a version is only a text.
//
// Most tests also write the history as JSON and read it again, because a restart must change nothing.
#include "printing.hpp"
#include "supervisor/module_history.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

using namespace angod::supervisor;

namespace {

/// A version "1" has the content "content of 1".
ModuleVersion version(const std::string &name) {
    auto info = parse_module_info(
        fmt::format(R"({{"id":"swap","version":"{}","abi":"0.9","kinds":["input"],"concurrent":true}})", name));
    REQUIRE(info);
    return {"/modules/swap.so", "/state/modules/" + name + "/swap.so", "content of " + name, *info};
}

std::string target_of(const ModuleHistory &history) {
    return history.rollback_target() ? history.rollback_target()->version.info.version : "none";
}
std::string current_of(const ModuleHistory &history) {
    return history.current() ? history.current()->version.info.version : "none";
}
/// As after a restart of angod.
ModuleHistory restored(const ModuleHistory &history) { return ModuleHistory::from_json(history.to_json()); }

} // namespace

TEST_CASE("generations count up, and the version that served before is the rollback target") {
    ModuleHistory history;
    CHECK(current_of(history) == "none");
    CHECK(target_of(history) == "none");
    CHECK(history.serve(version("1"), "", 10)->number == 1);
    CHECK(target_of(history) == "none");
    CHECK(history.serve(version("2"), "replaced", 20)->number == 2);
    CHECK(current_of(history) == "2");
    CHECK(target_of(history) == "1");
    REQUIRE(history.generations().size() == 2);
    CHECK(history.generations()[0].until_ms == 20);
    CHECK(history.generations()[0].ended == "replaced");
    CHECK(history.generations()[1].until_ms == 0);
}

TEST_CASE("the same content once more is a new generation, and keeps the rollback target") {
    ModuleHistory history;
    history.serve(version("1"), "", 1);
    history.serve(version("2"), "", 2);
    CHECK(history.serve(version("2"), "reloaded", 3)->number == 3);
    CHECK(target_of(history) == "1");
}

TEST_CASE("a quarantined content is neither used nor a rollback target") {
    ModuleHistory history;
    history.serve(version("1"), "", 1);
    history.serve(version("2"), "", 2);
    history.quarantine("content of 2", "it crashed");
    history.serve(version("1"), "quarantined", 3);
    CHECK(current_of(history) == "1");
    CHECK(target_of(history) == "none");
    REQUIRE(history.quarantined("content of 2"));
    CHECK(*history.quarantined("content of 2") == "it crashed");
    CHECK(!history.quarantined("content of 1"));
    history.release("content of 2");
    CHECK(!history.quarantined("content of 2"));
}

TEST_CASE("a quarantine takes away the rollback target") {
    ModuleHistory history;
    history.serve(version("1"), "", 1);
    history.serve(version("2"), "", 2);
    history.quarantine("content of 1", "bad after all");
    CHECK(target_of(history) == "none");
}

TEST_CASE("a module that is removed is the rollback target when it comes again as another version") {
    ModuleHistory history;
    history.serve(version("1"), "", 1);
    history.end("its file was removed", 5);
    CHECK(current_of(history) == "none");
    CHECK(target_of(history) == "1");
    CHECK(history.generations().back().ended == "its file was removed");
    history.end("again", 6); // nothing serves: nothing happens
    CHECK(history.generations().back().until_ms == 5);
    history.serve(version("2"), "", 7);
    CHECK(target_of(history) == "1");
}

TEST_CASE("only the last generations are remembered") {
    ModuleHistory history;
    for (int i = 1; i <= 25; ++i) history.serve(version(std::to_string(i)), "replaced", i);
    CHECK(history.generations().size() == ModuleHistory::kGenerations);
    CHECK(history.generations().front().number == 16);
    CHECK(restored(history).generations().size() == ModuleHistory::kGenerations);
}

TEST_CASE("a restart remembers what served, the rollback target, the quarantine, and the numbers") {
    ModuleHistory before;
    before.serve(version("1"), "", 1);
    before.serve(version("2"), "replaced \"by hand\"", 2);
    before.quarantine("content of 3", "line 1\nline 2");
    ModuleHistory after = restored(before);
    CHECK(current_of(after) == "none"); // until its file is looked at
    REQUIRE(after.last_served());
    CHECK(after.last_served()->version.info.version == "2");
    CHECK(after.last_served()->version.staged == "/state/modules/2/swap.so");
    CHECK(after.last_served()->version.info.concurrent);
    CHECK(target_of(after) == "1");
    REQUIRE(after.quarantined("content of 3"));
    CHECK(*after.quarantined("content of 3") == "line 1\nline 2");
    CHECK(after.generations().size() == 2);
    CHECK(after.generations()[0].ended == "replaced \"by hand\"");
    CHECK(after.generations()[1].ended == "angod ended");
    CHECK(restored(after).to_json() == after.to_json());

    SUBCASE("the same version serves again") {
        CHECK(after.serve(version("2"), "", 10)->number == 2); // the generation goes on
        CHECK(target_of(after) == "1");
        CHECK(!after.last_served());
        CHECK(after.generations().size() == 2);
        CHECK(after.generations()[1].ended.empty());
        CHECK(after.generations()[1].since_ms == 2);
        CHECK(restored(after).serve(version("2"), "", 11)->number == 2);
        CHECK(after.serve(version("2"), "reloaded", 12)->number == 3); // not a restart
    }
    SUBCASE("another one serves: the last one is the rollback target") {
        CHECK(after.serve(version("4"), "", 10)->number == 3);
        CHECK(target_of(after) == "2");
    }
    SUBCASE("the one before serves") {
        after.serve(version("1"), "", 10);
        CHECK(target_of(after) == "2");
    }
    SUBCASE("the last one is quarantined") {
        after.quarantine("content of 2", "bad");
        CHECK(!after.last_served());
        after.serve(version("1"), "", 10);
        CHECK(target_of(after) == "none");
    }
}

TEST_CASE("the rollback target has the number that it had, and stays the same object") {
    ModuleHistory history;
    const auto first = history.serve(version("1"), "", 1);
    const auto again = history.serve(version("1"), "reloaded", 2);
    history.serve(version("2"), "", 3);
    CHECK(history.rollback_target() == again);
    CHECK(history.rollback_target()->number == 2);
    history.serve(version("2"), "reloaded", 4);
    CHECK(history.rollback_target() == again);
    CHECK(restored(history).rollback_target()->number == 2);

    SUBCASE("also what served when angod ended") {
        ModuleHistory after = restored(history);
        after.serve(version("3"), "", 5);
        CHECK(target_of(after) == "2");
        CHECK(after.rollback_target()->number == 4);
    }
}

TEST_CASE("what no plugin has served with does not take the place of what one has") {
    ModuleHistory history;
    history.serve(version("1"), "", 1);
    CHECK(history.prove("content of 1"));
    CHECK(!history.prove("content of 1"));
    CHECK(!history.prove("content of 7")); // nothing that matters here
    history.serve(version("2"), "", 2);
    CHECK(target_of(history) == "1");

    SUBCASE("a version that nobody could use, and another") {
        history.serve(version("3"), "", 3);
        CHECK(target_of(history) == "1");
        history.serve(version("4"), "", 4);
        CHECK(target_of(history) == "1");
    }
    SUBCASE("across a restart") {
        ModuleHistory after = restored(history);
        after.serve(version("3"), "", 3);
        CHECK(target_of(after) == "1");
        ModuleHistory once_more = restored(restored(after));
        CHECK(!once_more.prove("content of 1"));
        once_more.serve(version("4"), "", 4);
        CHECK(target_of(once_more) == "1");
    }
    SUBCASE("one that has been proved does") {
        CHECK(history.prove("content of 2"));
        history.serve(version("3"), "", 3);
        CHECK(target_of(history) == "2");
    }
    SUBCASE("its file is taken away") {
        history.end("its file was removed", 3);
        CHECK(target_of(history) == "1");
    }
    SUBCASE("a proof is forgotten with its version") {
        CHECK(history.prove("content of 2"));
        history.serve(version("3"), "", 3);
        history.serve(version("1"), "", 4);
        history.serve(version("4"), "", 5);
        CHECK(target_of(history) == "2");
        CHECK(!history.prove("content of 1"));
    }
}

TEST_CASE("the file of what serves may get another name") {
    ModuleHistory history;
    const auto serving = history.serve(version("1"), "", 1);
    CHECK(history.source() == "/modules/swap.so");
    history.move_to("/modules/b.so");
    CHECK(history.current() == serving);
    const ModuleHistory after = restored(restored(history));
    CHECK(after.source() == "/modules/b.so");
    REQUIRE(after.last_served());
    CHECK(after.last_served()->version.source == "/modules/b.so");
    history.serve(version("2"), "", 2);
    CHECK(history.source() == "/modules/swap.so");
}

TEST_CASE("a removed version stays the rollback target for a day") {
    constexpr auto kDay = ModuleHistory::kKeepRemovedMs;
    ModuleHistory history;
    history.serve(version("1"), "", 1);
    CHECK(!history.forget_removed(2 * kDay)); // it serves
    SUBCASE("while angod runs") {
        history.end("its file was removed", 10);
        CHECK(!history.forget_removed(kDay));
        CHECK(target_of(history) == "1");
        CHECK(history.forget_removed(10 + kDay));
    }
    SUBCASE("while it does not") {
        history = restored(history);
        CHECK(history.forget_removed(10));
        CHECK(!history.last_served());
        CHECK(target_of(history) == "1");
        CHECK(history.generations().back().until_ms == 10);
        history = restored(history);
        CHECK(!history.forget_removed(9 + kDay));
        CHECK(history.forget_removed(10 + kDay));
    }
    CHECK(target_of(history) == "none");
    CHECK(!history.forget_removed(9 * kDay));
}

TEST_CASE("a text that is not ours is an empty history") {
    for (const char *text :
         {"", "no JSON", "[]", "{}", R"({"current":7,"fallback":[],"quarantined":{},"generations":1})",
          R"({"last_number":"x","current":{"sha256":"a"},"generations":[1,null]})"}) {
        const ModuleHistory history = ModuleHistory::from_json(text);
        CHECK(!history.current());
        CHECK(!history.last_served());
        CHECK(!history.rollback_target());
        CHECK(history.quarantined().empty());
    }
}

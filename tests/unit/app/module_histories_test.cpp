// The histories of modules on a real store, which fails at times: another connection takes its table away and gives it
// back.
#include "app/module_histories.hpp"

#include "app/fakes.hpp"
#include "jobs/sqlite.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::app;

namespace {

struct World : QueueWorld {
    jobs::Database other{(folder.path() / "state" / "jobs.db").string()};
    ModuleHistories histories{context.get_executor(), *store, std::chrono::milliseconds(1)};

    std::string stored(const std::string &id) {
        jobs::Statement ask(other, "SELECT history FROM module_history WHERE id = ?1");
        return ask.bind(id).step() ? ask.text(0) : "";
    }
    void until_stored(const std::string &id, const std::string &history) {
        until([&] { return stored(id) == history; });
    }
    /// The store answers in order: all that was asked of it before is done after this.
    void wait_for_store() { REQUIRE(run_coroutine(context, store->is_ready("nothing"))); }
    void break_store() { other.run("ALTER TABLE module_history RENAME TO taken_away"); }
    void mend_store() { other.run("ALTER TABLE taken_away RENAME TO module_history"); }
};

} // namespace

TEST_CASE("module histories: each module has its own, and the next angod finds it") {
    World w;
    w.histories.save("a", "first");
    w.histories.save("b", "other");
    w.until_stored("a", "first");
    w.until_stored("b", "other");
    w.histories.save("a", "second");
    w.until_stored("a", "second");
    CHECK(w.stored("b") == "other");
    w.wait_for_store();
    w.open();
    const std::map<std::string, std::string> expected{{"a", "second"}, {"b", "other"}};
    CHECK(w.store->module_histories() == expected);
}

TEST_CASE("module histories: of several in a row, the last one stays") {
    World w;
    for (const char *history : {"1", "2", "3"}) w.histories.save("a", history);
    w.until_stored("a", "3");
    w.wait_for_store();
    CHECK(w.stored("a") == "3");
}

TEST_CASE("module histories: one that comes while the one before is being written is written after it") {
    World w;
    w.histories.save("a", "1");
    w.context.restart();
    w.context.poll(); // the store has the first one now
    w.histories.save("a", "2");
    w.until_stored("a", "2");
    w.wait_for_store();
    CHECK(w.stored("a") == "2");
}

TEST_CASE("module histories: while the disk fails they are kept, and the last one is saved when it works again") {
    World w;
    w.break_store();
    w.histories.save("a", "1");
    w.wait_for_store();
    w.histories.save("a", "2");
    w.wait_for_store();
    w.mend_store();
    w.until_stored("a", "2");
    w.histories.save("a", "3"); // the retries have ended, and this one is saved as well
    w.until_stored("a", "3");
}

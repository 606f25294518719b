#include "app/settings_check.hpp"

#include "app/fakes.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::app;

namespace {

struct World : QueueWorld {
    SettingsChecks checks{context.get_executor(), *store};
    Signal changed{context.get_executor()};
    int attempts = 0;
    std::optional<Result<void>> outcome; ///< of attempts; nothing: they wait
    bool wanted = true;
    std::vector<std::optional<Result<void>>> results{3};

    SettingsChecks::Try attempt() {
        return [this] { return try_it(); };
    }
    awaitable<Result<void>> try_it() {
        ++attempts;
        while (!outcome) co_await changed.wait();
        co_return *outcome;
    }
    void begin(std::size_t at) {
        spawn(context.get_executor(), "check", [](World &w, std::size_t index) -> awaitable<void> {
            std::function<bool()> still = [&w, index] { return index > 0 || w.wanted; };
            w.results[index] = co_await w.checks.check("fact", std::move(still), w.attempt());
        }(*this, at));
    }
    void end(Result<void> with) {
        outcome = std::move(with);
        changed.wake_all();
    }
    bool is_known() { return run_coroutine(context, checks.is_known("fact")); }
};

} // namespace

TEST_CASE("settings check: plugins with the same settings share one, and a success is remembered") {
    World w;
    w.begin(0);
    w.begin(1);
    w.until([&] { return w.attempts == 1; });
    CHECK(!w.is_known());
    w.end({});
    w.until([&] { return w.results[0] && w.results[1]; });
    CHECK(w.attempts == 1);
    CHECK(*w.results[0]);
    CHECK(*w.results[1]);
    CHECK(w.is_known());
    w.begin(2);
    w.until([&] { return w.results[2].has_value(); });
    CHECK(w.attempts == 1);
}

TEST_CASE("settings check: a refusal counts for all, and is not remembered") {
    World w;
    w.begin(0);
    w.until([&] { return w.attempts == 1; });
    w.begin(1);
    w.is_known(); // the second one waits by now: the store answers in order
    w.end(error(Code::invalid, "wrong settings"));
    w.until([&] { return w.results[0] && w.results[1]; });
    CHECK(w.results[0]->error().text == "wrong settings");
    CHECK(w.results[1]->error().text == "wrong settings");
    CHECK(!w.is_known());
}

TEST_CASE("settings check: a check that was cancelled says nothing to the others") {
    World w;
    w.begin(0);
    w.until([&] { return w.attempts == 1; });
    w.begin(1);
    w.is_known();
    w.end(error(Code::cancelled, "superseded"));
    w.until([&] { return w.attempts == 2; });
    w.end({});
    w.until([&] { return w.results[1].has_value(); });
    CHECK(w.results[0]->error().code == Code::cancelled);
}

TEST_CASE("settings check: one that waits for another ends when it is not wanted any more") {
    World w;
    w.begin(1);
    w.until([&] { return w.attempts == 1; });
    w.begin(0);
    w.is_known();
    w.wanted = false;
    w.checks.wake();
    w.until([&] { return w.results[0].has_value(); });
    CHECK(w.results[0]->error().code == Code::cancelled);
    CHECK(!w.results[1]);
    w.end({});
    w.until([&] { return w.results[1].has_value(); });
}

// The outbox with a fake link and a real queue on a real store.
//
// In particular: answers that are too long for Hub are replaced or given up, each once, whatever the kind of the job.
#include "app/outbox.hpp"

#include "app/fakes.hpp"
#include "printing.hpp"

using namespace angod;
using namespace angod::app;

namespace {

hub::PluginEvent event(const std::string &session) {
    hub::PluginEvent event;
    event.session = session;
    event.log_context = "{}";
    return event;
}

struct World : QueueWorld {
    Counters counters;
    FakeSessionLog session_log;
    FakeLink link;
    std::optional<Outbox> outbox;

    World() { connect(); }
    void connect() {
        outbox.emplace(Outbox::Neighbours{context.get_executor(), "p", config::HubLog::on, *queue, link, counters,
                                          session_log, Log()});
        on_answered = [this](const jobs::JobPtr &job) { outbox->send(job); };
    }
    void finish(const jobs::JobPtr &job, std::string message) {
        run_coroutine(context, queue->finish(job, {std::move(message), jobs::State::done, ""}));
    }
    std::uint64_t given_up() const { return counters.of_plugin("p").answers_given_up; }
};

const std::string kError = hub::error_answer("1"); ///< 26 bytes

} // namespace

TEST_CASE("outbox: an answer is sent, and confirmed when it is delivered") {
    World w;
    const auto job = w.claim();
    w.finish(job, "A");
    CHECK(w.link.sent == std::vector<std::string>{"A"});
    w.outbox->delivered({job->id, "unknown"});
    w.until([&] { return w.times_ended == 1; });
    CHECK(w.queue->answers("p").empty());
}

TEST_CASE("outbox: an answer that had no link is sent when there is one") {
    World w;
    w.link.is_live = false;
    w.finish(w.claim(), "A");
    w.outbox->refuse(event("2"), error(Code::full, "the queue is full"));
    CHECK(w.link.sent.empty());
    CHECK(w.outbox->refusals() == 1);
    w.link.is_live = true;
    w.outbox->send_all();
    CHECK(w.link.sent == std::vector<std::string>{hub::error_answer("2"), "A"});
    w.outbox->delivered({w.link.sent_keys.front()});
    CHECK(w.outbox->refusals() == 0);
}

TEST_CASE("outbox: an answer longer than Hub takes is replaced by the error answer") {
    for (const PluginKind kind : {PluginKind::export_, PluginKind::input}) {
        World w;
        w.link.limit = 30;
        const auto job = w.claim("1", kind);
        w.finish(job, std::string(31, 'A'));
        w.until([&] { return !w.link.sent.empty() && job->answer_recorded; });
        CHECK(w.link.sent == std::vector<std::string>{kError});
        CHECK(job->answer.outcome == jobs::State::failed);
        CHECK(w.given_up() == 0);
    }
}

TEST_CASE("outbox: an answer whose error answer is too long as well is given up, once") {
    for (const PluginKind kind : {PluginKind::export_, PluginKind::input}) {
        World w;
        w.link.limit = 20;
        const auto job = w.claim("1", kind);
        w.finish(job, std::string(1234, 'A'));
        w.until([&] { return w.times_ended == 1; });
        CHECK(w.link.sent.empty());
        CHECK(job->state == jobs::State::failed);
        CHECK(job->answer.problem == "The answer could not be delivered: the answer is 1,234 bytes long and the error "
                                     "answer 26 bytes, more than Hub takes (20 bytes).");
        CHECK(w.given_up() == 1);
        CHECK(!w.queue->find(job->id));
        w.until([&] { return w.queue->answers("p").empty(); });
    }
}

TEST_CASE("outbox: the same of an error answer, whose problem stays") {
    World w;
    w.link.limit = 20;
    const auto job = w.claim();
    run_coroutine(w.context, w.queue->finish(job, {kError, jobs::State::failed, "It cannot be done."}));
    w.until([&] { return w.times_ended == 1; });
    CHECK(job->answer.problem.starts_with("It cannot be done. The answer could not be delivered: "));
    CHECK(w.given_up() == 1);
}

TEST_CASE("outbox: the same of what an earlier angod has left in the store") {
    World w;
    w.link.is_live = false;
    w.finish(w.claim(), std::string(100, 'A'));
    w.open();
    w.connect();
    w.link.is_live = true;
    w.link.limit = 20;
    w.outbox->send_all();
    w.until([&] { return w.times_ended == 1; });
    CHECK(w.queue->answers("p").empty());
    w.open();
    CHECK(w.queue->answers("p").empty());
}

TEST_CASE("outbox: a refusal that is too long is given up") {
    World w;
    w.link.limit = 20;
    w.outbox->refuse(event("1"), error(Code::full, "the queue is full"));
    CHECK(w.outbox->refusals() == 0);
    CHECK(w.given_up() == 1);
    CHECK(w.link.logged == std::vector<std::string>{"The plugin cannot take this run: the queue is full."});
}

TEST_CASE("outbox: an answer that Hub refuses for good is given up, and so is a refusal") {
    World w;
    const auto job = w.claim();
    w.finish(job, "A");
    w.outbox->undeliverable(job->id, "HTTP 403");
    w.until([&] { return w.times_ended == 1; });
    CHECK(job->answer.problem == "The answer could not be delivered: HTTP 403.");
    w.outbox->refuse(event("2"), error(Code::full, "the queue is full"));
    w.outbox->undeliverable(w.link.sent_keys.back(), "HTTP 403");
    CHECK(w.outbox->refusals() == 0);
    CHECK(w.given_up() == 2);
    w.outbox->undeliverable(job->id, "HTTP 403"); // it has ended
    CHECK(w.given_up() == 2);
}

TEST_CASE("outbox: refusals move to the plugin that takes over, and the oldest of too many goes") {
    World w;
    w.link.is_live = false;
    for (int i = 0; i < 1001; ++i) w.outbox->refuse(event(std::to_string(i)), error(Code::full, "full"));
    CHECK(w.outbox->refusals() == 1000);
    Outbox next(
        {w.context.get_executor(), "p", config::HubLog::on, *w.queue, w.link, w.counters, w.session_log, Log()});
    next.take_over(*w.outbox);
    CHECK(next.refusals() == 1000);
    w.link.is_live = true;
    next.send_all();
    CHECK(w.link.sent.front() == hub::error_answer("1"));
    CHECK(next.run_of(w.link.sent_keys.front())->posted);
}

TEST_CASE("outbox: the run of a key") {
    World w;
    const auto exported = w.claim("1"), read = w.claim("2", PluginKind::input);
    CHECK(w.outbox->run_of(exported->id)->posted);
    CHECK(!w.outbox->run_of(read->id)->posted);
    CHECK(w.outbox->run_of(read->id)->session == "2");
    CHECK(!w.outbox->run_of("unknown"));
    run_coroutine(w.context, w.queue->finish(read, {"E", jobs::State::failed, ""}));
    CHECK(w.outbox->run_of(read->id)->failed);
    CHECK(!w.outbox->run_of(read->id)->posted);
}

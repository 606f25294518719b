// The link joins three things: the calls that Hub makes (held_calls), the runs' logs and answers on their way to Hub
// (outgoing, one of them a run), and the calls that bring these to Hub (hub_calls).
//
// Each run with something on its way is a parcel, and each parcel of a working link has a coroutine of its own, serve(). It
// asks Outgoing for the next step, does it, and waits for its time or for news.
//
// Thread: the event loop. Invariants: a parcel is served by at most one coroutine. The coroutines of an epoch have ended
// when stop() returns. An answer is confirmed at most once for each send_answer.
#include "connector/rest_link.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "connector/bodies.hpp"

#include <fmt/format.h>

namespace angod::connector {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLarge = 64 * 1024; ///< longer events are parsed off the event loop
/// Hub's light turns red "in a couple of minutes" after the last heartbeat.
constexpr std::int64_t kAskedRecentlyMs = 180'000;
constexpr std::size_t kMaxText = 16 * 1024;
constexpr auto kHandOverLimit = 60s; ///< longer than writing a response may take

http::Response session_response(std::string_view session) {
    http::Response response;
    response.body = fmt::format(R"({{"session":{}}})", session);
    return response;
}

/// The vendor's connector answers so where the response does not tell the result.
http::Response null_response() {
    http::Response response;
    response.body = "null";
    return response;
}

http::Response error_response(int status, std::string_view text) {
    http::Response response;
    response.status = status;
    response.body = fmt::format(R"({{"error":{}}})", json::quote(text));
    return response;
}

Result<hub::PluginEvent> parse_event(std::string &body, const std::string &plugin_id) {
    auto event = hub::parse_plugin_event(body, plugin_id);
    if (event || event.error().code == Code::limit) return event;
    body = json::without_half_pairs(body); // half a surrogate pair may be all that is wrong
    return hub::parse_plugin_event(body, plugin_id);
}

/// Hub's own form of a message was refused as invalid; the published form may be accepted.
bool other_form_may_help(const Posted &posted, const hub::Run &run) {
    return posted.failed && posted.failed->code == Code::invalid && !run.api_key.empty();
}

} // namespace

/// Everything of one run that is on its way to Hub.
struct RestLink::Parcel {
    Parcel(const asio::any_io_executor &executor, Outgoing content) : outgoing(std::move(content)), changed(executor) {}
    Outgoing outgoing;
    bool news = false; ///< something has changed since the last step began
    Signal changed;
    void wake() {
        news = true;
        changed.wake_all();
    }
};

/// Responses that hold the same answer, and what became of them.
struct RestLink::HandOver {
    std::size_t reported = 0, arrived = 0;
};

RestLink::RestLink(const asio::any_io_executor &executor, asio::thread_pool &pool, Connector &connector,
                   RestOptions options, Callbacks callbacks, Log log)
    : executor_(executor),
      pool_(pool),
      connector_(connector),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      log_(std::move(log)),
      connector_id_(connector.add(options_.secret, *this)),
      held_(executor),
      served_(executor) {}

RestLink::~RestLink() {
    if (routed()) connector_.remove(connector_id_);
}

void RestLink::start() {
    if (working()) return;
    phase_ = routed() ? Phase::started : Phase::unrouted;
    ++epoch_;
    cancel_ = std::make_shared<CancelToken>();
    const auto parcels = parcels_;
    for (const auto &[key, parcel] : parcels) spawn(executor_, "answer by call", serve(parcel));
    callbacks_.live();
}

awaitable<void> RestLink::stop() {
    phase_ = routed() ? Phase::stopped : Phase::left;
    ++epoch_;
    if (cancel_) cancel_->cancel();
    for (const auto &[key, parcel] : parcels_) parcel->wake();
    held_.release_all();
    while (serving_ > 0) co_await served_.wait();
    for (const auto &[key, parcel] : parcels_) lines_.take(key);
    parcels_.clear();
}

void RestLink::stop_routing() {
    if (!routed()) return;
    connector_.remove(connector_id_);
    phase_ = phase_ == Phase::started ? Phase::unrouted : Phase::left;
    if (phase_ == Phase::left) held_.release_all();
}

// ---- the light

bool RestLink::recently_asked() const {
    return last_heartbeat_boot_ms_ > 0 && since_boot_ms() - last_heartbeat_boot_ms_ < kAskedRecentlyMs;
}

http::Response RestLink::heartbeat() {
    http::Response response;
    if (!working() || !callbacks_.ready()) return error_response(503, "the plugin is not ready");
    if (!recently_asked()) {
        ++connects_;
        log_.info("Hub asks for the heartbeat");
    }
    last_heartbeat_ms_ = now_ms();
    last_heartbeat_boot_ms_ = since_boot_ms();
    response.body = R"("ok")";
    return response;
}

socketio::LinkState RestLink::state() const {
    if (!working()) return socketio::LinkState::idle;
    return recently_asked() ? socketio::LinkState::live : socketio::LinkState::connecting;
}

const std::string &RestLink::reason() const {
    static const std::string kNone, kNever = "Hub has not asked for the heartbeat yet",
                                    kLongAgo = "Hub has not asked for the heartbeat for some minutes";
    return recently_asked() ? kNone : last_heartbeat_ms_ == 0 ? kNever : kLongAgo;
}

// ---- a run comes

awaitable<Result<hub::PluginEvent>> RestLink::parse(std::string &body) {
    const auto work = [&] { return parse_event(body, options_.id); };
    if (body.size() > kLarge) co_return co_await on_pool(pool_, work);
    co_return work();
}

awaitable<http::Response> RestLink::take(http::Request request) {
    const auto event = co_await parse(request.body);
    if (!event) {
        log_.warning("a run of Hub was refused: {}", event.error().text);
        co_return error_response(400, event.error().text);
    }
    const HeldCallPtr call = held_.add(event->digest);
    request.caller->on_gone = [call] { call->caller_gone(); };
    if (request.caller->gone) call->caller_gone();
    const PluginKind kind = callbacks_.kind();
    const bool task = kind == PluginKind::model && event->flags.workflow;
    // Hub sends thousands of tasks at once. No user waits for one of them.
    if (phase_ == Phase::left || (task && !options_.hold_workflow)) call->release();
    callbacks_.plugin_event(std::move(request.body), [call] { call->set_recorded(); });
    const Time deadline = Clock::now() + options_.hold;
    co_await call->wait(deadline);
    if (call->phase() == HeldCall::Phase::answered) co_return call->take_response();
    held_.remove(event->digest, call);
    if (!call->recorded()) co_return error_response(503, "the run could not be recorded in time");
    if (task || kind == PluginKind::export_) co_return null_response();
    co_return session_response(event->session);
}

// ---- answers and lines leave

RestLink::ParcelPtr RestLink::parcel(const std::string &key, std::string_view log_context) {
    if (const auto found = parcels_.find(key); found != parcels_.end()) return found->second;
    auto run = callbacks_.run(key);
    if (!run) return nullptr;
    Outgoing outgoing(lines_, key, log_context, std::move(*run), Clock::now());
    const auto made = std::make_shared<Parcel>(executor_, std::move(outgoing));
    parcels_[key] = made;
    if (working()) spawn(executor_, "answer by call", serve(made));
    return made;
}

hub::Link::Sent RestLink::send_answer(const std::string &key, std::string_view message, std::string_view log_context) {
    if (!working()) return Sent::not_live;
    const ParcelPtr parcel = this->parcel(key, log_context);
    if (!parcel) return Sent::not_live;
    if (auto run = callbacks_.run(key)) parcel->outgoing.set_run(std::move(*run));
    parcel->outgoing.set_answer(std::string(message), Clock::now());
    parcel->wake();
    return Sent::written;
}

void RestLink::log(const std::string &key, std::string_view log_context, hub::LogLevel level, std::string_view text) {
    const ParcelPtr parcel = this->parcel(key, log_context);
    if (!parcel) return;
    parcel->outgoing.add_line(hub::log_message(log_context, level, beginning_of(text, kMaxText)));
    parcel->wake();
}

awaitable<void> RestLink::serve(ParcelPtr parcel) {
    const std::uint64_t epoch = epoch_;
    const auto done = [&] { return parcel->outgoing.phase() == Outgoing::Phase::done; };
    ++serving_;
    while (epoch == epoch_ && !done()) {
        parcel->news = false;
        const Time until = co_await step(parcel);
        if (epoch != epoch_ || done() || parcel->news || until <= Clock::now()) continue;
        co_await parcel->changed.wait_until(until);
    }
    if (done()) {
        lines_.take(parcel->outgoing.key());
        parcels_.erase(parcel->outgoing.key());
    }
    --serving_;
    served_.wake_all();
}

/// Does what comes next for a run. Returns when to look again.
awaitable<RestLink::Time> RestLink::step(ParcelPtr parcel) {
    const Time now = Clock::now();
    const Outgoing::Step step = parcel->outgoing.next(now, held_.contains(parcel->outgoing.run().digest));
    switch (step.action) {
        case Outgoing::Action::post_line: co_await post_line(parcel); break;
        case Outgoing::Action::hand_over: co_await hand_over(parcel); break;
        case Outgoing::Action::post_answer: co_await post_answer(parcel); break;
        case Outgoing::Action::confirm_without_answer:
            held_.release(parcel->outgoing.run().digest);
            delivered(*parcel);
            break;
        case Outgoing::Action::wait: co_return step.until;
        case Outgoing::Action::end: break;
    }
    co_return now;
}

awaitable<Posted> RestLink::post(const hub::Run &run, Content content, std::string body) {
    const bool is_line = content == Content::line;
    Post post;
    post.what = is_line ? "a line of the session log" : "the plugin's answer";
    post.url = options_.api_url + (is_line ? "/v2/pluginLog" : "/v2/pluginResponse");
    post.api_key = run.api_key;
    post.body = std::move(body);
    if (run.api_key.empty()) {
        Posted posted;
        posted.failed = error(Code::invalid, "the event of the run had no API key to send it with");
        co_return posted;
    }
    // No user waits for a line, or for the answer to a task of a workflow. A line must not hold up the answer behind it.
    if (is_line || run.posted) post.urgency = hub::Urgency::nobody_waits;
    if (is_line) co_return co_await connector_.calls().post_now(options_.client, std::move(post), cancel_);
    co_return co_await connector_.calls().post(options_.client, std::move(post), cancel_);
}

awaitable<void> RestLink::post_line(ParcelPtr parcel) {
    Outgoing &outgoing = parcel->outgoing;
    SessionLog::Line line = outgoing.take_line(Clock::now());
    auto posted = co_await post(outgoing.run(), Content::line, line.message);
    if (other_form_may_help(posted, outgoing.run()))
        posted = co_await post(outgoing.run(), Content::line, published_log(line.message));
    if (!posted.failed) co_return outgoing.line_sent();
    const auto verdict = outgoing.line_failed(std::move(line), posted, Clock::now());
    if (verdict == Outgoing::Verdict::first_lost)
        log_.with("job", outgoing.key()).warning("lines of the session log are lost: {}", posted.failed->text);
}

/// Gives the answer to all calls that wait for it. It is delivered if one of them receives it.
awaitable<void> RestLink::hand_over(ParcelPtr parcel) {
    const std::vector<HeldCallPtr> calls = held_.take(parcel->outgoing.run().digest);
    const auto handed = std::make_shared<HandOver>();
    for (const HeldCallPtr &call : calls) {
        http::Response response;
        response.body = parcel->outgoing.answer();
        // As the vendor's connector does. With another status Hub might not see that the run failed.
        if (parcel->outgoing.run().failed) response.status = 500;
        response.taken = [parcel, handed](bool arrived) {
            ++handed->reported;
            if (arrived) ++handed->arrived;
            parcel->wake();
        };
        call->answer(std::move(response));
    }
    const std::uint64_t epoch = epoch_;
    const Time deadline = Clock::now() + kHandOverLimit;
    while (epoch == epoch_ && handed->arrived == 0 && handed->reported < calls.size() && Clock::now() < deadline)
        co_await parcel->changed.wait_until(deadline);
    if (handed->arrived > 0) delivered(*parcel);
}

awaitable<void> RestLink::post_answer(ParcelPtr parcel) {
    Outgoing &outgoing = parcel->outgoing;
    outgoing.answer_started(Clock::now());
    const std::string message = outgoing.answer();
    auto posted = co_await post(outgoing.run(), Content::answer, message);
    if (other_form_may_help(posted, outgoing.run()))
        posted = co_await post(outgoing.run(), Content::answer, published_answer(message, options_.id));
    if (!posted.failed) {
        held_.release(outgoing.run().digest);
        delivered(*parcel);
    } else {
        answer_failed(outgoing, posted);
    }
}

/// Neither a coroutine nor a switch: clang 14 destroys a temporary log on paths on which it was never made.
void RestLink::answer_failed(Outgoing &outgoing, const Posted &posted) {
    const std::int64_t age_ms = since_boot_ms() - outgoing.run().created_boot_ms;
    const auto verdict = outgoing.answer_failed(posted, age_ms, Clock::now());
    if (verdict == Outgoing::Verdict::lost) {
        held_.release(outgoing.run().digest);
        return callbacks_.undeliverable(outgoing.key(), posted.failed->text);
    }
    if (verdict != Outgoing::Verdict::first_retry) return;
    const Log log = log_.with("job", outgoing.key());
    log.warning("cannot deliver the answer yet; will retry: {}", posted.failed->text);
}

void RestLink::delivered(Parcel &parcel) {
    parcel.outgoing.delivered();
    callbacks_.delivered({parcel.outgoing.key()});
}

} // namespace angod::connector

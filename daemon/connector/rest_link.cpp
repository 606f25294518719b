#include "connector/rest_link.hpp"

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"
#include "connector/bodies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <random>

namespace angod::connector {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kLarge = 64 * 1024; ///< longer events are taken apart off the event loop
/// Hub's light turns red "in a couple of minutes" after the last heartbeat.
constexpr std::int64_t kAskedRecentlyMs = 180'000;
// The API takes 100 calls a minute with one key, and the module's own calls are among them.
constexpr double kBurst = 20;
constexpr auto kLineEvery = 2s;
/// So many lines go before an answer that is ready, and for so long somebody waits for that.
constexpr std::size_t kLastLines = 20;
constexpr auto kLogsBeforeResponse = 2s;
constexpr std::size_t kMaxText = 16 * 1024;
/// So many failures of one line, and what follows it does not wait any more.
constexpr unsigned kLineAttempts = 3;
constexpr auto kForgetIdle = 1min;
constexpr auto kHandOverLimit = 60s; ///< more than writing a response may take
constexpr std::chrono::milliseconds kFirstWait = 1s, kLongestWait = 5min;
/// An answer that nobody took is given up after that age and so many attempts.
constexpr std::int64_t kGiveUpMs = 86'400'000;
constexpr unsigned kLeastAttempts = 8;

http::Response session_response(std::string_view session) {
    http::Response response;
    response.body = fmt::format(R"({{"session":{}}})", session);
    return response;
}

http::Response error_response(int status, std::string_view text) {
    http::Response response;
    response.status = status;
    response.body = fmt::format(R"({{"error":{}}})", json::quote(text));
    return response;
}

bool may_pass(Code code) { return code == Code::network || code == Code::timeout || code == Code::protocol; }

} // namespace

/// A request that waits for the answer to its run.
struct RestLink::Waiter {
    explicit Waiter(const asio::any_io_executor &executor) : changed(executor) {}
    bool gone = false; ///< nobody waits any more
    bool over = false; ///< nothing will come but the record
    bool recorded = false;
    std::optional<http::Response> response;
    Signal changed;
    void end() {
        over = true;
        changed.wake_all();
    }
};

/// What is on its way to Hub for one run.
struct RestLink::Parcel {
    Parcel(const asio::any_io_executor &executor, std::string k, std::string_view context, hub::Run r)
        : key(std::move(k)), log_context(context), run(std::move(r)), changed(executor) {}
    const std::string key, log_context;
    hub::Run run;
    std::deque<std::string> lines;     ///< whole "log" arguments
    std::size_t dropped = 0;           ///< lines
    std::optional<std::string> answer; ///< until it is delivered
    Time logs_until;                   ///< a request that waits gets its answer then, lines or not
    bool ended = false;                ///< the answer is delivered, lines may be left
    bool done = false;
    bool told = false;           ///< the operator, that lines are lost
    bool told_of_answer = false; ///< that it could not be delivered yet
    unsigned failures = 0, line_failures = 0;
    Time not_before;
    double tokens = kBurst; ///< lines that may be sent at once
    Time tokens_at = Clock::now(), used_at = Clock::now();
    std::size_t reported = 0; ///< of the responses that hold the answer
    bool handed = false;      ///< one of them has arrived
    bool news = false;        ///< since it was looked at
    Signal changed;
    void wake() {
        news = true;
        changed.wake_all();
    }
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
      served_(executor) {}

RestLink::~RestLink() {
    if (connector_id_) connector_.remove(*connector_id_);
}

void RestLink::start() {
    if (std::exchange(started_, true)) return;
    ++epoch_;
    cancel_ = std::make_shared<CancelToken>();
    const auto parcels = parcels_;
    for (const auto &[key, parcel] : parcels) spawn(executor_, "answer by call", serve(parcel));
    callbacks_.live();
}

awaitable<void> RestLink::stop() {
    started_ = false;
    ++epoch_;
    if (cancel_) cancel_->cancel();
    for (const auto &[key, parcel] : parcels_) parcel->wake();
    for (const auto &[digest, waiter] : waiting_) waiter->end();
    while (serving_ > 0) co_await served_.wait();
    parcels_.clear();
}

void RestLink::leave() {
    if (!connector_id_) return;
    connector_.remove(*connector_id_);
    connector_id_.reset();
    if (started_) return; // it still answers the calls that wait
    for (const auto &[digest, waiter] : waiting_) waiter->end();
}

// ---- the light

bool RestLink::recently_asked() const {
    return last_heartbeat_boot_ms_ > 0 && since_boot_ms() - last_heartbeat_boot_ms_ < kAskedRecentlyMs;
}

http::Response RestLink::heartbeat() {
    http::Response response;
    if (!started_ || !callbacks_.ready()) return error_response(503, "the plugin is not ready");
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
    if (!started_) return socketio::LinkState::idle;
    return recently_asked() ? socketio::LinkState::live : socketio::LinkState::connecting;
}

const std::string &RestLink::reason() const {
    static const std::string kNone, kNever = "Hub has not asked for the heartbeat yet",
                                    kLongAgo = "Hub has not asked for the heartbeat for some minutes";
    return recently_asked() ? kNone : last_heartbeat_ms_ == 0 ? kNever : kLongAgo;
}

// ---- a run comes

awaitable<http::Response> RestLink::take(http::Request request) {
    const auto look = [&] {
        auto event = hub::parse_plugin_event(request.body, options_.id);
        if (!event && event.error().code != Code::limit) { // it may be fine but for half a pair
            request.body = json::without_half_pairs(request.body);
            event = hub::parse_plugin_event(request.body, options_.id);
        }
        return event;
    };
    std::optional<Result<hub::PluginEvent>> parsed;
    if (request.body.size() > kLarge)
        parsed.emplace(co_await on_pool(pool_, look));
    else
        parsed.emplace(look());
    if (!*parsed) {
        log_.warning("a run of Hub was refused: {}", parsed->error().text);
        co_return error_response(400, parsed->error().text);
    }
    const hub::PluginEvent &event = **parsed;
    const auto waiter = std::make_shared<Waiter>(executor_);
    const auto place = waiting_.emplace(event.digest, waiter);
    request.caller->on_gone = [waiter] {
        waiter->gone = true;
        waiter->end();
    };
    waiter->gone = request.caller->gone;
    waiter->over = !connector_id_ && !started_;
    callbacks_.plugin_event(std::move(request.body), [waiter] {
        waiter->recorded = true;
        waiter->changed.wake_all();
    });
    const Time deadline = Clock::now() + options_.hold;
    const auto ended = [&] { return waiter->response || waiter->gone || (waiter->over && waiter->recorded); };
    while (!ended() && Clock::now() < deadline) co_await waiter->changed.wait_until(deadline);
    if (waiter->response) co_return std::move(*waiter->response);
    waiting_.erase(place);
    if (!waiter->recorded) co_return error_response(503, "the run could not be recorded in time");
    co_return session_response(event.session);
}

std::vector<RestLink::WaiterPtr> RestLink::take_waiters(const std::string &digest) {
    std::vector<WaiterPtr> waiters;
    const auto [from, to] = waiting_.equal_range(digest);
    for (auto it = from; it != to; ++it) waiters.push_back(it->second);
    waiting_.erase(from, to);
    return waiters;
}

/// Their answer goes, or went, another way.
void RestLink::release_waiters(const std::string &digest) {
    const auto [from, to] = waiting_.equal_range(digest);
    for (auto it = from; it != to; ++it) it->second->end();
}

// ---- answers and lines leave

RestLink::ParcelPtr RestLink::parcel(const std::string &key, std::string_view log_context) {
    if (const auto found = parcels_.find(key); found != parcels_.end()) return found->second;
    auto run = callbacks_.run(key);
    if (!run) return nullptr;
    const auto made = std::make_shared<Parcel>(executor_, key, log_context, std::move(*run));
    parcels_[key] = made;
    if (started_) spawn(executor_, "answer by call", serve(made));
    return made;
}

hub::Link::Sent RestLink::send_answer(const std::string &key, std::string_view message, std::string_view log_context) {
    if (!started_) return Sent::not_live;
    const ParcelPtr parcel = this->parcel(key, log_context);
    if (!parcel) return Sent::not_live;
    if (auto run = callbacks_.run(key)) parcel->run = std::move(*run);
    parcel->answer = std::string(message);
    parcel->ended = false;
    parcel->logs_until = Clock::now() + kLogsBeforeResponse;
    parcel->wake();
    return Sent::written;
}

void RestLink::log(const std::string &key, std::string_view log_context, hub::LogLevel level, std::string_view text) {
    const ParcelPtr parcel = this->parcel(key, log_context);
    if (!parcel) return;
    kept_.add(key, hub::log_message(log_context, level, beginning_of(text, kMaxText)));
    parcel->wake();
}

awaitable<void> RestLink::serve(ParcelPtr parcel) {
    const std::uint64_t epoch = epoch_;
    ++serving_;
    while (epoch == epoch_ && !parcel->done) {
        parcel->news = false;
        const Time until = co_await step(parcel);
        if (epoch != epoch_ || parcel->done || parcel->news || until <= Clock::now()) continue;
        co_await parcel->changed.wait_until(until);
    }
    if (parcel->done) {
        kept_.take(parcel->key);
        parcels_.erase(parcel->key);
    }
    --serving_;
    served_.wake_all();
}

/// Does what comes next for a run; when to look again.
awaitable<RestLink::Time> RestLink::step(ParcelPtr parcel) {
    gather(*parcel);
    const Time now = Clock::now();
    const bool waited_for = parcel->answer && !parcel->run.posted && waiting_.contains(parcel->run.digest);
    const bool lines_first = waited_for ? now < parcel->logs_until : parcel->line_failures < kLineAttempts;
    if (!parcel->lines.empty() && (lines_first || !parcel->answer)) {
        Time next = parcel->not_before;
        if (!parcel->answer && !parcel->ended && parcel->tokens < 1)
            next = std::max(next, parcel->tokens_at + kLineEvery);
        if (now < next) co_return waited_for ? std::min(next, parcel->logs_until) : next;
        co_await post_line(parcel);
        co_return now;
    }
    if (!parcel->answer) {
        parcel->done = parcel->ended || now >= parcel->used_at + kForgetIdle;
        co_return parcel->used_at + kForgetIdle;
    }
    if (parcel->answer->empty()) { // Hub wants none
        release_waiters(parcel->run.digest);
        delivered(*parcel);
    } else if (waited_for) {
        const bool handed = co_await hand_over(parcel);
        if (handed) delivered(*parcel);
    } else if (now < parcel->not_before) {
        co_return parcel->not_before;
    } else {
        co_await post_answer(parcel);
    }
    co_return now;
}

/// Takes over the lines that came; if the end is there, only the last of them, with a count of the others.
void RestLink::gather(Parcel &parcel) {
    const Time now = Clock::now();
    const std::chrono::duration<double> passed = now - parcel.tokens_at;
    const double more = passed / std::chrono::duration<double>(kLineEvery);
    if (more >= 1) {
        parcel.tokens = std::min(kBurst, parcel.tokens + more);
        parcel.tokens_at = now;
    }
    hub::LogBuffer::Kept kept = kept_.take(parcel.key);
    parcel.dropped += kept.dropped;
    for (std::string &line : kept.messages) parcel.lines.push_back(std::move(line));
    const std::size_t most = parcel.answer ? kLastLines : hub::LogBuffer::kLines;
    for (; parcel.lines.size() > most; parcel.lines.pop_front()) ++parcel.dropped;
    if (parcel.answer && parcel.dropped > 0)
        parcel.lines.push_front(
            hub::log_message(parcel.log_context, hub::LogLevel::warning,
                             fmt::format("{} earlier lines of this run were dropped: Hub takes only so many a minute",
                                         std::exchange(parcel.dropped, 0))));
}

awaitable<Posted> RestLink::post(const hub::Run &run, const char *what, const char *path, std::string body) {
    Post post;
    post.what = what;
    post.url = options_.api_url + path;
    post.api_key = run.api_key;
    post.body = std::move(body);
    if (run.api_key.empty()) {
        Posted posted;
        posted.failed = error(Code::invalid, "the event of the run had no API key to send it with");
        co_return posted;
    }
    co_return co_await connector_.calls().post(options_.client, std::move(post), cancel_);
}

void RestLink::try_later(Parcel &parcel, const Posted &posted) {
    static std::minstd_rand random{std::random_device{}()};
    auto wait = std::min(kLongestWait, kFirstWait * (1 << std::min(parcel.failures, 10u)));
    wait += std::chrono::milliseconds(std::uniform_int_distribution<long>(0, wait.count() / 4)(random));
    parcel.not_before = Clock::now() + std::max(wait, std::min(posted.retry_after, kLongestWait));
    ++parcel.failures;
}

awaitable<void> RestLink::post_line(ParcelPtr parcel) {
    const std::string line = std::move(parcel->lines.front());
    parcel->lines.pop_front();
    parcel->tokens -= 1;
    parcel->used_at = Clock::now();
    auto posted = co_await post(parcel->run, "a line of the session log", "/v2/pluginLog", line);
    if (posted.failed && posted.failed->code == Code::invalid && !parcel->run.api_key.empty())
        posted = co_await post(parcel->run, "a line of the session log", "/v2/pluginLog", published_log(line));
    if (!posted.failed) {
        parcel->failures = parcel->line_failures = 0;
        co_return;
    }
    if (posted.failed->code == Code::cancelled) co_return;
    ++parcel->line_failures;
    if (may_pass(posted.failed->code) && (!parcel->ended || parcel->line_failures < kLineAttempts)) {
        parcel->lines.push_front(line);
        co_return try_later(*parcel, posted);
    }
    if (parcel->ended) parcel->lines.clear(); // nothing follows that would be worth the calls
    if (!std::exchange(parcel->told, true))
        log_.with("job", parcel->key).warning("lines of the session log are lost: {}", posted.failed->text);
}

/// To all requests that wait for it. False if none of them was still there.
awaitable<bool> RestLink::hand_over(ParcelPtr parcel) {
    const std::vector<WaiterPtr> waiters = take_waiters(parcel->run.digest);
    parcel->reported = 0;
    parcel->handed = false;
    for (const WaiterPtr &waiter : waiters) {
        http::Response &response = waiter->response.emplace();
        response.body = *parcel->answer;
        response.taken = [parcel](bool arrived) {
            ++parcel->reported;
            parcel->handed = parcel->handed || arrived;
            parcel->wake();
        };
        waiter->changed.wake_all();
    }
    const std::uint64_t epoch = epoch_;
    const Time deadline = Clock::now() + kHandOverLimit;
    while (epoch == epoch_ && !parcel->handed && parcel->reported < waiters.size() && Clock::now() < deadline)
        co_await parcel->changed.wait_until(deadline);
    co_return parcel->handed;
}

awaitable<void> RestLink::post_answer(ParcelPtr parcel) {
    parcel->used_at = Clock::now();
    const std::string message = *parcel->answer;
    auto posted = co_await post(parcel->run, "the plugin's answer", "/v2/pluginResponse", message);
    if (posted.failed && posted.failed->code == Code::invalid && !parcel->run.api_key.empty())
        posted = co_await post(parcel->run, "the plugin's answer", "/v2/pluginResponse",
                               published_answer(message, options_.id));
    if (!posted.failed) {
        release_waiters(parcel->run.digest);
        co_return delivered(*parcel);
    }
    const Error &failed = *posted.failed;
    if (failed.code == Code::cancelled) co_return;
    const bool too_old = since_boot_ms() - parcel->run.created_boot_ms > kGiveUpMs;
    if (!may_pass(failed.code) || (too_old && parcel->failures + 1 >= kLeastAttempts)) {
        release_waiters(parcel->run.digest);
        parcel->done = true;
        co_return callbacks_.undeliverable(parcel->key, failed.text);
    }
    if (!std::exchange(parcel->told_of_answer, true))
        log_.with("job", parcel->key).warning("the answer is not delivered yet, trying again: {}", failed.text);
    parcel->line_failures = 0;
    try_later(*parcel, posted);
}

void RestLink::delivered(Parcel &parcel) {
    parcel.answer.reset();
    parcel.ended = true;
    parcel.told_of_answer = false;
    parcel.failures = 0;
    parcel.not_before = {};
    callbacks_.delivered({parcel.key});
}

} // namespace angod::connector

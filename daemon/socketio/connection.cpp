#include "socketio/connection.hpp"

#include "base/clock.hpp"

#include <algorithm>

namespace angod::socketio {

namespace {

using Clock = std::chrono::steady_clock;

} // namespace

Connection::Connection(const asio::any_io_executor &executor, asio::thread_pool &pool, Options options,
                       Callbacks callbacks, Log log, Backoff backoff)
    : executor_(executor),
      pool_(pool),
      options_(std::move(options)),
      callbacks_(std::move(callbacks)),
      log_(std::move(log)),
      changed_(executor),
      backoff_(backoff) {
    session_callbacks_.live = [this] {
        if (phase_ == Phase::connecting) phase_ = Phase::live;
        reason_.clear();
        ++connects_;
        callbacks_.live();
    };
    session_callbacks_.event = [this](Event &&event) { callbacks_.event(std::move(event)); };
    session_callbacks_.delivered = [this](Mark mark) { callbacks_.delivered(mark); };
    session_callbacks_.acknowledged = [this](std::uint64_t id, std::string_view arguments) {
        if (callbacks_.acknowledged) callbacks_.acknowledged(id, arguments);
    };
}

void Connection::start() {
    if (phase_ != Phase::idle) return;
    phase_ = Phase::connecting;
    spawn(executor_, "connection", run());
}

awaitable<void> Connection::stop() {
    if (phase_ == Phase::idle) co_return;
    phase_ = Phase::stopping;
    changed_.wake_all();
    if (const auto session = session_) co_await session->close();
    while (phase_ == Phase::stopping) co_await changed_.wait();
}

awaitable<void> Connection::run() {
    while (phase_ != Phase::stopping) {
        phase_ = Phase::connecting;
        Session::Ending ending = co_await run_session(options_);
        if (ending.redirect && !ending.pause && phase_ != Phase::stopping) ending = co_await follow(std::move(ending));
        if (phase_ == Phase::stopping) break;
        phase_ = ending.end == Session::End::refused ? Phase::refused : Phase::backoff;
        if (ending.was_live) callbacks_.lost(ending.reason);
        const auto wait = wait_after(ending);
        tell(ending, wait);
        reason_ = ending.reason;
        if (ending.pause)
            reason_ += fmt::format("; the server asked for a pause, so angod tries again at {}",
                                   iso_time(now_ms() + wait.count()));
        const auto until = Clock::now() + wait;
        while (phase_ != Phase::stopping && Clock::now() < until) co_await changed_.wait_until(until);
    }
    phase_ = Phase::idle;
    changed_.wake_all();
}

awaitable<Session::Ending> Connection::run_session(const Options &options) {
    session_ = std::make_shared<Session>(executor_, pool_, options, session_callbacks_, log_);
    const auto session = session_;
    Session::Ending ending = co_await session->run();
    session_.reset();
    co_return ending;
}

/// Makes one session with the address to which Hub redirects. Its own redirect is not followed.
awaitable<Session::Ending> Connection::follow(Session::Ending redirected) {
    const Url &to = *redirected.redirect;
    const std::string name = fmt::format("https://{}", to.authority());
    if (std::exchange(told_redirect_, name) != name)
        log_.warning("{} redirects the WebSocket handshake to {}, which angod follows; write this address as hub.url",
                     options_.url.authority(), name);
    redirected_ = options_;
    redirected_->url = to;
    if (!redirected_->tls) {
        redirected.reason =
            fmt::format("cannot follow the redirect to {}: the certificate authorities {} cannot be read", name,
                        options_.ca_file.empty() ? "of the system" : "in " + options_.ca_file);
        co_return redirected;
    }
    co_return co_await run_session(*redirected_);
}

/// Many plugins may be asked for the same pause, so the random wait comes on top of it.
Backoff::Duration Connection::wait_after(const Session::Ending &ending) {
    const auto wait = backoff_.next(std::chrono::duration_cast<Backoff::Duration>(ending.live_for));
    return wait + std::min(ending.pause.value_or(std::chrono::milliseconds(0)), kLongestPause);
}

/// One line per change of the reason. A Hub that is down for a day, or that ends each session of a plugin whose secret it
/// does not know, is not news every 30 seconds.
void Connection::tell(const Session::Ending &ending, Backoff::Duration wait) {
    if (ending.reason != told_ || (ending.was_live && ending.end != Session::End::unwanted))
        log_.warning("{}; trying again, next in {} ms", ending.reason, wait.count());
    else
        log_.debug("{}; trying again in {} ms", ending.reason, wait.count());
    told_ = ending.reason;
}

LinkState Connection::state() const {
    switch (phase_) {
        case Phase::connecting: return LinkState::connecting;
        case Phase::live: return LinkState::live;
        case Phase::backoff: return LinkState::backoff;
        case Phase::refused: return LinkState::refused;
        default: return LinkState::idle;
    }
}

bool Connection::emit(std::string_view name, std::string_view argument_json, std::optional<std::uint64_t> ack) {
    return session_ && session_->emit(name, argument_json, ack);
}

void Connection::ack(std::uint64_t id) {
    if (session_) session_->ack(id);
}

} // namespace angod::socketio

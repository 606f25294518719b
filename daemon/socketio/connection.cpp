#include "socketio/connection.hpp"

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
        session_ = std::make_shared<Session>(executor_, pool_, options_, session_callbacks_, log_);
        const auto session = session_;
        const Session::Ending ending = co_await session->run();
        session_.reset();
        if (phase_ == Phase::stopping) break;
        phase_ = ending.end == Session::End::refused ? Phase::refused : Phase::backoff;
        if (ending.was_live) callbacks_.lost(ending.reason);
        const auto wait = backoff_.next(std::chrono::duration_cast<Backoff::Duration>(ending.live_for));
        tell(ending, wait);
        reason_ = ending.reason;
        const auto until = Clock::now() + wait;
        while (phase_ != Phase::stopping && Clock::now() < until) co_await changed_.wait_until(until);
    }
    phase_ = Phase::idle;
    changed_.wake_all();
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

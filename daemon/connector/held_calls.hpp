// The calls of Hub that wait for the answer to their run.
//
// Event loop only.
//
//   phase               event                                             next phase
//   waiting             answer(): the response is there                   answered
//   waiting             release(): the answer takes another way           released
//   waiting, released   caller_gone(): the caller has hung up             gone
//   released, gone      answer(), for the call was still listed           answered
//
// A call is over when it is answered or gone, or when it is released and its run is recorded.
#pragma once

#include "base/async.hpp"
#include "http/message.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace angod::connector {

class HeldCall {
public:
    using Time = std::chrono::steady_clock::time_point;
    enum class Phase { waiting, released, gone, answered };

    explicit HeldCall(const asio::any_io_executor &executor) : changed_(executor) {}

    void answer(http::Response response);
    void release();
    void caller_gone();
    /// The run is recorded or refused; Hub needs to send it no more.
    void set_recorded();

    /// Waits until the call is over, but not longer than the deadline.
    awaitable<void> wait(Time deadline);

    Phase phase() const { return phase_; }
    bool recorded() const { return recorded_; }
    bool over() const;
    /// Of an answered call.
    http::Response take_response() { return std::move(*response_); }

private:
    Phase phase_ = Phase::waiting;
    bool recorded_ = false;
    std::optional<http::Response> response_;
    Signal changed_;
};

using HeldCallPtr = std::shared_ptr<HeldCall>;

/// By digest of the event: Hub may call more than once with the same event.
class HeldCalls {
public:
    explicit HeldCalls(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    HeldCallPtr add(const std::string &digest);
    /// A call that is not listed any more is fine.
    void remove(const std::string &digest, const HeldCallPtr &call);
    bool contains(const std::string &digest) const { return calls_.contains(digest); }
    /// All calls with this event, which are listed no longer.
    std::vector<HeldCallPtr> take(const std::string &digest);
    void release(const std::string &digest);
    void release_all();

private:
    asio::any_io_executor executor_;
    std::multimap<std::string, HeldCallPtr> calls_;
};

} // namespace angod::connector

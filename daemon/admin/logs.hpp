// The route of the log: what is kept of it, and what comes.
#pragma once

#include "base/log_tail.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <memory>

namespace angod::admin {

class Logs {
public:
    static constexpr std::size_t kMostFollowers = 16;

    /// tail outlives it, and every response of it.
    explicit Logs(LogTail &tail) : tail_(tail) {}
    awaitable<http::Response> handle(http::Request request);

private:
    LogTail &tail_;
    /// Each follower holds one share while it is there: responses may live longer than this.
    std::shared_ptr<const bool> place_ = std::make_shared<const bool>(true);
};

} // namespace angod::admin

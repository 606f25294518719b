// The route of the log: what is kept of it, and what comes.
#pragma once

#include "admin/actions.hpp"
#include "base/log_tail.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <memory>

namespace angod::admin {

class Logs {
public:
    static constexpr std::size_t kMostFollowers = 16;

    /// views outlive it; tail, every response of it, too.
    Logs(LogTail &tail, const Views &views) : tail_(tail), views_(views) {}
    awaitable<http::Response> handle(http::Request request);

private:
    bool is_known(const std::string &plugin) const;

    LogTail &tail_;
    const Views &views_;
    /// Each follower holds one share while it is there: responses may live longer than this.
    std::shared_ptr<const bool> place_ = std::make_shared<const bool>(true);
};

} // namespace angod::admin

// An executor that has no memory for the next work, when the test wants it so: an internal error in the middle of a
// coroutine, where everything else goes on.
#pragma once

#include "base/async.hpp"

#include <boost/asio/execution.hpp>

#include <new>
#include <utility>

namespace angod::app {

class FailingExecutor {
public:
    /// fails: says whether the next work is refused, and is set back by that. Both outlive the executor.
    FailingExecutor(asio::io_context &context, bool &fails) : context_(&context), fails_(&fails) {}

    template <class Work> void execute(Work &&work) const {
        if (std::exchange(*fails_, false)) throw std::bad_alloc();
        asio::require(context_->get_executor(), asio::execution::blocking.never).execute(std::forward<Work>(work));
    }
    asio::execution_context &query(asio::execution::context_t) const noexcept { return *context_; }
    static constexpr auto query(asio::execution::blocking_t) noexcept {
        return asio::execution::blocking_t(asio::execution::blocking.never);
    }
    friend bool operator==(const FailingExecutor &, const FailingExecutor &) noexcept = default;

private:
    asio::io_context *context_;
    bool *fails_;
};

} // namespace angod::app

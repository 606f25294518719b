// Whether a module takes certain settings: found out once by making an instance in a host, and remembered in the store.
//
// Plugins with the same module, settings and environment share one check. Event loop only.
#pragma once

#include "base/async.hpp"
#include "base/result.hpp"
#include "jobs/store.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace angod::app {

class SettingsChecks {
public:
    /// store: outlives it.
    SettingsChecks(asio::any_io_executor executor, jobs::Store &store)
        : executor_(std::move(executor)), store_(store) {}

    /// Makes an instance. The error is the module's reason; cancelled: the answer is not wanted any more.
    using Try = std::function<awaitable<Result<void>>()>;

    /// Returns at once if the fact is known, and waits for the check of another plugin if that is under way; otherwise
    /// calls attempt. Ends as cancelled when wanted says no and wake is called.
    awaitable<Result<void>> check(std::string fact, std::function<bool()> wanted, Try attempt);
    /// Calls attempt in any case, and remembers a success.
    awaitable<Result<void>> check_anew(std::string fact, Try attempt);
    /// False also if the store cannot be read.
    awaitable<bool> is_known(std::string fact);
    /// Those that wait look again at whether they are wanted.
    void wake();

private:
    /// One that is under way, for those that wait for it.
    struct Check {
        explicit Check(const asio::any_io_executor &executor) : ended(executor) {}
        std::optional<Result<void>> result; ///< once it has ended
        Signal ended;
    };

    asio::any_io_executor executor_;
    jobs::Store &store_;
    std::map<std::string, std::shared_ptr<Check>> running_; ///< by fact
};

} // namespace angod::app

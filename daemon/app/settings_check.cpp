#include "app/settings_check.hpp"

#include <fmt/format.h>

namespace angod::app {

awaitable<bool> SettingsChecks::is_known(std::string fact) {
    const auto known = co_await store_.is_ready(std::move(fact));
    co_return known &&*known;
}

awaitable<Result<void>> SettingsChecks::check_anew(std::string fact, Try attempt) {
    auto result = co_await attempt();
    if (!result) co_return result;
    if (const auto kept = co_await store_.set_ready(fact); !kept) Log().warning("{}", kept.error().text);
    co_return result;
}

awaitable<Result<void>> SettingsChecks::check(std::string fact, std::function<bool()> wanted, Try attempt) {
    for (;;) {
        const bool known = co_await is_known(fact);
        if (known) co_return Result<void>();
        const auto found = running_.find(fact);
        if (found == running_.end()) break;
        const auto other = found->second;
        while (!other->result && wanted()) co_await other->ended.wait();
        if (!wanted()) co_return error(Code::cancelled, "the settings check is not wanted any more");
        // A cancelled check says nothing: it was the other plugin that did not want it any more.
        const Result<void> result = *other->result;
        if (!result && result.error().code != Code::cancelled) co_return result;
    }
    if (!wanted()) co_return error(Code::cancelled, "the settings check is not wanted any more");
    const auto own = running_[fact] = std::make_shared<Check>(executor_);
    Result<void> result;
    try {
        result = co_await check_anew(fact, std::move(attempt));
    } catch (const std::exception &e) {
        result = error(Code::remote, fmt::format("internal error while the plugin was set up: {}", e.what()));
    }
    own->result = result;
    running_.erase(fact);
    own->ended.wake_all();
    co_return result;
}

void SettingsChecks::wake() {
    for (const auto &[fact, check] : running_) check->ended.wake_all();
}

} // namespace angod::app

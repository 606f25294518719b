#include "app/reload.hpp"

#include "base/disk_call.hpp"
#include "base/plural.hpp"
#include "base/service.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>
#include <optional>

namespace angod::app {

namespace {

/// The files of the configuration may be on a file system that does not answer.
constexpr std::chrono::seconds kReadLimit(10);

} // namespace

void announce_ready(const Plugins &plugins) {
    const std::size_t count = plugins.all().size();
    service::ready(fmt::format("{} plugin{}", count, plural(count)));
}

awaitable<Result<void>> Reload::reload() {
    if (phase_ != Phase::idle) co_return error(Code::invalid, "the configuration is being changed already");
    phase_ = Phase::reloading;
    if (use_.lifecycle.is_running()) service::reloading();
    std::exception_ptr failed;
    std::optional<Result<void>> done;
    try {
        auto changed = co_await take_over_changes();
        done.emplace(std::move(changed));
    } catch (...) {
        failed = std::current_exception();
    }
    end();
    if (failed) std::rethrow_exception(failed);
    co_return std::move(*done);
}

void Reload::end() {
    const bool again = phase_ == Phase::repeating;
    phase_ = Phase::idle;
    if (use_.lifecycle.is_running()) announce_ready(use_.plugins);
    if (again) on_signal();
}

void Reload::on_signal() {
    if (phase_ != Phase::idle)
        phase_ = Phase::repeating;
    else
        spawn(use_.executor, "reload", reload_on_signal());
}

awaitable<void> Reload::reload_on_signal() {
    if (use_.lifecycle.is_stopping()) co_return;
    const auto done = co_await reload();
    if (!done) Log().error("the configuration was not taken, the present one goes on: {}", done.error().text);
}

awaitable<Result<void>> Reload::take_over_changes() {
    co_await use_.lifecycle.started();
    if (use_.lifecycle.is_stopping()) co_return error(Code::invalid, "angod is stopping");
    const auto load = [read = load_](const DiskCall &) { return read(); };
    auto read = co_await on_disk_thread("the configuration", kReadLimit, load);
    if (!read) co_return read.error();
    if (use_.lifecycle.is_stopping()) co_return error(Code::invalid, "angod is stopping");
    auto loaded = std::move(*read);
    const Log log;
    for (const std::string &warning : loaded.warnings) log.warning("{}", warning);
    if (!loaded.config) co_return error(Code::invalid, fmt::format("{}", fmt::join(loaded.errors, "; ")));
    config::Config &next = *loaded.config;
    if (const auto fixed = config::needs_restart(use_.config, next); !fixed.empty())
        log.warning("the changes of {} take effect at the next start of angod", fmt::join(fixed, ", "));
    if (const auto good = check_connector(next); !good) co_return good;
    auto changed = co_await use_.plugins.change(next.plugins);
    if (!changed) co_return changed;
    config::take_over(use_.config, std::move(next));
    use_.queue.set_max_bytes(use_.config.limits.queue_bytes());
    use_.calls.configure(use_.config.limits.hub_calls());
    const auto &connector = use_.config.connector;
    if (use_.connector) use_.connector->set_hold(std::chrono::seconds(connector.hold_s), connector.hold_workflow);
    Log::configure(use_.config.log.level, use_.config.log.json);
    log.info("the configuration was read again: {} plugins", use_.plugins.all().size());
    co_return changed;
}

/// The listener is opened at the start of angod only.
Result<void> Reload::check_connector(const config::Config &next) const {
    if (use_.connector) return {};
    for (const config::Plugin &plugin : next.plugins)
        if (plugin.rest)
            return error(Code::invalid,
                         fmt::format("the plugin {} has the connector \"rest\", and the first of these needs a "
                                     "restart of angod",
                                     plugin.name));
    return {};
}

} // namespace angod::app

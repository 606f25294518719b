#include "app/confirmation.hpp"

#include "base/ids.hpp"

#include <utility>

namespace angod::app {

Confirmation::Confirmation(asio::any_io_executor executor, jobs::Store &store, const std::string &id,
                           const std::string &secret, Log log)
    : executor_(std::move(executor)),
      store_(store),
      fact_("confirmed " + to_hex(sha256(id + "\n" + secret))), // the secret itself stays out of the store
      log_(std::move(log)) {}

awaitable<void> Confirmation::load() {
    const auto known = co_await store_.is_ready(fact_);
    if (known && *known) confirmed_ = true;
}

void Confirmation::seen() {
    if (std::exchange(confirmed_, true)) return;
    log_.info("Hub has confirmed the plugin's id and secret");
    spawn(executor_, "confirmation", keep(store_, fact_, log_));
}

awaitable<void> Confirmation::keep(jobs::Store &store, std::string fact, Log log) {
    const auto kept = co_await store.set_ready(std::move(fact));
    if (!kept)
        log.warning("the confirmation could not be saved, and is shown until the next start: {}", kept.error().text);
}

} // namespace angod::app

// The plugin event: for any input, the message that is sent back must be valid JSON.
#include "base/json.hpp"
#include "hub/messages.hpp"

#include <cstdint>
#include <cstdlib>

using namespace angod;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const auto event = hub::parse_plugin_event(text, text.substr(0, 24));
    if (!event) return 0;
    if (!json::check(hub::error_answer(event->session))) std::abort();
    if (!json::check(hub::answer(PluginKind::export_, "\"u\"", event->session))) std::abort();
    if (!json::check(hub::log_message(event->log_context, hub::LogLevel::info, text))) std::abort();
    return 0;
}

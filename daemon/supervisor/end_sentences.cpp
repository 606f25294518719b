#include "supervisor/end_sentences.hpp"

#include "base/plural.hpp"

#include <fmt/format.h>

namespace angod::supervisor {

std::string crash_sentence() { return "The plugin crashed while it was working on this run."; }

std::string over_memory_sentence(std::int64_t memory_mb) {
    return fmt::format("The plugin used more memory than the {} MB that it may use and was stopped.", memory_mb);
}

std::string time_out_sentence(std::int64_t limit_s) {
    return fmt::format("The plugin did not finish within its limit of {} second{} and was stopped.", limit_s,
                       plural(limit_s));
}

std::string cancel_sentence() { return "The run was cancelled on the plugin's server."; }

} // namespace angod::supervisor

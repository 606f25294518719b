// Sentences for the user of a run that ended for another reason than its module's own result. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace angod::supervisor {

std::string crash_sentence();
/// memory_mb: what the host was allowed to use.
std::string over_memory_sentence(std::int64_t memory_mb);
std::string time_out_sentence(std::int64_t limit_s);
std::string cancel_sentence();

} // namespace angod::supervisor

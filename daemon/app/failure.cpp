#include "app/failure.hpp"

#include "base/grouped.hpp"
#include "base/utf8.hpp"
#include "hub/messages.hpp"

#include <fmt/format.h>

#include <utility>

namespace angod::app {

namespace {

/// A module may put its whole event into the text of a failure, which is too long to be kept.
constexpr std::size_t kMaxText = 4096;

} // namespace

jobs::Answer failure(const jobs::Job &job, const std::string &user_text, const std::string &operator_text,
                     SessionLog &session_log, const Log &log, LogLevel level) {
    session_log.tell(job, hub::LogLevel::error, user_text);
    std::string problem = user_text;
    if (!operator_text.empty()) problem += " (" + operator_text + ")";
    problem.resize(beginning_of(problem, kMaxText).size());
    log.with("job", job.id).write(level, "the run failed: " + problem);
    return {hub::error_answer(job.session), jobs::State::failed, std::move(problem)};
}

jobs::Answer too_long_failure(const jobs::Job &job, std::size_t bytes, std::uint64_t max_payload,
                              SessionLog &session_log, const Log &log) {
    return failure(job,
                   fmt::format("The plugin's answer is {} bytes long, more than Hub takes ({} bytes).", grouped(bytes),
                               grouped(max_payload)),
                   "answer too long", session_log, log);
}

} // namespace angod::app

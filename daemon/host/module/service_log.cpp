#include "host/module/service_tables.hpp"

#include "host/module/handles.hpp"
#include "host/module/module_log.hpp"

#include "base/redact.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <string>

namespace angod::host::service {

namespace {

constexpr std::size_t kMaxLine = 8192; // bytes

void log_line(ango_job *job, std::uint32_t level, const ango_str *text) {
    guarded([&] {
        const auto severity = static_cast<LogLevel>(std::min(level, ANGO_LOG_ERROR));
        std::string_view line = view(text);
        std::string clean;
        if (line.size() > kMaxLine && job) { // redact before the cut: a key that is cut in half is not found
            clean = redact(line, spellings(job->job.field("apiKey").value_or("")));
            line = clean;
        }
        line = beginning_of(line, kMaxLine);
        if (job)
            job->job.log(severity, line);
        else
            log_for_operator(severity, line);
        return ANGO_OK;
    });
}

void log_progress(ango_job *job, std::uint64_t done, std::uint64_t total) {
    if (!job) return;
    guarded([&] {
        job->job.progress(done, total);
        return ANGO_OK;
    });
}

} // namespace

constinit const ango_log_v1 kLog{sizeof(ango_log_v1), 0, log_line, log_progress};

} // namespace angod::host::service

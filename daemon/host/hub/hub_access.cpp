#include "host/hub/hub_access.hpp"

#include <fmt/format.h>

namespace angod::host {

namespace {

constexpr std::int64_t kRetryLaterMs = 60'000;

} // namespace

HubAccess::HubAccess(const Job &job, rest::RetryPolicy retry)
    : client({job.hub.ca_file, "", job.hub.proxies}),
      hub(client,
          {job.hub.api_url, job.api_key(), retry, tell_of_retries(job), job.want_call, job.call_refused, job.heard},
          job.cancel) {}

rest::OnRetry tell_of_retries(const Job &job) {
    return [&job](std::string_view what, std::chrono::milliseconds delay, unsigned attempt) {
        job.log(LogLevel::warning, delay.count() == 0
                                       ? std::string(what)
                                       : fmt::format("{} Trying again in {:.1f} s (attempt {}).", what,
                                                     static_cast<double>(delay.count()) / 1000, attempt));
    };
}

Failure failure_of(const Error &why) {
    switch (why.code) {
        case Code::cancelled: return {"cancelled", "", -1};
        case Code::full:
            return {"the disk of the machine that runs the plugins is full. Tell its operator.", why.text,
                    kRetryLaterMs};
        case Code::io:
            return {"the machine that runs the plugins has trouble with its temporary files. Tell its operator.",
                    why.text, kRetryLaterMs};
        case Code::network:
        case Code::timeout: return {why.text, "", kRetryLaterMs};
        default: return {why.text, "", -1};
    }
}

} // namespace angod::host

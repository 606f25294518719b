// Access to Hub for a job: a client, Hub's REST API with the job's key, and failures with texts for the user.
#pragma once

#include "host/job/job.hpp"

#include "rest/http_client.hpp"
#include "rest/hub_api.hpp"
#include "rest/retry.hpp"

namespace angod::host {

/// One for each job; job thread. It logs each repeated call for the user.
struct HubAccess {
    /// job must outlive it.
    explicit HubAccess(const Job &job, rest::RetryPolicy retry = {});
    HubAccess(const HubAccess &) = delete;
    HubAccess &operator=(const HubAccess &) = delete;

    rest::HttpClient client;
    rest::HubApi hub;
};

/// Logs a warning for the user of Hub before each wait. job must outlive it; any thread.
rest::OnRetry tell_of_retries(const Job &job);

/// Makes the failure of a run from an error. A failure that may pass by itself asks for a later attempt. For
/// Code::cancelled the user text is "cancelled"; the caller knows the reason.
Failure failure_of(const Error &why);

} // namespace angod::host

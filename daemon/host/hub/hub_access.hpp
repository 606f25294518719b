// What every kind that asks Hub needs: a client, Hub's REST API with the job's key, and errors as the user reads them.
#pragma once

#include "host/job/job.hpp"

#include "rest/http_client.hpp"
#include "rest/hub_api.hpp"
#include "rest/retry.hpp"

namespace angod::host {

/// One for each job; job thread. Tells the user of each repeated call.
struct HubAccess {
    /// job must outlive it.
    explicit HubAccess(const Job &job, rest::RetryPolicy retry = {});
    HubAccess(const HubAccess &) = delete;
    HubAccess &operator=(const HubAccess &) = delete;

    rest::HttpClient client;
    rest::HubApi hub;
};

/// A warning for the user of Hub for each wait. job must outlive it; any thread.
rest::OnRetry tell_of_retries(const Job &job);

/// What the user reads; what may pass by itself is tried again later. Of Code::cancelled the user text is "cancelled":
/// the caller knows why.
Failure failure_of(const Error &why);

} // namespace angod::host

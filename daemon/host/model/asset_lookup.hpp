// Asks Hub for the asset of a run whose event names only the asset's id.
#pragma once

#include "host/job/job.hpp"
#include "host/job/known_assets.hpp"

#include "rest/hub_api.hpp"

#include "base/result.hpp"

#include <string>

namespace angod::host {

/// Returns the asset with this id in the job's project, from Hub or from job.known_assets. Errors are sentences for the
/// user.
Result<KnownAsset> look_up_asset(const Job &job, rest::HubApi &hub, const std::string &id);

} // namespace angod::host

// The steps of an export: ask Hub for it, download, unzip, convert, zip, upload, answer with the signed URL.
#pragma once

#include "host/job/job.hpp"
#include "host/module/handles.hpp"

#include "rest/retry.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

namespace angod::host {

/// Calls the module and returns its status (ANGO_…). The arguments live until it returns.
using Convert = std::function<std::int32_t(AssetReader &, ZipSpool &, ScratchFiles &)>;

/// Returns the signed URL of the result, or the failure. Blocks; on the job's thread. Leaves no file behind.
/// module_failure and names are filled by the services ango.failure and ango.result; they are read after convert has
/// returned. The failure of a cancelled job has the user text "cancelled"; the caller knows the reason.
std::variant<std::string, Failure> run_export(Job &job, const Convert &convert, const Failure &module_failure,
                                              const ExportNames &names, rest::RetryPolicy retry = {});

/// The name of the result in the storage: the name that the module asked for, made safe, or
/// "<project>-<module id>-<UTC time>.zip". Pure.
std::string result_name(const std::string &wanted, const std::string &project, const std::string &module_id,
                        std::int64_t now_ms);

} // namespace angod::host

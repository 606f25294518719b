// The host's side of module.h: what stands behind the opaque objects, and the tables of services.
#pragma once

#include "host/asset_reader.hpp"
#include "host/export_job.hpp"
#include "host/fetch.hpp"
#include "host/hub_access.hpp"
#include "host/job.hpp"
#include "host/listing.hpp"
#include "host/scratch_files.hpp"
#include "host/zip_spool.hpp"

#include <ango/module.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// A running job as the module holds it. Lives on the job's thread.
struct ango_job {
    explicit ango_job(angod::host::Job &of) : job(of) {}

    angod::host::Job &job;
    std::optional<std::string> value;             ///< ango.result
    angod::host::ExportNames names;               ///< ango.result
    angod::host::Failure failure;                 ///< ango.failure
    angod::host::ScratchFiles *scratch = nullptr; ///< null where the kind has none
    std::optional<angod::host::Fetcher> fetcher;  ///< ango.http; made by its first call
    std::string fetch_failure;
    std::optional<angod::host::HubAccess> hub; ///< ango.hub; made by its first call
    std::string hub_answer;
    bool checkpoint_is_hosts = false; ///< of this kind the host keeps it, and a module has none
};
struct ango_listing {
    angod::host::Listing &listing;
};
struct ango_reader {
    angod::host::AssetReader &reader;
};
struct ango_writer {
    angod::host::ZipSpool &zip;
};

namespace angod::host {

/// The table of a service; null if there is none of this name and revision.
const void *find_service(std::string_view name, std::uint32_t revision);
/// 0 if there is no service of this name.
std::uint32_t last_revision(std::string_view name);

/// What a module is given in create.
const ango_host &host_table();

/// Where lines go that belong to no job. Set once, before the first module is loaded.
void set_module_log(std::function<void(LogLevel, std::string_view)> sink);

/// A line about the module that belongs to no job.
void log_for_operator(LogLevel level, std::string_view text);

/// While it lives, what ango.failure is told without a job, on this thread, is kept in it.
class CreateFailure {
public:
    CreateFailure();
    ~CreateFailure();
    CreateFailure(const CreateFailure &) = delete;
    CreateFailure &operator=(const CreateFailure &) = delete;
    std::string text() const; ///< for the operator; empty if nothing was said

    Failure failure;
};

} // namespace angod::host

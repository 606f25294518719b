// The objects behind the opaque handles of module.h. The kind of the run makes them and lends them to the module.
#pragma once

#include "host/hub/hub_access.hpp"
#include "host/hub/hub_upload.hpp"
#include "host/job/job.hpp"
#include "host/module/fetch.hpp"
#include "host/module/listing.hpp"
#include "host/pipeline/asset_reader.hpp"
#include "host/pipeline/scratch_files.hpp"
#include "host/pipeline/zip_spool.hpp"

#include <ango/module.h>

#include <optional>
#include <string>
#include <vector>

namespace angod::host {

/// The names that the module gave to ango.result for the result of an export.
struct ExportNames {
    std::string file_name; ///< empty: the default name
    std::string storage;   ///< empty: Hub's own storage
};

} // namespace angod::host

/// A running job as the module holds it. Lives on the job's thread.
struct ango_job {
    explicit ango_job(angod::host::Job &of) : job(of) {}

    angod::host::Job &job;
    std::optional<std::string> value;               ///< set by ango.result
    angod::host::ExportNames names;                 ///< set by ango.result
    angod::host::Failure failure;                   ///< set by ango.failure
    angod::host::ScratchFiles *scratch = nullptr;   ///< null if the kind has none
    std::optional<angod::host::Fetcher> fetcher;    ///< ango.http; made by its first call
    std::string fetch_failure;                      ///< the text that the last failed call of ango.http gave out
    std::optional<angod::host::HubAccess> hub;      ///< ango.hub; made by its first call
    std::string hub_answer;                         ///< the text that the last call of ango.hub gave out
    std::vector<angod::host::UploadedFile> uploads; ///< by ango.hub, if keeps_uploads
    bool keeps_uploads = false;                     ///< the kind needs the uploaded files again
    bool checkpoint_is_hosts = false;               ///< the host keeps the checkpoint of this kind; the module has none
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

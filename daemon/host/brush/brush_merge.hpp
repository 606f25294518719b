// The brush traces that a task gets if its labels must be kept: the new ones laid over the existing ones.
#pragma once

#include "host/hub/hub_access.hpp"
#include "host/hub/hub_upload.hpp"
#include "host/job/job.hpp"

#include "base/result.hpp"

#include <string>
#include <vector>

namespace angod::host {

enum class BrushKind { image, volume };

/// One for each job; job thread.
class BrushMerge {
public:
    /// All must outlive it. uploads: files that this run has uploaded, which need not be downloaded.
    BrushMerge(const Job &job, HubAccess &access, const std::vector<UploadedFile> &uploads)
        : job_(job), access_(access), uploads_(uploads) {}

    /// Returns the address for the task; empty if both arguments are. If only one is not empty, returns that one. If
    /// one of the files cannot be read, or their sizes differ, returns `fresh` and tells the user. Errors are sentences
    /// for the user.
    Result<std::string> merge(BrushKind kind, const std::string &fresh, const std::string &existing);

private:
    Result<std::string> bytes_of(BrushKind kind, const std::string &url);

    const Job &job_;
    HubAccess &access_;
    const std::vector<UploadedFile> &uploads_;
};

} // namespace angod::host

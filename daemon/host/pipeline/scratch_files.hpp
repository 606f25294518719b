// Temporary files of one job for its module: the code behind "ango.scratch". Job thread.
#pragma once

#include "host/pipeline/spool_file.hpp"

#include <ango/module.h>

#include <deque>
#include <filesystem>
#include <optional>

namespace angod::host {
class ScratchFiles;
}

struct ango_scratch_file {
    angod::host::ScratchFiles *owner;
    angod::host::SpoolFile file;
    bool reading = false;
};

namespace angod::host {

class ScratchFiles {
public:
    /// The folder must exist; the caller removes it. quota is shared with the result zip and must outlive this object.
    ScratchFiles(std::filesystem::path folder, SpoolQuota &quota) : folder_(std::move(folder)), quota_(quota) {}
    /// Closes and removes the files.
    ~ScratchFiles();
    ScratchFiles(const ScratchFiles &) = delete;
    ScratchFiles &operator=(const ScratchFiles &) = delete;

    /// As module.h specifies. After ANGO_LIMIT and ANGO_IO failure() has the reason.
    std::int32_t create(ango_scratch_file **out);
    std::int32_t write(ango_scratch_file *file, std::string_view bytes);
    std::int32_t read(ango_scratch_file *file, char *buffer, std::uint64_t capacity, std::uint64_t *got);

    /// The first error.
    const std::optional<Error> &failure() const { return failure_; }

private:
    std::int32_t fail(const Error &why);

    std::filesystem::path folder_;
    SpoolQuota &quota_;
    std::deque<ango_scratch_file> files_; // pointers to its elements stay valid
    std::optional<Error> failure_;
};

} // namespace angod::host

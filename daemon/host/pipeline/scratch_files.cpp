#include "host/pipeline/scratch_files.hpp"

#include "host/job/status.hpp"

#include "base/files.hpp"

#include <fmt/format.h>

namespace angod::host {

ScratchFiles::~ScratchFiles() {
    for (const ango_scratch_file &each : files_) files::remove_all(each.file.path());
}

std::int32_t ScratchFiles::create(ango_scratch_file **out) {
    auto file = SpoolFile::create(folder_ / fmt::format("scratch-{}", files_.size() + 1), quota_);
    if (!file) return fail(file.error());
    files_.push_back({this, std::move(*file)});
    *out = &files_.back();
    return ANGO_OK;
}

std::int32_t ScratchFiles::write(ango_scratch_file *file, std::string_view bytes) {
    if (file->reading) return ANGO_INVALID;
    const auto done = file->file.append(bytes);
    return done ? ANGO_OK : fail(done.error());
}

std::int32_t ScratchFiles::read(ango_scratch_file *file, char *buffer, std::uint64_t capacity, std::uint64_t *got) {
    file->reading = true;
    *got = 0;
    if (capacity == 0) return ANGO_OK;
    const auto size = file->file.read(buffer, static_cast<std::size_t>(capacity));
    if (!size) return fail(size.error());
    *got = *size;
    return *size == 0 ? ANGO_END : ANGO_OK;
}

std::int32_t ScratchFiles::fail(const Error &why) {
    if (!failure_) failure_ = why;
    return status_of(why);
}

} // namespace angod::host

// libarchive reads the zip as a stream: it uses the local headers and does not need the directory at the end of the
// file. It pulls blocks from one queue, and the data of the first file goes into another. An error of the first queue is
// reported instead of libarchive's own error, because it is the cause. Bytes behind the file are read and dropped, so
// that the download ends normally.
#include "host/pipeline/unzip.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <utility>

namespace angod::host {

namespace {

constexpr std::size_t kDrainLimit = 1 << 20; // the directory of a zip with one entry is far smaller

/// libarchive's end of the queue.
struct Source {
    ByteQueue &in;
    Block block;
    bool looked_at = false; ///< block is the first block, and libarchive has not read it yet
    bool at_end = false;
    std::optional<Error> failed;

    /// The next bytes; empty at the end and after a failure.
    std::string_view more() {
        if (std::exchange(looked_at, false)) return block.view();
        in.give_back(std::exchange(block, Block()));
        auto next = in.pop();
        if (!next)
            failed = next.error();
        else if (*next)
            block = std::move(**next);
        else
            at_end = true;
        return block.view();
    }
};

la_ssize_t read_source(archive *reader, void *user, const void **bytes) {
    auto &source = *static_cast<Source *>(user);
    const std::string_view piece = source.more();
    *bytes = piece.data();
    if (!source.failed) return static_cast<la_ssize_t>(piece.size());
    archive_set_error(reader, EIO, "no more input");
    return ARCHIVE_FATAL;
}

struct FreeReader {
    void operator()(archive *reader) const { archive_read_free(reader); }
};

enum class Kind { zip, empty_zip, nothing, other };

Kind kind_of(std::string_view bytes) {
    if (bytes.empty()) return Kind::nothing;
    if (bytes.starts_with("PK\3\4")) return Kind::zip;
    return bytes.starts_with("PK\5\6") ? Kind::empty_zip : Kind::other;
}

Error damaged(const Source &source, archive *reader) {
    if (source.failed) return *source.failed;
    if (source.at_end)
        return error(Code::invalid, "the export from Hub is incomplete: its zip ends too early. Run the plugin again.");
    const char *why = archive_error_string(reader);
    return error(Code::invalid,
                 fmt::format("the export from Hub is damaged: {}. Run the plugin again.", why ? why : "bad zip"));
}

/// Copies the data of the current entry to out. False if the consumer of out has closed it.
Result<bool> copy_entry(archive *reader, const Source &source, ByteQueue &out, std::uint64_t max_bytes) {
    Block block = out.fresh();
    std::uint64_t total = 0;
    for (;;) {
        const void *data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(reader, &data, &size, &offset);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK)
            return damaged(source, reader); // libarchive reports a wrong checksum or size as a warning
        total += size;
        if (total > max_bytes)
            return error(
                Code::limit,
                fmt::format("the export is larger than {} MB unzipped, which limits.unzip_mb allows", max_bytes >> 20));
        std::string_view rest(static_cast<const char *>(data), size);
        while (!rest.empty()) {
            rest.remove_prefix(block.append(rest));
            if (block.room() > 0) continue;
            if (!out.push(std::move(block))) return false;
            block = out.fresh();
        }
    }
    return block.size() == 0 || out.push(std::move(block));
}

Result<bool> unzip(Source &source, ByteQueue &out, std::uint64_t max_bytes) {
    const Kind kind = kind_of(source.more());
    source.looked_at = true;
    if (source.failed) return *source.failed;
    if (kind == Kind::empty_zip) return true;
    if (kind == Kind::nothing)
        return error(Code::invalid, "the export from Hub is incomplete: the file is empty. Run the plugin again.");
    if (kind == Kind::other) return error(Code::invalid, "the export from Hub is not a zip file");

    const std::unique_ptr<archive, FreeReader> reader(archive_read_new());
    if (!reader) return error(Code::io, "no memory for reading the zip");
    archive_read_support_format_zip_streamable(reader.get());
    if (archive_read_open(reader.get(), &source, nullptr, read_source, nullptr) != ARCHIVE_OK)
        return damaged(source, reader.get());
    for (;;) {
        archive_entry *entry = nullptr;
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF) return true; // only folders
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return damaged(source, reader.get());
        if (archive_entry_is_encrypted(entry))
            return error(Code::invalid, "the export from Hub is encrypted, which is not supported");
        if (archive_entry_filetype(entry) == AE_IFDIR) continue;
        return copy_entry(reader.get(), source, out, max_bytes);
    }
}

/// Reads the few bytes that may follow, so that the download ends normally.
void drain(Source &source) {
    for (std::size_t size = 0; size < kDrainLimit && !source.at_end && !source.failed;) size += source.more().size();
}

} // namespace

void unzip_first_entry(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes) {
    try {
        Source source{in, {}, false, false, {}};
        const auto wanted = unzip(source, out, max_bytes);
        if (!wanted) {
            out.fail(wanted.error());
        } else {
            out.finish();
            if (*wanted) drain(source);
        }
    } catch (const std::exception &e) {
        out.fail(error(Code::io, fmt::format("unzipping failed: {}", e.what())));
    }
    in.close();
}

} // namespace angod::host

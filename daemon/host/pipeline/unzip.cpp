// libarchive reads the zip as a stream: it uses the local headers and does not need the directory at the end of the
// file. It pulls blocks from one queue, and the data of the files goes into another. An error of the first queue is
// reported instead of libarchive's own error, because it is the cause. Bytes behind the last file are read and dropped, so
// that the download ends normally.
//
// Hub puts a large export into several files. Nothing in a zip says which of its files are the export, so its content
// decides: a file that begins with '{' or '[' belongs to it.
#include "host/pipeline/unzip.hpp"

#include "base/utf8.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace angod::host {

namespace {

constexpr std::size_t kDrainLimit = 1 << 20; // the directory of a zip with a few entries is far smaller
constexpr std::size_t kMaxBlank = 64 * 1024;

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

enum class Kind { zip, gzip, empty_zip, nothing, other };

Kind kind_of(std::string_view bytes) {
    if (bytes.empty()) return Kind::nothing;
    if (bytes.starts_with("PK\3\4")) return Kind::zip;
    if (bytes.starts_with("\x1f\x8b")) return Kind::gzip; // a server has encoded it for the way
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

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Files that operating systems add to a zip on their own.
bool is_of_system(std::string_view path) {
    const std::string_view name = base_name(path);
    return path.starts_with("__MACOSX/") || path.find("/__MACOSX/") != path.npos || name.starts_with("._") ||
           name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini";
}

bool is_manifest(std::string_view path) {
    std::string name(base_name(path));
    for (char &c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return name == "manifest" || name.starts_with("manifest.");
}

/// The content of a file, by its first bytes.
enum class Content { unknown, json, other };

Content content_of(std::string_view bytes) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (bytes.size() < kByteOrderMark.size() && kByteOrderMark.starts_with(bytes)) return Content::unknown;
    if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    if (first == bytes.npos) return Content::unknown;
    return bytes[first] == '{' || bytes[first] == '[' ? Content::json : Content::other;
}

/// Unpacks one export.
class Unzip {
public:
    Unzip(Source &source, ByteQueue &out, std::uint64_t max_bytes,
          const std::function<void(const std::string &name)> &left_out)
        : source_(source), out_(out), max_bytes_(max_bytes), left_out_(left_out) {}

    /// False if the consumer of out has closed it.
    Result<bool> run();

private:
    Result<bool> entry(archive_entry *entry);
    Result<bool> copy(const std::string &name);
    void leave_out(const std::string &name);

    Source &source_;
    ByteQueue &out_;
    const std::uint64_t max_bytes_;
    const std::function<void(const std::string &name)> &left_out_;
    std::unique_ptr<archive, FreeReader> reader_;
    std::uint64_t total_ = 0;
    bool found_ = false;              ///< a file of the export
    std::vector<std::string> others_; ///< the first files that are none
    char first_byte_ = 0;             ///< of the last of them that is no JSON
};

void Unzip::leave_out(const std::string &name) {
    constexpr std::size_t kMostNamed = 5;
    if (others_.size() < kMostNamed) others_.push_back(shown_name(name));
    if (others_.size() <= kMostNamed) left_out_(name);
}

/// Copies the data of the current entry to out, if it is JSON.
Result<bool> Unzip::copy(const std::string &name) {
    Block block = out_.fresh();
    Content content = Content::unknown;
    std::string head; // the first bytes, until they tell the content
    const auto put = [&](std::string_view bytes) {
        while (!bytes.empty()) {
            bytes.remove_prefix(block.append(bytes));
            if (block.room() > 0) continue;
            if (!out_.push(std::move(block))) return false;
            block = out_.fresh();
        }
        return true;
    };
    for (;;) {
        const void *data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(reader_.get(), &data, &size, &offset);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK)
            return damaged(source_, reader_.get()); // libarchive reports a wrong checksum or size as a warning
        total_ += size;
        if (total_ > max_bytes_)
            return error(Code::limit,
                         fmt::format("the export is larger than {} MB unzipped, which limits.unzip_mb allows",
                                     max_bytes_ >> 20));
        std::string_view bytes(static_cast<const char *>(data), size);
        if (content == Content::unknown) {
            head += bytes;
            content = content_of(head);
            if (content == Content::other) {
                first_byte_ = head[head.find_first_not_of(" \t\r\n")];
                leave_out(name);
                return true; // the next header skips the rest
            }
            if (content == Content::unknown) {
                if (head.size() > kMaxBlank) head.erase(0, head.size() - 1); // blanks only
                continue;
            }
            bytes = head;
        }
        if (!put(bytes)) return false;
    }
    found_ = true; // an empty file as well: an export without assets
    block.ends_part = true;
    return out_.push(std::move(block));
}

Result<bool> Unzip::entry(archive_entry *entry) {
    if (archive_entry_is_encrypted(entry))
        return error(Code::invalid, "the export from Hub is encrypted, which is not supported");
    if (archive_entry_filetype(entry) == AE_IFDIR) return true;
    const char *path = archive_entry_pathname(entry);
    const std::string name = path ? path : "";
    if (is_of_system(name)) return true;
    if (is_manifest(name)) {
        leave_out(name);
        return true;
    }
    return copy(name);
}

Result<bool> Unzip::run() {
    const Kind kind = kind_of(source_.more());
    source_.looked_at = true;
    if (source_.failed) return *source_.failed;
    if (kind == Kind::empty_zip) return true;
    if (kind == Kind::nothing)
        return error(Code::invalid, "the export from Hub is incomplete: the file is empty. Run the plugin again.");
    if (kind == Kind::other) return error(Code::invalid, "the export from Hub is not a zip file");

    reader_.reset(archive_read_new());
    if (!reader_) return error(Code::io, "no memory for reading the zip");
    archive_read_support_format_zip_streamable(reader_.get());
    if (kind == Kind::gzip) archive_read_support_filter_gzip(reader_.get());
    if (archive_read_open(reader_.get(), &source_, nullptr, read_source, nullptr) != ARCHIVE_OK)
        return damaged(source_, reader_.get());
    for (;;) {
        archive_entry *next = nullptr;
        const int status = archive_read_next_header(reader_.get(), &next);
        if (status == ARCHIVE_EOF) break;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return damaged(source_, reader_.get());
        const auto taken = entry(next);
        if (!taken || !*taken) return taken;
    }
    if (found_ || others_.empty()) return true; // without any file: an export without assets
    if (others_.size() == 1 && first_byte_ > ' ' && first_byte_ < 0x7f)
        return error(Code::invalid, fmt::format("the export from Hub is not JSON: its only file, {}, begins with '{}'",
                                                others_.front(), first_byte_));
    return error(Code::invalid, fmt::format("the zip from Hub holds no export, only {}", fmt::join(others_, ", ")));
}

/// Reads the few bytes that may follow, so that the download ends normally.
void drain(Source &source) {
    for (std::size_t size = 0; size < kDrainLimit && !source.at_end && !source.failed;) size += source.more().size();
}

} // namespace

std::string shown_name(std::string_view name) {
    constexpr std::size_t kLongest = 100;
    std::string out = "\"" + std::string(beginning_of(name, kLongest)) + "\"";
    for (char &c : out)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
    return out;
}

void unzip_export(ByteQueue &in, ByteQueue &out, std::uint64_t max_bytes,
                  const std::function<void(const std::string &name)> &left_out) {
    try {
        Source source{in, {}, false, false, {}};
        const auto wanted = Unzip(source, out, max_bytes, left_out).run();
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

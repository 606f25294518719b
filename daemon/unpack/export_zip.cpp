// libarchive reads the zip as a stream, by the heads of the files. It stops at the directory, and it passes over bytes that are no
// head. So the place of each file is kept, and ZipEnd compares the places with the directory. An error of the source of the bytes is
// reported instead of libarchive's own error, because it is the cause.
//
// Hub puts a large export into several files. Nothing in a zip says which of its files are the export, so its content
// decides: a file that begins with '{' or '[' belongs to it. A file that might be a part by its name is read to its end, because
// a wrong byte at its begin must not make it another file.
#include "unpack/export_zip.hpp"

#include "unpack/file_names.hpp"
#include "unpack/manifest.hpp"
#include "unpack/zip_end.hpp"

#include "base/utf8.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace angod {

namespace {

constexpr std::size_t kMaxBlank = 64 * 1024;
constexpr std::size_t kMostFiles = 100'000;
constexpr std::size_t kMaxManifest = 1 << 20;
/// libarchive looks ahead so far: a data descriptor and a signature fit.
constexpr std::size_t kAhead = 64;
constexpr std::size_t kSignature = 4;
/// The begin of libarchive's error text.
constexpr std::string_view kMethodUnknown = "Unsupported ZIP compression method";

/// libarchive's end of the bytes.
struct Source {
    const ZipBytes &next;
    std::string_view block;
    std::uint64_t begin = 0; ///< offset of block in the zip
    std::string before;      ///< the last bytes before block
    std::string head;        ///< the first block
    bool looked_at = false;  ///< libarchive has not read block yet
    bool at_end = false;
    std::optional<Error> failed;

    /// The first bytes, as many as a signature has; libarchive gets them again.
    std::string_view begin_with() {
        while (head.size() < kSignature && !at_end && !failed) head += more();
        block = head;
        begin = 0;
        before.clear();
        looked_at = true;
        return block;
    }

    /// The next bytes; empty at the end and after a failure.
    std::string_view more() {
        if (std::exchange(looked_at, false)) return block;
        if (at_end || failed) return {};
        before += block.substr(block.size() - std::min(block.size(), kAhead));
        before.erase(0, before.size() - std::min(before.size(), kAhead));
        begin += block.size();
        block = {};
        auto bytes = next();
        if (!bytes)
            failed = bytes.error();
        else if (bytes->empty())
            at_end = true;
        else
            block = *bytes;
        return block;
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

bool begins_as_empty(std::string_view bytes) { return bytes.starts_with("PK\5\6") || bytes.starts_with("PK\6\6"); }

std::uint64_t hash(std::string_view name) { return std::hash<std::string_view>()(name); }

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

/// Reads one zip.
class ExportZip {
public:
    ExportZip(const ZipBytes &next, const ExportSink &sink, const ExportZipOptions &options)
        : source_{next, {}, 0, {}, {}, false, false, {}}, sink_(sink), options_(options) {}
    Result<bool> run();

private:
    Result<bool> read_files();
    Result<bool> entry(archive_entry *entry);
    Result<bool> copy(const std::string &name);
    Result<bool> read_manifest();
    Result<bool> read_over();
    Result<void> check_manifests() const;
    Result<std::optional<std::string_view>> data();
    Result<void> check_end(std::uint64_t begin);
    void leave_out(const std::string &name);
    Error incomplete(const std::string &why) const;
    Error damaged(const std::string &why) const;
    Error stopped() const;
    Error method_unknown(std::string_view why) const;
    Error nothing_found() const;

    Source source_;
    const ExportSink &sink_;
    const ExportZipOptions &options_;
    std::unique_ptr<archive, FreeReader> reader_;
    std::vector<ZipFile> files_;
    std::uint64_t total_ = 0;
    std::unordered_set<std::uint64_t> names_; ///< hashes of the names of all files, without their folders
    std::vector<std::string> promised_;       ///< the names in manifests
    std::uint64_t promised_parts_ = 0;        ///< the largest number of them in a manifest
    std::uint64_t parts_ = 0;                 ///< files of the export
    std::vector<std::string> others_;         ///< the first files that are none
    std::string of_system_;                   ///< the first file that an operating system added
    std::string name_;                        ///< of the current file
    char first_byte_ = 0;                     ///< of the last of them that is no JSON
};

Error ExportZip::incomplete(const std::string &why) const {
    return error(Code::invalid, fmt::format("{} is incomplete: {}. {}", options_.what, why, options_.remedy));
}

Error ExportZip::damaged(const std::string &why) const {
    return error(Code::invalid, fmt::format("{} is damaged: {}. {}", options_.what, why, options_.remedy));
}

/// The reason why libarchive could not read on.
Error ExportZip::stopped() const {
    if (source_.failed) return *source_.failed;
    if (source_.at_end) return incomplete("its zip ends too early");
    const char *text = archive_error_string(reader_.get());
    const std::string_view why = text ? text : "bad zip";
    return why.starts_with(kMethodUnknown) ? method_unknown(why) : damaged(std::string(why));
}

/// Another run would give the same. why: "Unsupported ZIP compression method (9: deflation-64-bit)".
Error ExportZip::method_unknown(std::string_view why) const {
    why.remove_prefix(kMethodUnknown.size());
    return error(Code::invalid,
                 fmt::format("{} cannot be unpacked: its file {} is packed with a compression method that is not "
                             "supported{}. Pack it with the method Deflate.",
                             options_.zip, shown_name(name_), why));
}

void ExportZip::leave_out(const std::string &name) {
    constexpr std::size_t kMostNamed = 5;
    if (others_.size() == kMostNamed) return;
    others_.push_back(shown_name(name));
    sink_.left_out(name);
}

/// The next bytes of the current file; nothing at its end.
Result<std::optional<std::string_view>> ExportZip::data() {
    const void *data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(reader_.get(), &data, &size, &offset);
    if (status == ARCHIVE_EOF) return std::optional<std::string_view>();
    if (status != ARCHIVE_OK) return stopped(); // libarchive reports a wrong check sum or size as a warning
    total_ += size;
    if (total_ > options_.max_bytes)
        return error(Code::limit, fmt::format("the export is larger than {} MB unzipped, which {} allows",
                                              options_.max_bytes >> 20, options_.limit));
    ZipFile &file = files_.back();
    *file.size += size;
    if (size > 0) // without bytes zlib would begin anew
        file.crc = static_cast<std::uint32_t>(crc32_z(file.crc, static_cast<const Bytef *>(data), size));
    return std::optional(std::string_view(static_cast<const char *>(data), size));
}

/// Passes the data of the current file on, if it is JSON.
Result<bool> ExportZip::copy(const std::string &name) {
    files_.back().size = 0;
    Content content = Content::unknown;
    std::string head; // the first bytes, until they tell the content
    for (;;) {
        const auto bytes = data();
        if (!bytes) return bytes.error();
        if (!*bytes) break;
        if (content == Content::json) {
            if (!sink_.bytes(**bytes)) return false;
            continue;
        }
        if (content == Content::other) continue;
        head += **bytes;
        content = content_of(head);
        if (content == Content::json) {
            if (!sink_.bytes(head)) return false;
        } else if (content == Content::other) {
            first_byte_ = head[head.find_first_not_of(" \t\r\n")];
            leave_out(name);
            if (may_be_part(name)) continue;
            return read_over();
        } else if (head.size() > kMaxBlank) {
            head.erase(0, head.size() - 1); // blanks only
        }
    }
    if (content == Content::other) return true;
    ++parts_; // an empty file as well: an export without assets
    return sink_.part_ends(name);
}

Result<bool> ExportZip::entry(archive_entry *entry) {
    if (archive_entry_is_encrypted(entry))
        return error(Code::invalid, options_.what + " is encrypted, which is not supported");
    if (archive_entry_filetype(entry) == AE_IFDIR) return true;
    const char *path = archive_entry_pathname(entry);
    const std::string name = path ? path : "";
    name_ = name;
    if (is_of_system(name)) {
        if (of_system_.empty()) of_system_ = shown_name(name);
        return read_over();
    }
    names_.insert(hash(base_name(name)));
    if (is_manifest(name)) {
        leave_out(name);
        return read_manifest();
    }
    return copy(name);
}

/// Reads the rest of a file that is no part of the export. libarchive would skip it with the next head, but not the sizes behind its
/// data, so that the place of that head would be wrong.
Result<bool> ExportZip::read_over() {
    files_.back().size.reset();
    for (;;) {
        const void *data = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(reader_.get(), &data, &size, &offset);
        if (status == ARCHIVE_EOF || status == ARCHIVE_FAILED) return true; // failed: the next head skips the rest
        if (status != ARCHIVE_OK) return stopped();
    }
}

/// A manifest that is too long, or no JSON, promises nothing that could be checked.
Result<bool> ExportZip::read_manifest() {
    files_.back().size = 0;
    std::string text;
    for (;;) {
        const auto bytes = data();
        if (!bytes) return bytes.error();
        if (!*bytes) break;
        if (text.size() + (*bytes)->size() <= kMaxManifest) text += **bytes;
    }
    if (*files_.back().size != text.size()) return true;
    Manifest manifest = angod::read_manifest(text);
    promised_parts_ = std::max(promised_parts_, manifest.part_count.value_or(0));
    // A count may be that of the files.
    if (sink_.promised && manifest.record_count.value_or(manifest.parts.size()) != manifest.parts.size())
        sink_.promised(*manifest.record_count);
    for (std::string &name : manifest.parts) {
        if (promised_.size() == kMostFiles)
            return error(Code::limit,
                         fmt::format("the manifests of {} name more than {} files, which is more than can be read",
                                     options_.what, kMostFiles));
        promised_.push_back(std::move(name));
    }
    return true;
}

Result<void> ExportZip::check_manifests() const {
    for (const std::string &name : promised_)
        if (!names_.contains(hash(base_name(name))))
            return incomplete(fmt::format("its manifest names the file {}, which is not in it", shown_name(name)));
    if (promised_parts_ > parts_)
        return incomplete(fmt::format("its manifest counts {} files with records, and {} {} in it", promised_parts_,
                                      parts_, parts_ == 1 ? "is" : "are"));
    return {};
}

/// Reads the files, and what follows them.
Result<bool> ExportZip::read_files() {
    reader_.reset(archive_read_new());
    if (!reader_) return error(Code::io, "no memory for reading the zip");
    archive_read_support_format_zip_streamable(reader_.get());
    if (archive_read_open(reader_.get(), &source_, nullptr, read_source, nullptr) != ARCHIVE_OK) return stopped();
    for (;;) {
        archive_entry *next = nullptr;
        const int status = archive_read_next_header(reader_.get(), &next);
        const auto at = static_cast<std::uint64_t>(archive_read_header_position(reader_.get()));
        if (status == ARCHIVE_EOF) {
            const auto whole = check_end(at);
            return whole ? Result<bool>(true) : whole.error();
        }
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return stopped();
        if (files_.size() == kMostFiles)
            return error(Code::limit, fmt::format("{} holds more than {} files, which is more than can be read",
                                                  options_.what, kMostFiles));
        files_.push_back({at, {}, 0, false});
        const auto taken = entry(next);
        if (!taken || !*taken) return taken;
    }
}

/// begin: the offset behind the last file.
Result<void> ExportZip::check_end(std::uint64_t begin) {
    ZipEnd end(std::move(files_), begin);
    const std::uint64_t known = source_.begin - source_.before.size();
    if (begin < known || begin > source_.begin + source_.block.size())
        return damaged("bytes between its files belong to none of them");
    std::string_view rest = source_.block;
    std::string first;
    if (begin < source_.begin)
        first = source_.before.substr(static_cast<std::size_t>(begin - known));
    else
        rest.remove_prefix(static_cast<std::size_t>(begin - source_.begin));
    auto fine = end.write(first);
    source_.looked_at = false;
    while (fine && !rest.empty()) {
        fine = end.write(rest);
        if (fine) rest = source_.more();
    }
    if (source_.failed) return *source_.failed;
    if (!fine) return damaged(fine.error().text);
    if (const auto whole = end.finish(); !whole) return incomplete(whole.error().text);
    return check_manifests();
}

Error ExportZip::nothing_found() const {
    if (others_.size() == 1 && first_byte_ > ' ' && first_byte_ < 0x7f)
        return error(Code::invalid, fmt::format("{} is not JSON: its only file, {}, begins with '{}'", options_.what,
                                                others_.front(), first_byte_));
    if (others_.empty())
        return error(Code::invalid,
                     fmt::format("{} holds no export, only files that an operating system added, such as {}",
                                 options_.zip, of_system_));
    return error(Code::invalid, fmt::format("{} holds no export, only {}", options_.zip, fmt::join(others_, ", ")));
}

Result<bool> ExportZip::run() {
    const std::string_view bytes = source_.begin_with();
    if (source_.failed) return *source_.failed;
    if (bytes.empty()) return incomplete("the file is empty");
    if (begins_as_empty(bytes)) {
        const auto whole = check_end(0);
        return whole ? Result<bool>(true) : whole.error();
    }
    if (!is_zip(bytes)) return error(Code::invalid, options_.what + " is not a zip file");
    const auto read = read_files();
    if (!read || !*read) return read;
    if (parts_ > 0 || (others_.empty() && of_system_.empty()))
        return true; // without any file: an export without assets
    return nothing_found();
}

} // namespace

bool is_zip(std::string_view bytes) { return bytes.starts_with("PK\3\4") || begins_as_empty(bytes); }

Result<bool> read_export_zip(const ZipBytes &next, const ExportSink &sink, const ExportZipOptions &options) {
    return ExportZip(next, sink, options).run();
}

std::string shown_name(std::string_view name) {
    constexpr std::size_t kLongest = 100;
    std::string out = "\"" + std::string(beginning_of(name, kLongest)) + "\"";
    for (char &c : out)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
    return out;
}

} // namespace angod

#include "ctl/zip_file.hpp"

#include "unpack/export_zip.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>
#include <utility>

namespace angod::ctl {

namespace {

la_ssize_t append(archive *, void *out, const void *bytes, std::size_t size) {
    static_cast<std::string *>(out)->append(static_cast<const char *>(bytes), size);
    return static_cast<la_ssize_t>(size);
}

Error failed(std::string_view doing, archive *with) {
    const char *why = archive_error_string(with);
    return error(Code::invalid, fmt::format("{}: {}", doing, why ? why : "no memory"));
}

} // namespace

Result<std::string> zip_of(const std::string &name, std::string_view bytes) {
    std::string out;
    const std::unique_ptr<archive, int (*)(archive *)> zip(archive_write_new(), archive_write_free);
    const std::unique_ptr<archive_entry, void (*)(archive_entry *)> entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    const bool written =
        archive_write_set_format_zip(zip.get()) == ARCHIVE_OK &&
        archive_write_open(zip.get(), &out, nullptr, append, nullptr) == ARCHIVE_OK &&
        archive_write_header(zip.get(), entry.get()) == ARCHIVE_OK &&
        archive_write_data(zip.get(), bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size()) &&
        archive_write_close(zip.get()) == ARCHIVE_OK;
    if (!written) return failed("cannot zip " + name, zip.get());
    return out;
}

Result<std::vector<ExportPart>> parts_of(std::string_view zip, std::size_t limit, std::vector<std::string> &left_out) {
    std::vector<ExportPart> out;
    std::string text;
    const ZipBytes next = [rest = zip]() mutable -> Result<std::string_view> { return std::exchange(rest, {}); };
    const ExportSink sink{[&](std::string_view bytes) {
                              text += bytes;
                              return true;
                          },
                          [&](const std::string &name) {
                              out.push_back({name, std::exchange(text, {})});
                              return true;
                          },
                          [&](const std::string &name) { left_out.push_back(shown_name(name)); }};
    const ExportZipOptions options{"the export", "the zip", "Download or make it again.", limit, "angoctl run"};
    const auto read = read_export_zip(next, sink, options);
    if (!read) return read.error();
    return out;
}

} // namespace angod::ctl

#include "ctl/zip_file.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>

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

bool is_zip(std::string_view bytes) { return bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06"); }

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

Result<std::string> first_entry(std::string_view zip, std::size_t limit) {
    const std::unique_ptr<archive, int (*)(archive *)> reader(archive_read_new(), archive_read_free);
    archive_entry *entry = nullptr;
    if (archive_read_support_format_zip(reader.get()) != ARCHIVE_OK ||
        archive_read_open_memory(reader.get(), zip.data(), zip.size()) != ARCHIVE_OK ||
        archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK)
        return failed("it is no zip that can be read", reader.get());
    std::string out, block(std::size_t{256} << 10, '\0');
    for (;;) {
        const la_ssize_t size = archive_read_data(reader.get(), block.data(), block.size());
        if (size < 0) return failed("its first entry cannot be unzipped", reader.get());
        if (size == 0) return out;
        if (out.size() + static_cast<std::size_t>(size) > limit)
            return error(Code::limit, fmt::format("its first entry is larger than {} MB", limit >> 20));
        out.append(block.data(), static_cast<std::size_t>(size));
    }
}

} // namespace angod::ctl

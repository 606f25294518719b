#include "host/pipeline/zip_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include <clocale>

std::vector<std::pair<std::string, std::string>> read_zip(const std::filesystem::path &path) {
    const std::string locale = std::setlocale(LC_CTYPE, nullptr);
    std::setlocale(LC_CTYPE, "C.UTF-8"); // without it libarchive gives no names but ASCII ones
    std::vector<std::pair<std::string, std::string>> out;
    archive *reader = archive_read_new();
    archive_read_support_format_zip_seekable(reader);
    REQUIRE(archive_read_open_filename(reader, path.c_str(), 65536) == ARCHIVE_OK);
    archive_entry *entry = nullptr;
    int status = ARCHIVE_OK;
    while ((status = archive_read_next_header(reader, &entry)) == ARCHIVE_OK) {
        CHECK(archive_entry_filetype(entry) == AE_IFREG);
        CHECK(archive_entry_size_is_set(entry));
        std::string data(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
        CHECK(archive_read_data(reader, data.data(), data.size()) == static_cast<la_ssize_t>(data.size()));
        char more;
        CHECK(archive_read_data(reader, &more, 1) == 0); // this is where the checksum is looked at
        const char *name = archive_entry_pathname_utf8(entry);
        out.emplace_back(name ? name : "(none)", std::move(data));
    }
    const char *why = archive_error_string(reader);
    CHECK_MESSAGE(status == ARCHIVE_EOF, std::string(why ? why : ""));
    archive_read_free(reader);
    std::setlocale(LC_CTYPE, locale.c_str());
    return out;
}

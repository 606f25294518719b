// Reads what stands behind the last file of a zip, its directory and its end record, as a stream, and compares it with the
// files that were read. So a zip that lost a file, or its end, is not taken for a whole one. Pure.
//
// Source: APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16 and 4.5.3 (zip64).
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// A file of a zip that was read or skipped.
struct ZipFile {
    std::uint64_t at = 0;              ///< offset of its head in the zip
    std::optional<std::uint64_t> size; ///< bytes of its unpacked data, if all of it was read
    std::uint32_t crc = 0;             ///< of these bytes
    bool listed = false;               ///< the directory has it; set by ZipEnd
};

class ZipEnd {
public:
    /// files: in the order of their heads. begin: the offset of the first byte that write() gets.
    ZipEnd(std::vector<ZipFile> files, std::uint64_t begin);

    /// Takes the next bytes. Errors (invalid) continue "the zip": "its directory …".
    Result<void> write(std::string_view bytes);
    /// No more bytes follow. An error if something is missing.
    Result<void> finish() const;

private:
    /// directory: a record of any kind may follow, until the end record. behind: no other zip may follow.
    enum class Phase { directory, comment, behind };

    Result<std::size_t> wanted() const;
    Result<void> record();
    Result<void> file_record();
    Result<void> zip64_end_record();
    Result<void> end_record();
    Result<void> look_behind(std::string_view bytes);

    std::vector<ZipFile> files_;
    const std::uint64_t begin_;
    std::uint64_t at_; ///< offset of record_
    Phase phase_ = Phase::directory;
    std::string record_;       ///< the record at hand, as far as it came; behind the end the last bytes
    std::size_t comment_ = 0;  ///< bytes of the comment that are missing
    std::uint64_t listed_ = 0; ///< files in the directory
    std::size_t next_ = 0;     ///< the file that the directory probably names next
    std::optional<std::uint64_t> directory_end_; ///< offset of the first record that names no file
    struct Zip64 {
        std::uint64_t files = 0, size = 0, begin = 0;
    };
    std::optional<Zip64> zip64_;
};

} // namespace angod

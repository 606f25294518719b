// Makes zips byte by byte, so that a test can leave out or change any part.
#pragma once

#include "unpack/packed.hpp"

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace angod {

inline std::string little(std::uint64_t value, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i, value >>= 8) out += static_cast<char>(value & 0xff);
    return out;
}

struct BuiltFile {
    std::string name, data;
    bool in_directory = true, in_body = true;
    /// As the directory says, if not as it is.
    std::uint64_t listed_size = UINT64_MAX, listed_crc = UINT64_MAX;
};

struct ZipBuilder {
    std::vector<BuiltFile> files;
    bool zip64 = false;    ///< all numbers in zip64 records
    bool packed = false;   ///< deflated, with a data descriptor behind each file
    bool reversed = false; ///< the directory has the last file first
    int more_in_end = 0;   ///< added to the number of files in the end record
    int disk = 0;
    std::string comment, behind_files;

    /// The files without what follows them.
    std::string body;
    std::string directory;
    std::string end;

    std::string build() {
        body.clear();
        directory.clear();
        std::uint64_t listed = 0;
        for (const BuiltFile &file : files) {
            const std::uint64_t crc = crc32_z(0, reinterpret_cast<const Bytef *>(file.data.data()), file.data.size());
            const std::string data = packed ? angod::packed(file.data, kRaw) : file.data;
            const std::uint64_t at = body.size();
            const std::string common = little(zip64 ? 45 : 20, 2) + little(packed ? 8 : 0, 2) +
                                       little(packed ? 8 : 0, 2) + little(0x58620000, 4);
            if (file.in_body) {
                body += "PK\3\4" + common;
                body += packed ? little(0, 12) : little(crc, 4) + little(data.size(), 4) + little(file.data.size(), 4);
                body += little(file.name.size(), 2) + little(0, 2) + file.name + data;
                if (packed) body += "PK\7\10" + little(crc, 4) + little(data.size(), 4) + little(file.data.size(), 4);
            }
            if (!file.in_directory) continue;
            ++listed;
            const std::uint64_t size = file.listed_size != UINT64_MAX ? file.listed_size : file.data.size();
            const std::uint64_t sum = file.listed_crc != UINT64_MAX ? file.listed_crc : crc;
            const std::string extra =
                zip64 ? little(1, 2) + little(24, 2) + little(size, 8) + little(data.size(), 8) + little(at, 8) : "";
            std::string record = "PK\1\2" + little(45, 2) + common + little(sum, 4);
            record += zip64 ? std::string(8, '\xff') : little(data.size(), 4) + little(size, 4);
            record += little(file.name.size(), 2) + little(extra.size(), 2) + little(0, 2) + little(0, 8);
            record += zip64 ? std::string(4, '\xff') : little(at, 4);
            record += file.name + extra;
            directory = reversed ? record + directory : directory + record;
        }
        body += behind_files;
        const std::uint64_t count = listed + static_cast<std::uint64_t>(more_in_end);
        end.clear();
        if (zip64) {
            end += "PK\6\6" + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(count, 8) +
                   little(count, 8);
            end += little(directory.size(), 8) + little(body.size(), 8);
            end += "PK\6\7" + little(0, 4) + little(body.size() + directory.size(), 8) + little(1, 4);
        }
        end += "PK\5\6" + little(static_cast<std::uint64_t>(disk), 2) + little(0, 2);
        end += zip64 ? std::string(12, '\xff')
                     : little(count, 2) + little(count, 2) + little(directory.size(), 4) + little(body.size(), 4);
        end += little(comment.size(), 2) + comment;
        return body + directory + end;
    }
};

} // namespace angod

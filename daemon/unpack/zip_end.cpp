// The bytes are collected into one record at a time: its signature and its fixed part tell the length of the whole. A record of
// the directory names a file by the offset of its head. Usually the directory has the order of the files; for another order the
// file is searched. Lengths are 16 bits wide, except that of the zip64 end record, which is limited here.
#include "unpack/zip_end.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace angod {

namespace {

constexpr std::string_view kHead = "PK\3\4", kFile = "PK\1\2", kEnd = "PK\5\6", kEnd64 = "PK\6\6",
                           kLocator64 = "PK\6\7", kSignature = "PK\5\5";
constexpr std::size_t kFileSize = 46, kEndSize = 22, kEnd64Size = 56, kEnd64Head = 12, kLocatorSize = 20,
                      kSignatureHead = 6;
constexpr std::uint64_t kMostOfEnd64 = 1u << 20;
constexpr std::uint64_t kSeeZip64 = 0xffffffff, kSeeZip64Short = 0xffff;
constexpr std::uint16_t kZip64Field = 1;

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = size; i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + i - 1]);
    return value;
}

Error bad(std::string text) { return error(Code::invalid, std::move(text)); }

Error damaged_directory() { return bad("its directory is damaged"); }

std::string files(std::uint64_t count) { return fmt::format("{} file{}", count, count == 1 ? "" : "s"); }

/// The data of an extra field; nothing if there is none.
std::optional<std::string_view> extra_field(std::string_view extra, std::uint16_t wanted) {
    while (extra.size() >= 4) {
        const std::uint64_t id = number(extra, 0, 2);
        const auto size = static_cast<std::size_t>(number(extra, 2, 2));
        if (size > extra.size() - 4) return std::nullopt;
        if (id == wanted) return extra.substr(4, size);
        extra.remove_prefix(4 + size);
    }
    return std::nullopt;
}

/// A file in the words of the directory.
struct Listed {
    std::uint64_t size = 0, packed = 0, at = 0;
    std::uint32_t crc = 0;
};

/// Values that do not fit are in an extra field, in this order. Nothing if they are missing there.
std::optional<Listed> read_listed(std::string_view record) {
    Listed out;
    out.crc = static_cast<std::uint32_t>(number(record, 16, 4));
    out.packed = number(record, 20, 4);
    out.size = number(record, 24, 4);
    out.at = number(record, 42, 4);
    const auto name = static_cast<std::size_t>(number(record, 28, 2)),
               extra = static_cast<std::size_t>(number(record, 30, 2));
    auto wide = extra_field(record.substr(kFileSize + name, extra), kZip64Field);
    for (std::uint64_t *value : {&out.size, &out.packed, &out.at}) {
        if (*value != kSeeZip64) continue;
        if (!wide) continue; // the number itself
        if (wide->size() < 8) return std::nullopt;
        *value = number(*wide, 0, 8);
        wide->remove_prefix(8);
    }
    return out;
}

} // namespace

ZipEnd::ZipEnd(std::vector<ZipFile> files, std::uint64_t begin) : files_(std::move(files)), begin_(begin), at_(begin) {}

/// The length of the record at hand; as much as its begin tells.
Result<std::size_t> ZipEnd::wanted() const {
    if (record_.size() < kFile.size()) return kFile.size();
    const std::string_view kind = std::string_view(record_).substr(0, kFile.size());
    if (kind == kFile) {
        if (record_.size() < kFileSize) return kFileSize;
        return kFileSize +
               static_cast<std::size_t>(number(record_, 28, 2) + number(record_, 30, 2) + number(record_, 32, 2));
    }
    if (kind == kEnd) return kEndSize;
    if (kind == kLocator64) return kLocatorSize;
    if (kind == kSignature) {
        if (record_.size() < kSignatureHead) return kSignatureHead;
        return kSignatureHead + static_cast<std::size_t>(number(record_, 4, 2));
    }
    if (kind == kEnd64) {
        if (record_.size() < kEnd64Head) return kEnd64Head;
        const std::uint64_t size = number(record_, 4, 8);
        if (size > kMostOfEnd64 || size < kEnd64Size - kEnd64Head) return damaged_directory();
        return kEnd64Head + static_cast<std::size_t>(size);
    }
    if (listed_ == 0 && at_ == begin_) return bad("the data behind its last file is damaged");
    return damaged_directory();
}

Result<void> ZipEnd::write(std::string_view bytes) {
    while (!bytes.empty()) {
        if (phase_ == Phase::comment) {
            const std::size_t size = std::min(comment_, bytes.size());
            comment_ -= size;
            bytes.remove_prefix(size);
            if (comment_ == 0) phase_ = Phase::behind;
            continue;
        }
        if (phase_ == Phase::behind) return look_behind(bytes);
        const auto size = wanted();
        if (!size) return size.error();
        const std::size_t missing = std::min(*size - record_.size(), bytes.size());
        record_ += bytes.substr(0, missing);
        bytes.remove_prefix(missing);
        const auto whole = wanted(); // now more of it may be known
        if (!whole) return whole.error();
        if (record_.size() < *whole) continue;
        if (const auto fine = record(); !fine) return fine;
        at_ += record_.size();
        record_.clear();
    }
    return {};
}

Result<void> ZipEnd::record() {
    const std::string_view kind = std::string_view(record_).substr(0, kFile.size());
    if (kind == kFile) return file_record();
    if (!directory_end_) directory_end_ = at_;
    if (kind == kEnd64) return zip64_end_record();
    if (kind == kEnd) return end_record();
    return {};
}

Result<void> ZipEnd::file_record() {
    if (directory_end_) return damaged_directory();
    const auto listed = read_listed(record_);
    if (!listed) return damaged_directory();
    ++listed_;
    auto file = files_.begin() + static_cast<std::ptrdiff_t>(std::min(next_, files_.size()));
    if (file == files_.end() || file->at != listed->at)
        file = std::lower_bound(files_.begin(), files_.end(), listed->at,
                                [](const ZipFile &one, std::uint64_t at) { return one.at < at; });
    if (file == files_.end() || file->at != listed->at || file->listed)
        return bad(fmt::format("its directory names a file at byte {}, where none is", listed->at));
    file->listed = true;
    next_ = static_cast<std::size_t>(file - files_.begin()) + 1;
    if (!file->size) return {};
    if (*file->size != listed->size)
        return bad(fmt::format("its directory says that the file at byte {} has {} bytes, but it has {}", file->at,
                               listed->size, *file->size));
    if (file->crc != listed->crc)
        return bad(fmt::format("the check sum of the file at byte {} is not the one in its directory", file->at));
    return {};
}

Result<void> ZipEnd::zip64_end_record() {
    if (zip64_) return damaged_directory();
    zip64_ = Zip64{number(record_, 32, 8), number(record_, 40, 8), number(record_, 48, 8)};
    return {};
}

/// Without zip64, old programs write of numbers that do not fit only their last bits.
Result<void> ZipEnd::end_record() {
    const std::uint64_t disk = number(record_, 4, 2), first_disk = number(record_, 6, 2);
    const auto of_several = [](std::uint64_t value) { return value != 0 && value != kSeeZip64Short; };
    if (of_several(disk) || of_several(first_disk)) return bad("it is only one part of a zip in several files");
    std::uint64_t count = number(record_, 10, 2), size = number(record_, 12, 4), begin = number(record_, 16, 4);
    std::uint64_t count_mask = kSeeZip64Short, mask = kSeeZip64;
    if (zip64_) {
        count = zip64_->files, size = zip64_->size, begin = zip64_->begin;
        count_mask = mask = UINT64_MAX;
    }
    if (count != (listed_ & count_mask))
        return bad(fmt::format("its end says that it has {}, but its directory names {}", files(count), listed_));
    if (listed_ != files_.size())
        return bad(fmt::format("its directory names {}, but {} could be read", files(listed_), files_.size()));
    if (size != ((*directory_end_ - begin_) & mask) || begin != (begin_ & mask))
        return bad("its end does not fit its directory");
    comment_ = static_cast<std::size_t>(number(record_, 20, 2));
    phase_ = comment_ > 0 ? Phase::comment : Phase::behind;
    return {};
}

/// Other bytes behind the end are no data, but another zip is.
Result<void> ZipEnd::look_behind(std::string_view bytes) {
    constexpr std::size_t kOverlap = 3; // of a signature that begins in earlier bytes
    record_ += bytes.substr(0, kOverlap);
    for (const std::string_view text : {std::string_view(record_), bytes})
        if (text.find(kHead) != text.npos || text.find(kEnd) != text.npos) return bad("another zip follows its end");
    if (bytes.size() > kOverlap) record_ = bytes.substr(bytes.size() - kOverlap);
    if (record_.size() > kOverlap) record_.erase(0, record_.size() - kOverlap);
    return {};
}

Result<void> ZipEnd::finish() const {
    if (phase_ == Phase::behind) return {};
    return bad("its zip ends too early");
}

} // namespace angod

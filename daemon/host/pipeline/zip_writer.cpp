// The header of an entry stands before its data but contains its sizes. A small entry is held in memory until it ends,
// and then gets a header without reserve. When an entry grows beyond 256 KB compressed, a header with room for zip64
// sizes is written and patched at the end of the entry. The format is that of PKWARE's APPNOTE. One thread.
#include "host/pipeline/zip_writer.hpp"

#include <algorithm>
#include <chrono>

namespace angod::host {

namespace {

constexpr std::uint64_t kMax32 = 0xffffffffu; // this value and larger ones need zip64
constexpr std::uint64_t kMax16 = 0xffffu;
constexpr std::size_t kHeld = 256 * 1024;         // bytes; smaller compressed entries get a header without reserve
constexpr std::uint16_t kPlain = 20, kZip64 = 45; // versions needed to extract
constexpr std::uint16_t kUtf8 = 1 << 11, kDeflated = 8;
constexpr std::uint32_t kUnixFile = 0100644u << 16;
constexpr std::uint16_t kMadeOnUnix = 3 << 8;

/// Appends little-endian numbers to a text.
class Bytes {
public:
    Bytes &u16(std::uint64_t v) { return number(v, 2); }
    Bytes &u32(std::uint64_t v) { return number(v, 4); }
    Bytes &u64(std::uint64_t v) { return number(v, 8); }
    Bytes &text(std::string_view v) {
        out_ += v;
        return *this;
    }
    std::string take() { return std::move(out_); }

private:
    Bytes &number(std::uint64_t v, int bytes) {
        for (int i = 0; i < bytes; ++i) out_ += static_cast<char>(v >> (8 * i) & 0xff);
        return *this;
    }
    std::string out_;
};

std::uint32_t dos_time_now() { // UTC: the user's zone is not known here
    using namespace std::chrono;
    const auto now = system_clock::now();
    const auto day = floor<days>(now);
    const year_month_day date(day);
    const hh_mm_ss time(floor<seconds>(now - day));
    const auto year = static_cast<std::uint32_t>(std::clamp(static_cast<int>(date.year()), 1980, 2107) - 1980);
    return year << 25 | static_cast<unsigned>(date.month()) << 21 | static_cast<unsigned>(date.day()) << 16 |
           static_cast<std::uint32_t>(time.hours().count()) << 11 |
           static_cast<std::uint32_t>(time.minutes().count()) << 5 |
           static_cast<std::uint32_t>(time.seconds().count() / 2);
}

} // namespace

ZipWriter::ZipWriter(SpoolFile zip, SpoolFile directory)
    : zip_(std::move(zip)), directory_(std::move(directory)), dos_time_(dos_time_now()) {}

Result<ZipWriter> ZipWriter::create(const std::filesystem::path &folder, SpoolQuota &quota) {
    auto zip = SpoolFile::create(folder / "result.zip", quota);
    if (!zip) return zip.error();
    auto directory = SpoolFile::create(folder / "result.directory", quota);
    if (!directory) return directory.error();
    return ZipWriter(std::move(*zip), std::move(*directory));
}

Result<void> ZipWriter::begin_entry(std::string_view name) {
    name_ = name;
    held_.clear();
    header_written_ = false;
    offset_ = zip_.size();
    size_ = compressed_ = 0;
    deflater_.begin();
    return {};
}

Result<void> ZipWriter::write(std::string_view bytes) {
    size_ += bytes.size();
    return deflater_.write(bytes, [this](std::string_view compressed) { return hold(compressed); });
}

Result<void> ZipWriter::hold(std::string_view compressed) {
    compressed_ += compressed.size();
    if (header_written_) return zip_.append(compressed);
    held_ += compressed;
    if (held_.size() < kHeld) return {};
    if (auto done = zip_.append(local_header(true)); !done) return done;
    header_written_ = true;
    return zip_.append(held_);
}

/// reserve: adds an extra field with room for 64-bit sizes, for an entry whose size is not known yet.
std::string ZipWriter::local_header(bool reserve) const {
    const bool large = size_ >= kMax32 || compressed_ >= kMax32;
    Bytes b;
    b.u32(0x04034b50).u16(large ? kZip64 : kPlain).u16(kUtf8).u16(kDeflated).u32(dos_time_).u32(deflater_.crc());
    b.u32(large ? kMax32 : compressed_).u32(large ? kMax32 : size_).u16(name_.size()).u16(reserve ? 20 : 0).text(name_);
    // Without large sizes the room becomes a "growth hint" (0xa220), which is the only extra field without a meaning.
    if (reserve && large)
        b.u16(0x0001).u16(16).u64(size_).u64(compressed_);
    else if (reserve)
        b.u16(0xa220).u16(16).u16(0xa028).u16(0).u32(0).u64(0);
    return b.take();
}

Result<void> ZipWriter::end_entry() {
    if (auto done = deflater_.end([this](std::string_view compressed) { return hold(compressed); }); !done) return done;
    if (header_written_) {
        if (auto done = zip_.patch(offset_, local_header(true)); !done) return done;
    } else {
        // The compressed size is below 256 KB and deflate shrinks at most 1032 times, so neither size is large.
        if (auto done = zip_.append(local_header(false)); !done) return done;
        if (auto done = zip_.append(held_); !done) return done;
    }
    ++entries_;
    return directory_.append(directory_entry());
}

std::string ZipWriter::directory_entry() const {
    Bytes large;
    if (size_ >= kMax32) large.u64(size_);
    if (compressed_ >= kMax32) large.u64(compressed_);
    if (offset_ >= kMax32) large.u64(offset_);
    const std::string sizes = large.take();
    const std::uint16_t version = sizes.empty() ? kPlain : kZip64;
    Bytes b;
    b.u32(0x02014b50)
        .u16(kMadeOnUnix | version)
        .u16(version)
        .u16(kUtf8)
        .u16(kDeflated)
        .u32(dos_time_)
        .u32(deflater_.crc());
    b.u32(std::min(compressed_, kMax32)).u32(std::min(size_, kMax32)).u16(name_.size());
    b.u16(sizes.empty() ? 0 : 4 + sizes.size())
        .u16(0)
        .u16(0)
        .u16(0)
        .u32(kUnixFile)
        .u32(std::min(offset_, kMax32))
        .text(name_);
    if (!sizes.empty()) b.u16(0x0001).u16(sizes.size()).text(sizes);
    return b.take();
}

/// at, bytes: offset and size of the directory.
std::string ZipWriter::directory_end(std::uint64_t at, std::uint64_t bytes) const {
    Bytes b;
    if (entries_ >= kMax16 || bytes >= kMax32 || at >= kMax32) {
        b.u32(0x06064b50)
            .u64(44)
            .u16(kMadeOnUnix | kZip64)
            .u16(kZip64)
            .u32(0)
            .u32(0)
            .u64(entries_)
            .u64(entries_)
            .u64(bytes)
            .u64(at);
        b.u32(0x07064b50).u32(0).u64(at + bytes).u32(1);
    }
    b.u32(0x06054b50).u16(0).u16(0).u16(std::min(entries_, kMax16)).u16(std::min(entries_, kMax16));
    b.u32(std::min(bytes, kMax32)).u32(std::min(at, kMax32)).u16(0);
    return b.take();
}

Result<void> ZipWriter::finish() {
    const std::uint64_t at = zip_.size(), bytes = directory_.size();
    std::string piece(256 * 1024, '\0');
    for (;;) {
        const auto got = directory_.read(piece.data(), piece.size());
        if (!got) return got.error();
        if (*got == 0) break;
        if (auto done = zip_.append({piece.data(), *got}); !done) return done;
    }
    if (auto done = zip_.append(directory_end(at, bytes)); !done) return done;
    return zip_.flush();
}

} // namespace angod::host

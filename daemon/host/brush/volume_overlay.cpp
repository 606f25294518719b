// Both files are read in blocks side by side, so that a volume of gigabytes needs no more memory than its file has bytes.
// A head can name any size: the number of voxels is limited before the first of them is read. Of the head only the fields
// that say where and how the voxels are stored count; all others stay as they are in the existing file. Pure.
#include "host/brush/volume_overlay.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace angod::host {

namespace {

constexpr std::uint64_t kMaxVoxels = std::uint64_t{1} << 32; // 1,600 × 1,600 × 1,600
constexpr std::size_t kMaxHead = 64 * 1024;                  // bytes
constexpr std::size_t kBlock = 64 * 1024;                    // voxels
constexpr int kFast = 1;                                     // masks are small at every level
constexpr int kGzip = 16 + MAX_WBITS;                        // zlib: a gzip head and tail around the data

Error invalid(std::string text) { return error(Code::invalid, std::move(text)); }

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t\r");
    return from == text.npos ? std::string_view() : text.substr(from, text.find_last_not_of(" \t\r") + 1 - from);
}

/// Takes the first line off the text; nothing at the end of the text.
std::optional<std::string_view> take_line(std::string_view &text) {
    const std::size_t end = text.find('\n');
    if (end == text.npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

Result<std::vector<std::uint64_t>> read_sizes(std::string_view text) {
    std::vector<std::uint64_t> sizes;
    std::uint64_t voxels = 1;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        std::uint64_t size = 0;
        const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), size);
        if (failed != std::errc() || size == 0) return invalid("names a size that is no number");
        if (sizes.size() == 3 || size > kMaxVoxels / voxels) return invalid("is larger than can be laid over another");
        voxels *= size;
        sizes.push_back(size);
        text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    }
    if (sizes.size() != 3) return invalid("names no three sizes");
    return sizes;
}

bool is_byte(std::string_view type) {
    return type == "uint8" || type == "uint8_t" || type == "uchar" || type == "unsigned char";
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return out;
}

/// typed: set once the type is known.
Result<void> read_field(const std::string &name, std::string_view value, VolumeHead &head, bool &typed) {
    if (name == "type") {
        typed = is_byte(value);
        if (!typed) return invalid("has voxels of another type than uint8");
    } else if (name == "dimension") {
        if (value != "3") return invalid("does not have three dimensions");
    } else if (name == "sizes") {
        auto sizes = read_sizes(value);
        if (!sizes) return sizes.error();
        head.sizes = std::move(*sizes);
    } else if (name == "encoding") {
        if (value == "gzip" || value == "gz")
            head.encoding = VolumeHead::Encoding::gzip;
        else if (value != "raw")
            return invalid("has another encoding than gzip and raw");
    } else if (name == "data file" || name == "datafile") {
        return invalid("has its voxels in another file");
    } else if (name == "line skip" || name == "lineskip" || name == "byte skip" || name == "byteskip") {
        if (value != "0") return invalid("has other data before its voxels");
    }
    return {};
}

/// The voxels of a file, in order.
class Voxels {
public:
    Voxels(std::string_view file, const VolumeHead &head) : encoding_(head.encoding), left_(file.substr(head.bytes)) {
        if (encoding_ == VolumeHead::Encoding::gzip) ready_ = inflateInit2(&stream_, kGzip) == Z_OK;
    }
    ~Voxels() {
        if (encoding_ == VolumeHead::Encoding::gzip) inflateEnd(&stream_);
    }
    Voxels(const Voxels &) = delete;
    Voxels &operator=(const Voxels &) = delete;

    /// Fills the block. False: the file ends before, or is damaged.
    bool read(unsigned char *block, std::size_t size) {
        if (encoding_ == VolumeHead::Encoding::gzip) return ready_ && inflate_into(block, size);
        if (size > left_.size()) return false;
        std::copy_n(left_.begin(), size, block);
        left_.remove_prefix(size);
        return true;
    }

    /// Whether all data has been read, and the check sum of the gzip encoding is right.
    bool at_end() {
        if (encoding_ == VolumeHead::Encoding::raw) return true;
        unsigned char more = 0;
        while (!ended_) {
            stream_.next_out = &more;
            stream_.avail_out = 1;
            if (!step() || stream_.avail_out == 0 || (!ended_ && left_.empty())) return false;
        }
        return true;
    }

private:
    /// Inflates once into the room that is set.
    bool step() {
        const std::size_t part = std::min<std::size_t>(left_.size(), std::size_t{1} << 30);
        stream_.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(left_.data())); // zlib lacks the const
        stream_.avail_in = static_cast<uInt>(part);
        const int status = inflate(&stream_, Z_NO_FLUSH);
        left_.remove_prefix(part - stream_.avail_in);
        ended_ = status == Z_STREAM_END;
        return ended_ || status == Z_OK;
    }

    bool inflate_into(unsigned char *block, std::size_t size) {
        stream_.next_out = block;
        stream_.avail_out = static_cast<uInt>(size);
        while (stream_.avail_out > 0) {
            // A gzip file may consist of several, one behind the other.
            if (ended_ && (left_.empty() || inflateReset(&stream_) != Z_OK)) return false;
            if (!step()) return false;
        }
        return true;
    }

    const VolumeHead::Encoding encoding_;
    std::string_view left_;
    z_stream stream_{};
    bool ready_ = true, ended_ = false;
};

/// The file that is written: a head, then voxels.
class VolumeWriter {
public:
    VolumeWriter(std::string_view head, VolumeHead::Encoding encoding) : encoding_(encoding), out_(head) {
        if (encoding_ == VolumeHead::Encoding::gzip)
            ready_ = deflateInit2(&stream_, kFast, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK;
    }
    ~VolumeWriter() {
        if (encoding_ == VolumeHead::Encoding::gzip) deflateEnd(&stream_);
    }
    VolumeWriter(const VolumeWriter &) = delete;
    VolumeWriter &operator=(const VolumeWriter &) = delete;

    bool write(const unsigned char *block, std::size_t size, bool last) {
        if (encoding_ == VolumeHead::Encoding::raw) {
            out_.append(reinterpret_cast<const char *>(block), size);
            return true;
        }
        if (!ready_) return false;
        stream_.next_in = const_cast<Bytef *>(block); // zlib lacks the const
        stream_.avail_in = static_cast<uInt>(size);
        do {
            std::array<Bytef, kBlock> made;
            stream_.next_out = made.data();
            stream_.avail_out = static_cast<uInt>(made.size());
            if (deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR) return false;
            out_.append(reinterpret_cast<const char *>(made.data()), made.size() - stream_.avail_out);
        } while (stream_.avail_out == 0);
        return true;
    }
    std::string take() { return std::move(out_); }

private:
    const VolumeHead::Encoding encoding_;
    std::string out_;
    z_stream stream_{};
    bool ready_ = true;
};

} // namespace

Result<VolumeHead> read_volume_head(std::string_view file) {
    std::string_view rest = file.substr(0, kMaxHead);
    auto line = take_line(rest);
    if (!line || !line->starts_with("NRRD")) return invalid("is no NRRD file");
    VolumeHead head;
    bool typed = false;
    for (line = take_line(rest); line && !line->empty(); line = take_line(rest)) {
        // "name: value" is a field; "# text" is a comment, and "name:=value" belongs to the program that wrote it.
        const std::size_t colon = line->find(':');
        if (line->starts_with('#') || colon == line->npos || line->substr(colon).starts_with(":=")) continue;
        const auto read =
            read_field(lower(trimmed(line->substr(0, colon))), trimmed(line->substr(colon + 1)), head, typed);
        if (!read) return read.error();
    }
    if (!line) return invalid("has a head without an end");
    if (!typed) return invalid("does not say the type of its voxels");
    if (head.sizes.empty()) return invalid("names no three sizes");
    head.bytes = static_cast<std::size_t>(rest.data() - file.data());
    return head;
}

Result<std::string> lay_volume_over(std::string_view above, std::string_view below) {
    const auto unreadable = [](const char *which, const std::string &problem) {
        return invalid(fmt::format("the {} file {}", which, problem));
    };
    const auto over_head = read_volume_head(above), under_head = read_volume_head(below);
    if (!over_head) return unreadable("new", over_head.error().text);
    if (!under_head) return unreadable("existing", under_head.error().text);
    if (over_head->sizes != under_head->sizes)
        return invalid(fmt::format("they have {} × {} × {} voxels and the new ones {} × {} × {}", under_head->sizes[0],
                                   under_head->sizes[1], under_head->sizes[2], over_head->sizes[0], over_head->sizes[1],
                                   over_head->sizes[2]));
    Voxels over(above, *over_head), under(below, *under_head);
    VolumeWriter out(below.substr(0, under_head->bytes), under_head->encoding);
    std::vector<unsigned char> upper(kBlock), lower(kBlock);
    for (std::uint64_t left = over_head->voxels(); left > 0;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, kBlock));
        left -= size;
        if (!over.read(upper.data(), size)) return unreadable("new", "is damaged or cut off");
        if (!under.read(lower.data(), size)) return unreadable("existing", "is damaged or cut off");
        for (std::size_t i = 0; i < size; ++i)
            if (upper[i] != 0) lower[i] = upper[i];
        if (!out.write(lower.data(), size, left == 0))
            return error(Code::io, "the file cannot be written for lack of memory");
    }
    if (!over.at_end()) return unreadable("new", "is damaged or cut off");
    if (!under.at_end()) return unreadable("existing", "is damaged or cut off");
    return out.take();
}

} // namespace angod::host

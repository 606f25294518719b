// The first two bytes tell the form of the stream, so they are kept until both are there. zlib checks the sum and the size at
// the end of a gzip stream, and the sum of a zlib stream. A raw deflate stream has no sum, but its last block is marked. Bytes behind
// the end are another member of a gzip file, zeros, or an error.
#include "unpack/inflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace angod {

namespace {

constexpr std::size_t kBlock = 64 * 1024;
constexpr std::size_t kMagic = 2;
constexpr int kGzip = 16 + MAX_WBITS, kZlib = MAX_WBITS, kRaw = -MAX_WBITS;

bool begins_as_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

/// RFC 1950: the method is 8, and both bytes as a number are divisible by 31.
bool begins_as_zlib(std::string_view bytes) {
    const auto first = static_cast<unsigned char>(bytes[0]), second = static_cast<unsigned char>(bytes[1]);
    return (first & 0x0f) == 8 && (first * 256 + second) % 31 == 0;
}

Error broken(const char *how) { return error(Code::protocol, how); }

} // namespace

struct Inflater::Impl {
    /// begin: the first bytes decide. behind: a stream has ended. padding: zeros came behind it. plain: nothing is packed.
    enum class Phase { begin, inside, behind, padding, plain };

    explicit Impl(Format wanted) : format(wanted) {}
    ~Impl() {
        if (open) inflateEnd(&stream);
    }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    Result<bool> write(std::string_view bytes, const Take &take);
    Result<bool> inflate_some(std::string_view &bytes, const Take &take);
    Result<void> begin();
    Result<void> look_behind(std::string_view &bytes);

    const Format format;
    Phase phase = Phase::begin;
    std::string magic; ///< the bytes of a beginning, as long as they do not tell it
    z_stream stream{};
    bool open = false;
    bool unpacked = false; ///< one stream has ended
    std::array<char, kBlock> room{};
};

Inflater::Inflater(Format format) : impl_(std::make_unique<Impl>(format)) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater &&) noexcept = default;
Inflater &Inflater::operator=(Inflater &&) noexcept = default;

/// Decides by the first two bytes, in magic.
Result<void> Inflater::Impl::begin() {
    int bits = kGzip;
    if (format == Format::gzip) {
        if (!begins_as_gzip(magic)) {
            phase = Phase::plain;
            return {};
        }
    } else if (magic == "PK") { // a zip; as raw deflate it would be damaged
        phase = Phase::plain;
        return {};
    } else {
        bits = begins_as_zlib(magic) ? kZlib : kRaw;
    }
    if (open) inflateEnd(&stream);
    stream = {};
    open = inflateInit2(&stream, bits) == Z_OK;
    if (!open) return error(Code::io, "cannot be unpacked for lack of memory");
    phase = Phase::inside;
    return {};
}

Result<bool> Inflater::Impl::inflate_some(std::string_view &bytes, const Take &take) {
    const std::size_t part = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data())); // zlib lacks the const
    stream.avail_in = static_cast<uInt>(part);
    int status = Z_OK;
    do {
        stream.next_out = reinterpret_cast<Bytef *>(room.data());
        stream.avail_out = static_cast<uInt>(room.size());
        status = ::inflate(&stream, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return broken("is damaged");
        const std::size_t size = room.size() - stream.avail_out;
        if (size > 0 && !take({room.data(), size})) return false;
    } while (status != Z_STREAM_END && stream.avail_out == 0);
    bytes.remove_prefix(part - stream.avail_in);
    if (status == Z_STREAM_END) {
        phase = Phase::behind;
        unpacked = true;
        magic.clear();
    }
    return true;
}

/// Bytes behind the end of a stream.
Result<void> Inflater::Impl::look_behind(std::string_view &bytes) {
    if (format == Format::gzip && phase == Phase::behind && (bytes[0] != 0 || !magic.empty())) {
        const std::size_t size = std::min(bytes.size(), kMagic - magic.size());
        magic += bytes.substr(0, size);
        bytes.remove_prefix(size);
        if (magic.size() < kMagic) return {};
        if (begins_as_gzip(magic)) return begin();
        return broken("goes on behind its end");
    }
    const std::size_t zeros = std::min(bytes.find_first_not_of('\0'), bytes.size());
    if (zeros < bytes.size()) return broken("goes on behind its end");
    phase = Phase::padding;
    bytes = {};
    return {};
}

Result<bool> Inflater::Impl::write(std::string_view bytes, const Take &take) {
    while (!bytes.empty()) {
        switch (phase) {
            case Phase::begin: {
                const std::size_t size = std::min(bytes.size(), kMagic - magic.size());
                magic += bytes.substr(0, size);
                bytes.remove_prefix(size);
                if (magic.size() < kMagic) return true;
                if (const auto begun = begin(); !begun) return begun.error();
                break;
            }
            case Phase::plain: break;
            case Phase::inside: {
                const auto more = inflate_some(bytes, take);
                if (!more || !*more) return more;
                continue;
            }
            case Phase::behind:
            case Phase::padding:
                if (const auto fine = look_behind(bytes); !fine) return fine.error();
                break;
        }
        if (phase == Phase::inside && !magic.empty()) {
            const std::string head = std::exchange(magic, {});
            std::string_view left = head;
            const auto more = inflate_some(left, take);
            if (!more || !*more) return more;
        } else if (phase == Phase::plain) {
            const std::string head = std::exchange(magic, {});
            if (!head.empty() && !take(head)) return false;
            return bytes.empty() || take(bytes);
        }
    }
    return true;
}

Result<bool> Inflater::write(std::string_view bytes, const Take &take) { return impl_->write(bytes, take); }

Result<bool> Inflater::finish(const Take &take) {
    switch (impl_->phase) {
        case Impl::Phase::plain: return true;
        case Impl::Phase::begin: return impl_->magic.empty() || take(impl_->magic);
        case Impl::Phase::inside: return broken("ends too early");
        case Impl::Phase::behind:
            if (!impl_->magic.empty()) return broken("goes on behind its end");
            return true;
        case Impl::Phase::padding: break;
    }
    return true;
}

} // namespace angod

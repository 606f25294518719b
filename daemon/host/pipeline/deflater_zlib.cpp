// For machines without ISA-L. Level 1 compresses exports of polygons with 176 MB/s; level 6 reaches 59 MB/s and makes
// the result 13 % smaller.
#include "host/pipeline/deflater.hpp"

#include <zlib.h>

#include <algorithm>
#include <vector>

namespace angod::host {

namespace {
constexpr int kLevel = 1;
constexpr std::size_t kOut = 64 * 1024;
} // namespace

struct Deflater::Impl {
    z_stream stream{};
    std::vector<Bytef> out = std::vector<Bytef>(kOut);
    uLong crc = 0;

    Result<void> run(int flush, const Out &take) {
        for (;;) {
            stream.next_out = out.data();
            stream.avail_out = static_cast<uInt>(out.size());
            const int status = deflate(&stream, flush);
            if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
                return error(Code::io, "compressing the result failed");
            const std::size_t made = out.size() - stream.avail_out;
            if (made > 0)
                if (auto taken = take({reinterpret_cast<const char *>(out.data()), made}); !taken) return taken;
            if (flush == Z_FINISH ? status == Z_STREAM_END : stream.avail_out > 0) return {};
        }
    }
};

Deflater::Deflater() : impl_(std::make_unique<Impl>()) {
    if (deflateInit2(&impl_->stream, kLevel, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
}
Deflater::~Deflater() {
    if (impl_) deflateEnd(&impl_->stream);
}
Deflater::Deflater(Deflater &&) noexcept = default;
Deflater &Deflater::operator=(Deflater &&) noexcept = default;

void Deflater::begin() {
    deflateReset(&impl_->stream);
    impl_->crc = 0;
}

Result<void> Deflater::write(std::string_view bytes, const Out &out) {
    while (!bytes.empty()) {
        const std::size_t part = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
        auto *data = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data())); // zlib lacks the const
        impl_->crc = crc32(impl_->crc, data, static_cast<uInt>(part));
        impl_->stream.next_in = data;
        impl_->stream.avail_in = static_cast<uInt>(part);
        if (auto done = impl_->run(Z_NO_FLUSH, out); !done) return done;
        bytes.remove_prefix(part);
    }
    return {};
}

Result<void> Deflater::end(const Out &out) {
    impl_->stream.avail_in = 0;
    return impl_->run(Z_FINISH, out);
}

std::uint32_t Deflater::crc() const { return static_cast<std::uint32_t>(impl_->crc); }

} // namespace angod::host

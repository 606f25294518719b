// Level 1 of ISA-L compresses exports of polygons with 680 MB/s, to a size between zlib's levels 3 (130 MB/s) and 4.
#include "host/pipeline/deflater.hpp"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <vector>

namespace angod::host {

namespace {
constexpr std::uint32_t kLevel = 1;
constexpr std::size_t kOut = 64 * 1024;
} // namespace

struct Deflater::Impl {
    isal_zstream stream;
    std::vector<std::uint8_t> level_buffer = std::vector<std::uint8_t>(ISAL_DEF_LVL1_DEFAULT);
    std::vector<std::uint8_t> out = std::vector<std::uint8_t>(kOut);
    std::uint32_t crc = 0;

    Result<void> run(const Out &take) {
        for (;;) {
            stream.next_out = out.data();
            stream.avail_out = static_cast<std::uint32_t>(out.size());
            if (isal_deflate(&stream) != COMP_OK) return error(Code::io, "compressing the result failed");
            const std::size_t made = out.size() - stream.avail_out;
            if (made > 0)
                if (auto taken = take({reinterpret_cast<const char *>(out.data()), made}); !taken) return taken;
            const bool ended = stream.internal_state.state == ZSTATE_END;
            if (stream.end_of_stream ? ended : stream.avail_in == 0 && stream.avail_out > 0) return {};
        }
    }
};

Deflater::Deflater() : impl_(std::make_unique<Impl>()) { isal_deflate_init(&impl_->stream); }
Deflater::~Deflater() = default;
Deflater::Deflater(Deflater &&) noexcept = default;
Deflater &Deflater::operator=(Deflater &&) noexcept = default;

void Deflater::begin() {
    isal_deflate_reset(&impl_->stream);
    impl_->stream.level = kLevel;
    impl_->stream.level_buf = impl_->level_buffer.data();
    impl_->stream.level_buf_size = static_cast<std::uint32_t>(impl_->level_buffer.size());
    impl_->stream.flush = NO_FLUSH;
    impl_->stream.end_of_stream = 0;
    impl_->stream.gzip_flag = IGZIP_DEFLATE;
    impl_->crc = 0;
}

Result<void> Deflater::write(std::string_view bytes, const Out &out) {
    while (!bytes.empty()) {
        const std::size_t part = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30);
        auto *data = reinterpret_cast<std::uint8_t *>(const_cast<char *>(bytes.data())); // only read from
        impl_->crc = crc32_gzip_refl(impl_->crc, data, part);
        impl_->stream.next_in = data;
        impl_->stream.avail_in = static_cast<std::uint32_t>(part);
        if (auto done = impl_->run(out); !done) return done;
        bytes.remove_prefix(part);
    }
    return {};
}

Result<void> Deflater::end(const Out &out) {
    impl_->stream.end_of_stream = 1;
    impl_->stream.avail_in = 0;
    return impl_->run(out);
}

std::uint32_t Deflater::crc() const { return impl_->crc; }

} // namespace angod::host

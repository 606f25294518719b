// The bytes of a file at any offset, and the numbers in them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace ango::common {

/// The bytes of a file, at any offset.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    /// Fills to with exactly size bytes from offset; false if the file does not have them or cannot be read.
    virtual bool read(std::uint64_t offset, unsigned char *to, std::size_t size) = 0;
};

/// A file in memory; bytes must outlive it.
class MemorySource : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
    bool read(std::uint64_t offset, unsigned char *to, std::size_t size) override {
        if (offset > bytes_.size() || size > bytes_.size() - offset) return false;
        if (size > 0) std::memcpy(to, bytes_.data() + offset, size);
        return true;
    }

private:
    std::string_view bytes_;
};

/// size bytes of another source from offset begin; the other source must outlive it.
class PartSource : public ByteSource {
public:
    PartSource(ByteSource &whole, std::uint64_t begin, std::uint64_t size)
        : whole_(whole), begin_(begin), size_(size) {}
    bool read(std::uint64_t offset, unsigned char *to, std::size_t size) override {
        return offset <= size_ && size <= size_ - offset && begin_ <= UINT64_MAX - offset &&
               whole_.read(begin_ + offset, to, size);
    }

private:
    ByteSource &whole_;
    std::uint64_t begin_, size_;
};

template <std::size_t N> using Bytes = std::array<unsigned char, N>;

/// N bytes from offset; nothing if the file does not have them.
template <std::size_t N> std::optional<Bytes<N>> bytes_at(ByteSource &file, std::uint64_t offset) {
    Bytes<N> bytes{};
    return file.read(offset, bytes.data(), N) ? std::optional(bytes) : std::nullopt;
}

/// The unsigned number of count bytes at *at, its highest byte first.
inline std::uint64_t big(const unsigned char *at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value = value << 8 | at[i];
    return value;
}
/// The same with its lowest byte first.
inline std::uint64_t little(const unsigned char *at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = count; i > 0; --i) value = value << 8 | at[i - 1];
    return value;
}

/// Whether the bytes at *at are text.
inline bool is(const unsigned char *at, std::string_view text) {
    return std::memcmp(at, text.data(), text.size()) == 0;
}

} // namespace ango::common

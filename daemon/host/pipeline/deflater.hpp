// Raw deflate (RFC 1951) of one stream after another. One .cpp of two is built: deflater_isal.cpp (ISA-L: about
// four times as fast at the same size) where the library exists, deflater_zlib.cpp elsewhere.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace angod::host {

/// One thread at a time.
class Deflater {
public:
    /// Takes compressed bytes; an error of it ends the call.
    using Out = std::function<Result<void>(std::string_view)>;

    Deflater();
    ~Deflater();
    Deflater(Deflater &&) noexcept;
    Deflater &operator=(Deflater &&) noexcept;

    void begin();
    Result<void> write(std::string_view bytes, const Out &out);
    Result<void> end(const Out &out);

    /// CRC-32 of what was written since begin().
    std::uint32_t crc() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace angod::host

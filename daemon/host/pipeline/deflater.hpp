// Compresses streams one after the other as raw deflate (RFC 1951). There are two implementations: deflater_isal.cpp is
// built if the library ISA-L exists (about four times as fast at the same size), deflater_zlib.cpp otherwise.
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
    /// Receives compressed bytes. If it returns an error, the call ends with this error.
    using Out = std::function<Result<void>(std::string_view)>;

    Deflater();
    ~Deflater();
    Deflater(Deflater &&) noexcept;
    Deflater &operator=(Deflater &&) noexcept;

    void begin();
    Result<void> write(std::string_view bytes, const Out &out);
    Result<void> end(const Out &out);

    /// The CRC-32 of the bytes written since begin().
    std::uint32_t crc() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace angod::host

// Unpacks one stream of gzip (RFC 1952), zlib (RFC 1950) or raw deflate (RFC 1951), piece by piece.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace angod {

/// One thread.
class Inflater {
public:
    /// gzip: also several members, one behind the other, and zeros behind the last one. deflate: with or without the head of
    /// zlib, because servers send both.
    enum class Format { gzip, deflate };
    /// Takes unpacked bytes, which are valid during the call. False: it wants no more.
    using Take = std::function<bool(std::string_view)>;

    explicit Inflater(Format format);
    ~Inflater();
    Inflater(Inflater &&) noexcept;
    Inflater &operator=(Inflater &&) noexcept;

    /// Unpacks the next bytes. False if `take` wants no more. Bytes that do not begin as the format does are passed on as they
    /// are: servers name an encoding for files that have none. Errors (protocol) continue "the data": "is damaged".
    Result<bool> write(std::string_view bytes, const Take &take);
    /// No more bytes follow. An error (protocol) if the stream is not at its end.
    Result<bool> finish(const Take &take);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace angod

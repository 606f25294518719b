// Undoes the Content-Encoding of an HTTP answer (RFC 9110, section 8.4), piece by piece.
#pragma once

#include "unpack/inflater.hpp"

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace angod {

/// One thread.
class ContentDecoder {
public:
    /// Nothing is encoded.
    ContentDecoder() = default;
    /// header: the value of Content-Encoding, such as "gzip". An error (protocol) names an encoding that is not known here, and
    /// continues "the server sent it".
    static Result<ContentDecoder> of(std::string_view header);

    /// Decodes the next bytes; see Inflater::write.
    Result<bool> write(std::string_view bytes, const Inflater::Take &take) { return write_from(0, bytes, take); }
    /// No more bytes follow; see Inflater::finish.
    Result<bool> finish(const Inflater::Take &take);

private:
    Result<bool> write_from(std::size_t layer, std::string_view bytes, const Inflater::Take &take);

    std::uint64_t between_ = 0;    ///< bytes that a layer gave to the next one
    std::vector<Inflater> layers_; ///< the outermost, which was applied last, is the first
};

} // namespace angod

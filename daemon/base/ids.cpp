#include "base/ids.hpp"

#include "base/clock.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <stdexcept>

namespace angod {

std::string new_id() {
    std::array<unsigned char, 16> b{};
    if (RAND_bytes(b.data(), b.size()) != 1) throw std::runtime_error("the system has no random numbers");
    const auto ms = static_cast<std::uint64_t>(now_ms());
    for (int i = 0; i < 6; ++i) b[i] = static_cast<unsigned char>(ms >> (8 * (5 - i)));
    b[6] = static_cast<unsigned char>((b[6] & 0x0f) | 0x70);
    b[8] = static_cast<unsigned char>((b[8] & 0x3f) | 0x80);
    std::string hex = to_hex({reinterpret_cast<const char *>(b.data()), b.size()});
    for (const std::size_t at : {8, 13, 18, 23}) hex.insert(at, 1, '-');
    return hex;
}

std::string sha256(std::string_view bytes) {
    std::string out(32, '\0');
    if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char *>(out.data()), nullptr, EVP_sha256(),
                   nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return out;
}

std::string to_hex(std::string_view bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const unsigned char c : bytes) {
        out += kDigits[c >> 4];
        out += kDigits[c & 15];
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char *>(out.data()),
                        reinterpret_cast<const unsigned char *>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(size));
    return out;
}

} // namespace angod

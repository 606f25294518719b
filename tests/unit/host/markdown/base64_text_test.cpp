#include "host/markdown/base64_text.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace angod;
using namespace angod::host;

namespace {

/// All bytes, or the error text behind "! ".
std::string decoded(const std::string &token) {
    Base64Text text(token);
    std::string out;
    for (;;) {
        const auto piece = text.next();
        if (!piece) return "! " + piece.error().text;
        if (piece->empty()) return out;
        out += *piece;
    }
}

std::string encoded(const std::string &bytes) {
    static const char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j)
            group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
        const std::size_t digits = std::min<std::size_t>(3, bytes.size() - i) + 1;
        for (std::size_t j = 0; j < 4; ++j)
            if (j < digits)
                out += kDigits[group >> (18 - 6 * j) & 63];
            else
                out += '=';
    }
    return out;
}

} // namespace

TEST_CASE("base64 of every length comes out as the bytes that went in") {
    std::mt19937 random(3);
    for (const std::size_t size : {0, 1, 2, 3, 4, 5, 6, 7, 49'151, 49'152, 49'153, 200'000}) {
        std::string bytes(size, '\0');
        for (char &c : bytes) c = static_cast<char>(random());
        CHECK(decoded('"' + encoded(bytes) + '"') == bytes);
    }
}

TEST_CASE("blanks anywhere, JSON escapes and a data URL are fine") {
    CHECK(decoded(R"("  Y Q\r\n=\t= ")") == "a");
    CHECK(decoded(R"("Pj4\u002bPz8\/")") == ">>>???");
    CHECK(decoded(R"("YQ\u003D\u003d")") == "a");
    CHECK(decoded(R"("data:text/csv;base64,YSxi")") == "a,b");
    CHECK(decoded(R"("data:text\/csv;charset=utf-8;base64,YSxi")") == "a,b");
    CHECK(decoded(R"("")") == "");
    CHECK(decoded(R"("===")") == "");
}

TEST_CASE("what is no base64 is said with its place") {
    const auto says = [](const std::string &token, std::string_view what) {
        const std::string text = decoded(token);
        INFO(text);
        CHECK(text.find(what) != std::string::npos);
    };
    says(R"("YS!x")", "holds '!' at character 3");
    says(R"("YS-x")", "holds '-' at character 3");
    says("\"YS\xc3\xa9\"", "holds byte 0xc3 at character 3");
    says(R"("YS\f")", "holds byte 0x0c at character 3");
    says(R"("YS\b")", "holds byte 0x08 at character 3");
    says(R"("Y\u00e9")", "holds byte 0x00 at character 2");
    says(R"("Y\u0000")", "holds byte 0x00 at character 2");
    says(R"("Y\\")", R"(holds '\' at character 2)");
    says(R"("YQ==YQ==")", "goes on behind its end, at character 5");
    for (const char *text :
         {R"("YSxiC")", R"("YSxiC=")", R"("YSxiCg")", R"("YSxiCg=")", R"("YSxiCg\n")", R"("YSxiCmM")"})
        says(text, "is cut off: it has ");
    says(R"("YSxiCg=")", "it has 7 characters, which is not a multiple of 4");
    says(R"("data:text/csv,a,b")", "is a data URL of another kind");
    says(R"("data:text/csv;base64")", "begins with \"data:\", but no \"base64,\" follows");
    says('"' + std::string("data:") + std::string(1000, 'x') + "\"", "begins with \"data:\"");
}

#include "common/png.hpp"

#include <csetjmp>
#include <cstring>
#include <vector>

#include <png.h>

// libpng reports errors by longjmp, so the functions that call setjmp have no objects with destructors.

namespace ango::common {

namespace {

constexpr png_uint_32 kLargestSide = 1'000'000;      // px; keeps a row below 8 MB
constexpr png_alloc_size_t kLargestChunk = 8u << 20; // bytes, of data that is no pixels
constexpr std::size_t kLongestReason = 200;          // bytes

struct Decoder {
    png_structp png = nullptr;
    png_infop info = nullptr;
    const char *next = nullptr;
    std::size_t left = 0;
    char reason[kLongestReason] = "cannot be decoded";
    std::vector<unsigned char> row;

    explicit Decoder(std::string_view bytes) : next(bytes.data()), left(bytes.size()) {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
        if (png) info = png_create_info_struct(png);
    }
    ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;

    [[noreturn]] static void on_error(png_structp png, png_const_charp text) {
        auto *self = static_cast<Decoder *>(png_get_error_ptr(png));
        std::strncpy(self->reason, text, kLongestReason - 1);
        png_longjmp(png, 1);
    }
    static void on_warning(png_structp, png_const_charp) {} // only errors count
    static void on_read(png_structp png, png_bytep to, std::size_t size) {
        auto *self = static_cast<Decoder *>(png_get_io_ptr(png));
        if (size > self->left) png_error(png, "is cut off");
        std::memcpy(to, self->next, size);
        self->next += size;
        self->left -= size;
    }
};

/// Reads up to the first row; false after an error of libpng.
bool read_head(Decoder &in) {
    if (setjmp(png_jmpbuf(in.png))) return false;
    png_set_read_fn(in.png, &in, Decoder::on_read);
    png_set_user_limits(in.png, kLargestSide, kLargestSide);
    png_set_chunk_malloc_max(in.png, kLargestChunk);
    png_read_info(in.png, in.info);
    return true;
}

bool ask_for_rgba(Decoder &in) {
    if (setjmp(png_jmpbuf(in.png))) return false;
    png_set_expand(in.png);
    png_set_strip_16(in.png);
    png_set_gray_to_rgb(in.png);
    png_set_add_alpha(in.png, 0xFF, PNG_FILLER_AFTER);
    png_read_update_info(in.png, in.info);
    return true;
}

bool read_row(Decoder &in) {
    if (setjmp(png_jmpbuf(in.png))) return false;
    png_read_row(in.png, in.row.data(), nullptr);
    return true;
}

} // namespace

std::optional<std::string> read_png(std::string_view bytes, std::uint64_t max_pixels, const PngSink &sink) {
    if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0)
        return "is no PNG file";
    Decoder in(bytes);
    if (!in.info) return "cannot be read for lack of memory";
    if (!read_head(in)) return std::string(in.reason);
    const Size size{png_get_image_width(in.png, in.info), png_get_image_height(in.png, in.info)};
    if (size.width > max_pixels / size.height)
        return "has " + std::to_string(size.width) + " x " + std::to_string(size.height) +
               " pixels, more than max_pixels";
    if (png_get_interlace_type(in.png, in.info) != PNG_INTERLACE_NONE) return "is interlaced";
    if (!ask_for_rgba(in)) return std::string(in.reason);
    if (png_get_rowbytes(in.png, in.info) != size.width * 4) return "cannot be decoded to colours";
    if (!sink.start(size)) return "has another size than its image";
    in.row.resize(static_cast<std::size_t>(size.width) * 4);
    for (std::uint64_t y = 0; y < size.height; ++y) {
        if (!read_row(in)) return std::string(in.reason);
        sink.row(y, in.row.data());
    }
    return std::nullopt;
}

} // namespace ango::common

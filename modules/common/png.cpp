// libpng reports errors by longjmp, which skips destructors. So the functions that call setjmp have no objects with
// destructors, and everything that lives longer is in a class of its own. Rows are read and written one at a time, because
// a file of a few bytes can stand for gigabytes of pixels.
#include "common/png.hpp"

#include <csetjmp>
#include <cstring>
#include <vector>

#include <png.h>

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

struct PngReader::Impl {
    explicit Impl(std::string_view bytes) : in(bytes) {}
    Decoder in;
    Size size{};
    std::optional<std::string> problem;

    std::optional<std::string> begin(std::string_view bytes, std::uint64_t max_pixels) {
        if (bytes.size() < 8 || png_sig_cmp(reinterpret_cast<png_const_bytep>(bytes.data()), 0, 8) != 0)
            return "is no PNG file";
        if (!in.info) return "cannot be read for lack of memory";
        if (!read_head(in)) return std::string(in.reason);
        size = {png_get_image_width(in.png, in.info), png_get_image_height(in.png, in.info)};
        if (size.width > max_pixels / size.height)
            return "has " + std::to_string(size.width) + " x " + std::to_string(size.height) +
                   " pixels, more than max_pixels";
        if (png_get_interlace_type(in.png, in.info) != PNG_INTERLACE_NONE) return "is interlaced";
        if (!ask_for_rgba(in)) return std::string(in.reason);
        if (png_get_rowbytes(in.png, in.info) != size.width * 4) return "cannot be decoded to colours";
        return std::nullopt;
    }
};

PngReader::PngReader(std::string_view bytes, std::uint64_t max_pixels) : impl_(std::make_unique<Impl>(bytes)) {
    impl_->problem = impl_->begin(bytes, max_pixels);
}

PngReader::~PngReader() = default;

const std::optional<std::string> &PngReader::problem() const { return impl_->problem; }

Size PngReader::size() const { return impl_->size; }

const unsigned char *PngReader::row() {
    if (impl_->problem) return nullptr;
    impl_->in.row.resize(static_cast<std::size_t>(impl_->size.width) * 4);
    if (read_row(impl_->in)) return impl_->in.row.data();
    impl_->problem = impl_->in.reason;
    return nullptr;
}

struct PngWriter::Impl {
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::string out;
    bool failed = false;

    ~Impl() { png_destroy_write_struct(&png, &info); }
    [[noreturn]] static void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
    static void on_warning(png_structp, png_const_charp) {} // only errors count
    static void on_write(png_structp png, png_bytep bytes, std::size_t size) {
        static_cast<std::string *>(png_get_io_ptr(png))->append(reinterpret_cast<const char *>(bytes), size);
    }
    static void on_flush(png_structp) {} // the text in memory has all bytes

    bool begin(Size size) {
        if (setjmp(png_jmpbuf(png))) return false;
        png_set_write_fn(png, &out, on_write, on_flush);
        png_set_IHDR(png, info, static_cast<png_uint_32>(size.width), static_cast<png_uint_32>(size.height), 8,
                     PNG_COLOR_TYPE_RGBA, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB | PNG_FILTER_UP); // masks have long runs of one colour
        png_write_info(png, info);
        return true;
    }
    bool write(const unsigned char *rgba) {
        if (setjmp(png_jmpbuf(png))) return false;
        png_write_row(png, rgba);
        return true;
    }
    bool end() {
        if (setjmp(png_jmpbuf(png))) return false;
        png_write_end(png, nullptr);
        return true;
    }
};

PngWriter::PngWriter(Size size) : impl_(std::make_unique<Impl>()) {
    impl_->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, Impl::on_error, Impl::on_warning);
    if (impl_->png) impl_->info = png_create_info_struct(impl_->png);
    impl_->failed = !impl_->info || !impl_->begin(size);
}

PngWriter::~PngWriter() = default;

void PngWriter::row(const unsigned char *rgba) {
    if (!impl_->failed) impl_->failed = !impl_->write(rgba);
}

std::optional<std::string> PngWriter::finish() {
    if (impl_->failed || !impl_->end()) return std::nullopt;
    return std::move(impl_->out);
}

std::optional<std::string> read_png(std::string_view bytes, std::uint64_t max_pixels, const PngSink &sink) {
    PngReader reader(bytes, max_pixels);
    if (reader.problem()) return reader.problem();
    if (!sink.start(reader.size())) return "has another size than its image";
    for (std::uint64_t y = 0; y < reader.size().height; ++y) {
        const unsigned char *row = reader.row();
        if (!row) return reader.problem();
        sink.row(y, row);
    }
    return std::nullopt;
}

} // namespace ango::common

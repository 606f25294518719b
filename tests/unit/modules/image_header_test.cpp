// Sizes from the headers of image files, and option image_dir, which finds these files.
//
// The headers are written byte by byte, so that each can also be cut off or wrong at every place. The cases of
// image_dir run export-coco in memory with real files in a temporary folder. Rules: modules/FORMATS.md 4.4.
#include "coco_run.hpp"
#include "common/image_header.hpp"
#include "common/local_images.hpp"

#include <ango/module.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace ango::common;
using namespace std::string_literals;

namespace {

std::optional<Size> size_of(const std::string &bytes) {
    MemorySource file(bytes);
    return size_in_header(file);
}

const std::string kPng = "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0\x08\x06\0\0\0"s;
const std::string kFrame = "\xFF\xC2\0\x11\x08\x01\xE0\x02\x80\x03"s;

std::string tiff_entry(char tag, char type, const std::string &value) {
    return tag + "\x01"s + type + "\0\x01\0\0\0"s + value;
}

/// EXIF data with an orientation, as cameras write it: a TIFF of one entry.
std::string exif(char orientation, bool big_endian = true) {
    return big_endian ? "MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0"s + orientation + "\0\0\0\0\0\0"s
                      : "II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"s + orientation + "\0\0\0\0\0\0\0"s;
}

std::string app1(const std::string &body) { return "\xFF\xE1\0"s + static_cast<char>(body.size() + 2) + body; }

std::string exif_jpeg(char orientation, bool big_endian = true) {
    return "\xFF\xD8" + app1("Exif\0\0"s + exif(orientation, big_endian)) + kFrame;
}

std::string png_chunk(const std::string &name, const std::string &body) {
    return "\0\0\0"s + static_cast<char>(body.size()) + name + body + "CRC.";
}

struct Folder {
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "images-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    void write(const std::string &name, const std::string &bytes) const {
        std::filesystem::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary) << bytes;
    }
    std::filesystem::path path;
};

CocoRun with_folder(const Folder &folder, std::vector<std::string> records) {
    fake_host::Run what;
    what.settings = R"({"image_dir":")" + folder.path.string() + "\"}";
    what.records = std::move(records);
    return CocoRun(what);
}

std::string named(const std::string &name) { return R"({"externalId":")" + name + R"(","task":{"tools":[]}})"; }

} // namespace

TEST_CASE("PNG: the size stands in IHDR, which must come first") {
    CHECK(size_of(kPng) == Size{640, 480});
    CHECK_FALSE(size_of(kPng.substr(0, 20)));
    CHECK_FALSE(size_of("\x89PNG\r\n\x1A\n\0\0\0\x0DiDOT\0\0\x02\x80\0\0\x01\xE0"s));
    CHECK_FALSE(size_of("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\0\0\0\0\x01\xE0"s)); // no width
}

TEST_CASE("JPEG: the frame header is found behind other segments, fill bytes and tables") {
    const std::string app = "\xFF\xE1\0\x06"s + "Exif"s;
    CHECK(size_of("\xFF\xD8" + kFrame) == Size{640, 480});
    CHECK(size_of("\xFF\xD8" + app + "\xFF\xFF\xFF\xDB\0\x03x"s + "\xFF\xC4\0\x02"s + kFrame) == Size{640, 480});
    std::string long_app = "\xFF\xE2\xFF\xFF"s + std::string(65533, '\xC0');
    CHECK(size_of("\xFF\xD8" + long_app + long_app + kFrame) == Size{640, 480});
    CHECK_FALSE(size_of("\xFF\xD8" + app));                   // cut off
    CHECK_FALSE(size_of("\xFF\xD8\xFF\xE1\0\x01"s + kFrame)); // a length that cannot be
    CHECK_FALSE(size_of("\xFF\xD8\xFF\xDA\0\x02"s + kFrame)); // pixels come before any frame header
    std::string endless = "\xFF\xD8";
    for (int i = 0; i < 5000; ++i) endless += "\xFF\xE0\0\x02"s;
    CHECK_FALSE(size_of(endless + kFrame));
}

TEST_CASE("GIF and BMP, also one whose rows go from top to bottom, and OS/2's") {
    CHECK(size_of("GIF89a\x80\x02\xE0\x01\0\0"s) == Size{640, 480});
    const auto bmp = [](const std::string &from_header) { return "BM" + std::string(12, 'x') + from_header; };
    CHECK(size_of(bmp("\x28\0\0\0\x80\x02\0\0\xE0\x01\0\0"s)) == Size{640, 480});
    CHECK(size_of(bmp("\x28\0\0\0\x80\x02\0\0\x20\xFE\xFF\xFF"s)) == Size{640, 480});
    CHECK(size_of(bmp("\x0C\0\0\0\x80\x02\xE0\x01"s)) == Size{640, 480});
    CHECK_FALSE(size_of(bmp("\x28\0\0\0\x80\x02\0\x80\xE0\x01\0\0"s))); // negative width
}

TEST_CASE("WebP: extended, lossless and lossy") {
    const auto webp = [](const std::string &chunk) { return "RIFF\x30\0\0\0WEBP"s + chunk; };
    CHECK(size_of(webp("VP8X\x0A\0\0\0\0\0\0\0\x7F\x02\0\xDF\x01\0"s)) == Size{640, 480});
    // 14 bits of width - 1, 14 bits of height - 1
    CHECK(size_of(webp("VP8L\x20\0\0\0\x2F\x7F\xC2\x77\0\0\0\0\0\0"s)) == Size{640, 480});
    CHECK(size_of(webp("VP8 \x20\0\0\0abc\x9D\x01\x2A\x80\x02\xE0\x01"s)) == Size{640, 480});
    CHECK_FALSE(size_of(webp("VP8 \x20\0\0\0abcdef\x80\x02\xE0\x01"s)));
    CHECK_FALSE(size_of(webp("ALPH\x20\0\0\0abcdefghij"s)));
}

TEST_CASE("TIFF: both byte orders, short and long values, BigTIFF") {
    const std::string little = "II\x2A\0\x08\0\0\0\x02\0"s + tiff_entry('\0', '\x03', "\x80\x02\0\0"s) +
                               tiff_entry('\x01', '\x04', "\xE0\x01\0\0"s);
    CHECK(size_of(little) == Size{640, 480});
    CHECK_FALSE(size_of(little.substr(0, little.size() - 1)));
    CHECK(size_of("MM\0\x2A\0\0\0\x08\0\x02"s + "\x01\0\0\x03\0\0\0\x01\x02\x80\0\0"s +
                  "\x01\x01\0\x03\0\0\0\x01\x01\xE0\0\0"s) == Size{640, 480});
    CHECK(size_of("II\x2B\0\x08\0\0\0\x10\0\0\0\0\0\0\0"s + "\x02\0\0\0\0\0\0\0"s +
                  "\0\x01\x04\0\x01\0\0\0\0\0\0\0\x80\x02\0\0\0\0\0\0"s +
                  "\x01\x01\x04\0\x01\0\0\0\0\0\0\0\xE0\x01\0\0\0\0\0\0"s) == Size{640, 480});
    CHECK_FALSE(size_of("II\x2A\0\xFF\xFF\xFF\xFF\x02\0aaaaaa"s)); // a directory behind the end
}

TEST_CASE("JPEG: EXIF orientations 5 to 8 swap width and height, others do not") {
    for (char orientation = 0; orientation <= 10; ++orientation) {
        const bool turned = orientation >= 5 && orientation <= 8;
        for (const bool big_endian : {true, false}) {
            CAPTURE(int{orientation});
            CHECK(size_of(exif_jpeg(orientation, big_endian)) == (turned ? Size{480, 640} : Size{640, 480}));
        }
    }
}

TEST_CASE("JPEG: EXIF data may stand behind other segments and behind the frame header") {
    const std::string exif_segment = app1("Exif\0\0"s + exif('\x06')),
                      xmp = app1("http://ns.adobe.com/xap/1.0/\0<x/>"s);
    CHECK(size_of("\xFF\xD8" + xmp + "\xFF\xE0\0\x07JFIF\0"s + exif_segment + kFrame) == Size{480, 640});
    const std::string frame = "\xFF\xC0\0\x0B\x08\x01\xE0\x02\x80\x01\x01\x11\0"s;
    CHECK(size_of("\xFF\xD8" + frame + exif_segment + "\xFF\xDA\0\x02"s) == Size{480, 640});
    CHECK(size_of("\xFF\xD8" + frame + "\xFF\xDA\0\x02"s + exif_segment) == Size{640, 480}); // among the pixels
    CHECK(size_of("\xFF\xD8" + exif_segment + app1("Exif\0\0"s + exif('\x01')) + frame) == Size{480, 640});
}

TEST_CASE("JPEG: EXIF data that is damaged turns nothing") {
    const std::string good = exif('\x06');
    for (std::size_t size = 0; size < 22; ++size)
        CHECK(size_of("\xFF\xD8" + app1("Exif\0\0"s + good.substr(0, size)) + kFrame) == Size{640, 480});
    std::string far = good;
    far[4] = '\x7F'; // the directory lies behind the end
    CHECK(size_of("\xFF\xD8" + app1("Exif\0\0"s + far) + kFrame) == Size{640, 480});
    std::string typed = good;
    typed[13] = '\x02'; // the orientation is a text
    CHECK(size_of("\xFF\xD8" + app1("Exif\0\0"s + typed) + kFrame) == Size{640, 480});
}

TEST_CASE("PNG: a chunk eXIf before the pixels is obeyed") {
    const std::string head = kPng + "CRC.";
    CHECK(size_of(head + png_chunk("gAMA", "\0\0\0\0"s) + png_chunk("eXIf", exif('\x08')) + png_chunk("IDAT", "x")) ==
          Size{480, 640});
    CHECK(size_of(head + png_chunk("eXIf", exif('\x03'))) == Size{640, 480});
    CHECK(size_of(head + png_chunk("IDAT", "x") + png_chunk("eXIf", exif('\x08'))) == Size{640, 480});
    CHECK(size_of(head + png_chunk("eXIf", "Exif\0\0"s + exif('\x05'))) == Size{480, 640}); // a common mistake
}

TEST_CASE("WebP: a chunk EXIF behind the pixels is obeyed in the extended layout") {
    const auto webp = [](const std::string &chunk) {
        return "RIFF\x30\0\0\0WEBP"s + "VP8X\x0A\0\0\0\x08\0\0\0\x7F\x02\0\xDF\x01\0"s + "VP8 \x03\0\0\0abc\0"s +
               chunk; // of odd length, so a byte is filled in
    };
    const auto chunk = [](const std::string &body) {
        return "EXIF"s + static_cast<char>(body.size()) + "\0\0\0"s + body;
    };
    CHECK(size_of(webp(chunk(exif('\x06', false)))) == Size{480, 640});
    CHECK(size_of(webp(chunk("Exif\0\0"s + exif('\x06')))) == Size{480, 640});
    CHECK(size_of(webp(chunk(exif('\x02')))) == Size{640, 480});
    CHECK(size_of(webp("")) == Size{640, 480});
}

TEST_CASE("TIFF: its own orientation is obeyed") {
    const std::string head = "II\x2A\0\x08\0\0\0\x03\0"s, width = tiff_entry('\0', '\x03', "\x80\x02\0\0"s),
                      height = tiff_entry('\x01', '\x04', "\xE0\x01\0\0"s);
    CHECK(size_of(head + width + height + tiff_entry('\x12', '\x03', "\x06\0\0\0"s)) == Size{480, 640});
    CHECK(size_of(head + width + height + tiff_entry('\x12', '\x03', "\x04\0\0\0"s)) == Size{640, 480});
    CHECK(size_of(head + width + height + tiff_entry('\x12', '\x03', "\x06\0\0"s)) == Size{640, 480}); // cut off
}

TEST_CASE("JPEG 2000: in boxes and as a bare code stream") {
    const std::string start = "\0\0\0\x0CjP  \r\n\x87\n"s + "\0\0\0\x0C"s + "ftypjp2 "s;
    CHECK(size_of(start + "\0\0\0\x2Djp2h\0\0\0\x16ihdr\0\0\x01\xE0\0\0\x02\x80"s) == Size{640, 480});
    CHECK_FALSE(size_of(start + "\0\0\0\0jp2cxxxxxxxxxxxx"s));
    CHECK(size_of("\xFF\x4F\xFF\x51\0\x2F\0\0\0\0\x02\x8A\0\0\x01\xE1\0\0\0\x0A\0\0\0\x01"s) == Size{640, 480});
}

TEST_CASE("anything else has no size") {
    for (const std::string &bytes : {""s, "\x89PNG"s, "BM"s, "hello world, I am text"s, "%PDF-1.7\n%\xE2\xE3"s})
        CHECK_FALSE(size_of(bytes));
}

TEST_CASE("image_dir: an image of unknown size is looked up under its externalId, then under its output name") {
    const Folder folder;
    folder.write("yard/07.jpg", kPng); // the name says nothing about the format
    folder.write("gate_08.jpg", "GIF89a\x07\0\x08\0\0\0"s);
    const CocoRun run = with_folder(folder, {named("yard/07.jpg"), named(R"(gate\\08.jpg)"), named("gone.jpg")});
    CHECK(run.coco.text("images/0/width") == "640");
    CHECK(run.coco.text("images/1/height") == "8");
    CHECK(run.coco.at("images/2/width") == nullptr);
    CHECK(run.note("image_without_size") == 1);
}

TEST_CASE("image_dir: a photo that was turned has the size of the shown picture, and its boxes are not cut") {
    const Folder folder;
    folder.write("a.jpg", exif_jpeg('\x06'));
    const CocoRun run =
        with_folder(folder, {R"({"externalId":"a.jpg","task":{"tools":[)" +
                             tool("bounding-box", R"({"x":400,"y":500,"width":70,"height":130})") + "]}}"});
    CHECK(run.coco.text("images/0/width") == "480");
    CHECK(run.coco.text("images/0/height") == "640");
    CHECK(run.first("bbox") == "[400,500,70,130]");
    CHECK(run.note("clipped") == 0);
}

TEST_CASE("image_dir: the record's size and the table's come before a file's") {
    const Folder folder;
    folder.write("a.jpg", kPng);
    const CocoRun run = with_folder(folder, {record_with("")});
    CHECK(run.coco.text("images/0/width") == "100");
}

TEST_CASE("image_dir: a page is looked up by its output name") {
    const Folder folder;
    folder.write("scan_p000001.png", kPng);
    folder.write("scan", kPng);
    const CocoRun run = with_folder(
        folder, {R"({"externalId":"scan","dataset":["https://x.test/a.png","https://x.test/b.png"],"task":{}})"});
    CHECK(run.coco.at("images/0/width") == nullptr);
    CHECK(run.coco.text("images/1/width") == "640");
}

TEST_CASE("image_dir: names that lead out of the folder and what is no file are not opened") {
    const Folder folder;
    folder.write("secret.png", kPng);
    folder.write("in/good.png", kPng);
    std::filesystem::create_directories(folder.path / "in/folder.png");
    REQUIRE(::mkfifo((folder.path / "in/pipe.png").c_str(), 0600) == 0);
    const LocalImages images("image_dir", (folder.path / "in").string());
    CHECK(images.look_up("good.png", "x", "") == Size{640, 480});
    for (const std::string &name :
         {"../secret.png"s, "./good.png"s, folder.path.string() + "/secret.png", "a/../good.png"s, "folder.png"s,
          "pipe.png"s, ""s, "good.png\0"s, std::string(5000, 'a')})
        CHECK_FALSE(images.look_up(name, name, "").known());
}

TEST_CASE(
    "image_dir: a file is found by the other Unicode form of its name, and with the extension that the asset lacks") {
    const Folder folder;
    for (const char *name : {"caf\u00e9.png", "u\u0308ber/a.png", "plain.png", "of_url.webp.png", "no.5.jpg"})
        folder.write(name, kPng);
    const LocalImages images("image_dir", folder.path.string());
    for (const char *name : {"cafe\u0301.png", "\u00fcber/a.png", "cafe\u0301", "plain", "plain.png", "no.5"})
        CHECK_MESSAGE(images.look_up(name, "", "").known(), name);
    CHECK_FALSE(images.look_up("of_url", "", ".png").known());
    folder.write("other.webp", kPng);
    CHECK_FALSE(images.look_up("other", "", "").known());
    CHECK(images.look_up("other", "", ".webp").known());
    CHECK_FALSE(images.look_up("plain.jpg", "", ".png").known()); // it names another file
    CHECK_FALSE(images.look_up("", "", ".png").known());
}

TEST_CASE("image_dir is the operator's: refused in the options of a run, and if there is no such folder") {
    CHECK(
        convert({}, R"({"image_dir":"/tmp"})").outcome.user_text ==
        R"(Option "image_dir" is a folder of the machine that runs the plugin, so only the plugin's settings can set it.)");
    fake_host::Run what;
    what.settings = R"({"image_dir":"relative"})";
    CHECK(fake_host::run(what).user_text ==
          R"(Option "image_dir" is "relative", but must be the absolute path of a folder that the plugin can read.)");
    CHECK(fake_host::run(what).created == ANGO_FAILED);
}

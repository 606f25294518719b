// The claims of a zip in its directory, its end record and its manifest, against its content. Each zip is read in blocks of
// several sizes, because the end of the files may lie anywhere in a block. ZipBuilder makes the zips byte by byte, with one
// wrong part in each.
#include "unpack/export_zip.hpp"

#include "unpack/zip_builder.hpp"

#include <doctest/doctest.h>

using namespace angod;

namespace {

struct Outcome {
    std::string failure;
    std::vector<std::string> parts, names, left_out;
    std::vector<std::uint64_t> promised;
};

Outcome read_in_blocks(std::string_view zip, std::size_t block) {
    Outcome out;
    std::string text;
    const ZipBytes next = [&]() -> Result<std::string_view> {
        const std::string_view piece = zip.substr(0, block);
        zip.remove_prefix(piece.size());
        return piece;
    };
    const ExportSink sink{[&](std::string_view bytes) {
                              text += bytes;
                              return true;
                          },
                          [&](const std::string &name) {
                              out.parts.push_back(std::exchange(text, {}));
                              out.names.push_back(name);
                              return true;
                          },
                          [&](const std::string &name) { out.left_out.push_back(name); },
                          [&](std::uint64_t records) { out.promised.push_back(records); }};
    const auto read = read_export_zip(next, sink, {"the export", "the zip", "Run again.", 1 << 20, "the limit"});
    if (!read) {
        CHECK(read.error().code == Code::invalid);
        out.failure = read.error().text;
    }
    return out;
}

/// The outcome, which must not depend on the blocks.
Outcome read(const std::string &zip) {
    Outcome first = read_in_blocks(zip, zip.size() + 1);
    for (const std::size_t block : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{1000}}) {
        const Outcome other = read_in_blocks(zip, block);
        CHECK(other.failure == first.failure);
        CHECK(other.parts == first.parts);
    }
    return first;
}

ZipBuilder two_files() {
    ZipBuilder zip;
    zip.files = {{.name = "part-1.ndjson", .data = "{\"n\":1}\n"}, {.name = "part-2.ndjson", .data = "{\"n\":2}\n"}};
    return zip;
}

const std::vector<std::string> kBoth{"{\"n\":1}\n", "{\"n\":2}\n"};

} // namespace

TEST_CASE("a whole zip is read, whatever writer made it") {
    for (const bool zip64 : {false, true})
        for (const bool packed : {false, true})
            for (const bool reversed : {false, true}) {
                ZipBuilder zip = two_files();
                zip.zip64 = zip64;
                zip.packed = packed;
                zip.reversed = reversed;
                zip.comment = reversed ? "made PK\5\6 by a test" : "";
                const Outcome outcome = read(zip.build());
                CHECK(outcome.failure == "");
                CHECK(outcome.parts == kBoth);
            }
    for (const std::string &behind :
         {std::string(100, '\0'), std::string("\r\n"), std::string("PKPPK\5 rubbish PK\3"), std::string(2000, 'P')})
        CHECK(read(two_files().build() + behind).failure == "");
}

TEST_CASE("a zip that ends anywhere before its end is incomplete or damaged") {
    for (const bool zip64 : {false, true}) {
        ZipBuilder builder = two_files();
        builder.zip64 = zip64;
        builder.packed = zip64;
        builder.comment = "comment";
        const std::string zip = builder.build();
        for (std::size_t size = 0; size < zip.size(); ++size)
            CHECK(read_in_blocks(zip.substr(0, size), 50).failure != "");
    }
    ZipBuilder zip = two_files();
    const std::string bytes = zip.build();
    const auto too_early = "the export is incomplete: its zip ends too early. Run again.";
    CHECK(read(bytes.substr(0, zip.body.size())).failure == too_early);
    CHECK(read(bytes.substr(0, zip.body.size() + 60)).failure == too_early);
    CHECK(read(bytes.substr(0, bytes.size() - 1)).failure == too_early);
}

TEST_CASE("a zip without a file that its directory names is damaged") {
    ZipBuilder zip = two_files();
    zip.files[1].in_body = false;
    CHECK(read(zip.build()).failure ==
          "the export is damaged: its directory names a file at byte 51, where none is. Run again.");
}

TEST_CASE("a file whose head was damaged is not passed over") {
    ZipBuilder zip = two_files();
    std::string bytes = zip.build();
    bytes[51 + 2] = 'x'; // in the signature of the second file
    CHECK(read_in_blocks(bytes, 1000).failure.starts_with("the export is damaged: "));
    CHECK(read_in_blocks(bytes, 1).failure.starts_with("the export is damaged: "));
    zip = two_files();
    zip.behind_files = "bytes that belong to nothing";
    CHECK(read_in_blocks(zip.build(), 1000).failure.starts_with("the export is damaged: "));
    CHECK(read_in_blocks(zip.build(), 1).failure.starts_with("the export is damaged: "));
}

TEST_CASE("a file that the directory does not name is an error") {
    ZipBuilder zip = two_files();
    zip.files[1].in_directory = false;
    CHECK(read(zip.build()).failure ==
          "the export is damaged: its directory names 1 file, but 2 could be read. Run again.");
}

TEST_CASE("the number of files in the end record must be that of the directory") {
    for (const bool zip64 : {false, true}) {
        ZipBuilder zip = two_files();
        zip.zip64 = zip64;
        zip.more_in_end = 1;
        CHECK(read(zip.build()).failure ==
              "the export is damaged: its end says that it has 3 files, but its directory names 2. Run again.");
    }
}

TEST_CASE("size and check sum of a file must be those of the directory") {
    for (const bool zip64 : {false, true}) {
        ZipBuilder zip = two_files();
        zip.zip64 = zip64;
        zip.files[0].listed_size = 1000;
        CHECK(read(zip.build()).failure == "the export is damaged: its directory says that the file at byte 0 has 1000 "
                                           "bytes, but it has 8. Run again.");
        zip = two_files();
        zip.zip64 = zip64;
        zip.files[1].listed_crc = 1;
        CHECK(read(zip.build()).failure == "the export is damaged: the check sum of the file at byte 51 is not the one "
                                           "in its directory. Run again.");
    }
}

TEST_CASE("one of several volumes, two zips in a row, and a wrong end are named so") {
    ZipBuilder zip = two_files();
    zip.disk = 1;
    CHECK(read(zip.build()).failure ==
          "the export is damaged: it is only one part of a zip in several files. Run again.");
    zip.disk = 0;
    CHECK(read(zip.build() + zip.build()).failure == "the export is damaged: another zip follows its end. Run again.");
    std::string bytes = zip.build();
    bytes[bytes.size() - 6] ^= 1; // the offset of the directory
    CHECK(read(bytes).failure == "the export is damaged: its end does not fit its directory. Run again.");
}

TEST_CASE("a zip without files is whole only with its end record") {
    ZipBuilder zip;
    CHECK(read(zip.build()).failure == "");
    CHECK(read(zip.build().substr(0, 10)).failure == "the export is incomplete: its zip ends too early. Run again.");
    zip.more_in_end = 2;
    CHECK(read(zip.build()).failure ==
          "the export is damaged: its end says that it has 2 files, but its directory names 0. Run again.");
    zip.zip64 = true;
    zip.more_in_end = 0;
    CHECK(read(zip.build()).failure == "");
}

TEST_CASE("a wrong byte does not make a part another file") {
    ZipBuilder zip = two_files();
    std::string bytes = zip.build();
    bytes[51 + 30 + 13] = '?'; // instead of '{'
    CHECK(read(bytes).failure.starts_with("the export is damaged: "));
    zip.files[1] = {.name = "picture.png", .data = "PNG"};
    CHECK(read(zip.build()).left_out == std::vector<std::string>{"picture.png"});
}

TEST_CASE("all files that a manifest names must be there") {
    for (const char *manifest : {R"({"parts":["export/part-1.ndjson","part-2.ndjson","part-3.ndjson"]})",
                                 R"({"files":[{"name":"part-3.ndjson","size":1}]})"}) {
        ZipBuilder zip = two_files();
        zip.files.push_back({.name = "Manifest.json", .data = manifest});
        CHECK(read(zip.build()).failure == "the export is incomplete: its manifest names the file \"part-3.ndjson\", "
                                           "which is not in it. Run again.");
        zip.files.push_back({.name = "later/part-3.ndjson", .data = "{}"});
        CHECK(read(zip.build()).failure == "");
    }
    ZipBuilder zip = two_files();
    zip.files.push_back({.name = "manifest.json", .data = R"({"files":["a.png","manifest.json",{"name":"b"}]})"});
    zip.files.push_back({.name = "manifest", .data = "{\"parts\": 2, \"files\": [1, {}, null]"});
    CHECK(read(zip.build()).failure == "");
}

TEST_CASE("as many files as a manifest counts must be there, and a count of records is passed on") {
    ZipBuilder zip = two_files();
    zip.files.push_back({.name = "manifest.json", .data = R"({"parts":2,"count":7})"});
    CHECK(read(zip.build()).failure == "");
    CHECK(read(zip.build()).promised == std::vector<std::uint64_t>{7});
    zip.files.back().data = R"({"chunks":3})";
    CHECK(read(zip.build()).failure ==
          "the export is incomplete: its manifest counts 3 files with records, and 2 are in it. Run again.");
    CHECK(read(zip.build()).promised.empty());
    zip.files.back().data = R"({"parts":-3,"count":"7"})";
    CHECK(read(zip.build()).failure == "");
    zip.files.back().data = R"({"files":["part-1.ndjson","part-2.ndjson"],"count":2})"; // of files, perhaps
    CHECK(read(zip.build()).promised.empty());
}

TEST_CASE("a file that is left out is read to its end, with the sizes behind its data, wherever it stands") {
    for (const std::string name : {"__MACOSX/._a.ndjson", "folder/.DS_Store", "images/1.png"})
        for (const std::size_t place : {std::size_t{0}, std::size_t{1}, std::size_t{2}})
            for (const bool packed : {false, true}) {
                ZipBuilder zip = two_files();
                zip.packed = packed;
                zip.files.insert(zip.files.begin() + static_cast<std::ptrdiff_t>(place),
                                 BuiltFile{.name = name, .data = std::string(3000, '\x7f') + "PK"});
                const Outcome outcome = read(zip.build());
                CHECK(outcome.failure == "");
                CHECK(outcome.parts == kBoth);
            }
}

TEST_CASE("a zip with files of operating systems only holds no export") {
    ZipBuilder zip;
    zip.files = {{.name = "__MACOSX/._a.ndjson", .data = "x"}, {.name = ".DS_Store", .data = "y"}};
    CHECK(read(zip.build()).failure ==
          "the zip holds no export, only files that an operating system added, such as \"__MACOSX/._a.ndjson\"");
}

TEST_CASE("a compression method that is not supported is named, and no other run is advised") {
    ZipBuilder zip = two_files();
    std::string bytes = zip.build();
    bytes[51 + 8] = 9; // the method of the second file
    CHECK(read(bytes).failure ==
          "the zip cannot be unpacked: its file \"part-2.ndjson\" is packed with a compression "
          "method that is not supported (9: deflation-64-bit). Pack it with the method Deflate.");
}

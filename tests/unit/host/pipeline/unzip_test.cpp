// Zips that are good, damaged, cut off, encrypted or too large. ZipSpool makes the good ones; the test changes their
// bytes. The zip goes in and the data comes out in blocks of several sizes, with a thread for unzipping as in an
// export. Each failure must have a sentence that names its cause.
#include "host/pipeline/unzip.hpp"

#include "host/pipeline/zip_spool.hpp"
#include "temporary_folder.hpp"

#include "base/files.hpp"
#include "unpack/export_zip.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace angod;
using namespace angod::host;

namespace {

/// A zip with these entries.
std::string zip_of(const std::vector<std::pair<std::string, std::string>> &entries) {
    TemporaryFolder folder;
    SpoolQuota quota(std::uint64_t{1} << 30);
    CancelToken cancel;
    auto spool = ZipSpool::create(folder.path(), quota, cancel).value();
    for (const auto &[name, data] : entries) {
        spool->open(name);
        spool->write(data);
    }
    return files::read(spool->finish().value().path, std::uint64_t{1} << 30).value();
}

struct Outcome {
    std::string bytes, failure;
    Code code = Code::invalid;
    std::vector<std::string> parts, left_out;
};

Outcome unzip(const std::string &zip, std::uint64_t max_bytes = std::uint64_t{1} << 30, std::size_t block = 1000,
              std::optional<Error> then = {}) {
    CancelToken cancel;
    ByteQueue in(4, block, cancel), out(4, 4096, cancel);
    std::thread feeder([&] {
        for (std::size_t at = 0; at < zip.size();) {
            Block piece = in.fresh();
            at += piece.append(std::string_view(zip).substr(at));
            if (!in.push(std::move(piece))) break;
        }
        if (then)
            in.fail(*then);
        else
            in.finish();
    });
    Outcome outcome;
    std::thread worker([&] {
        unzip_export(
            in, out, max_bytes, [&](const std::string &name) { outcome.left_out.push_back(name); },
            [](std::uint64_t) {});
    });
    bool begins = true;
    for (;;) {
        auto piece = out.pop();
        if (!piece) {
            outcome.failure = piece.error().text;
            outcome.code = piece.error().code;
            break;
        }
        if (!*piece) break;
        outcome.bytes += (*piece)->view();
        if (std::exchange(begins, (*piece)->ends_part)) outcome.parts.emplace_back();
        outcome.parts.back() += (*piece)->view();
    }
    worker.join();
    CHECK(in.closed());
    feeder.join();
    return outcome;
}

std::string lines(int count) {
    std::string out;
    for (int i = 0; i < count; ++i) out += "{\"n\":" + std::to_string(i * std::int64_t{7919}) + "}\n";
    return out;
}

} // namespace

TEST_CASE("all parts come out in their order, whatever the blocks are") {
    const std::string text = lines(20'000), more = "[" + std::string(70'000, ' ') + "{}]", empty, blank = " \n\n";
    const std::string zip =
        zip_of({{"empty", empty}, {"exporté.ndjson", text}, {"folder/part-2.json", more}, {"blank", blank}});
    for (const std::size_t block : {std::size_t{7}, std::size_t{1000}, std::size_t{1} << 20}) {
        const Outcome outcome = unzip(zip, 1 << 30, block);
        CHECK(outcome.failure == "");
        CHECK(outcome.parts == std::vector<std::string>{"", text, more, ""});
        CHECK(outcome.left_out.empty());
    }
}

TEST_CASE("files of operating systems are left out without a word, manifests and other files by name") {
    const Outcome outcome = unzip(zip_of({{"__MACOSX/._export.ndjson", "{}"},
                                          {".DS_Store", "[]"},
                                          {"a/._b.json", "{}"},
                                          {"Manifest.json", R"({"parts":["export.ndjson"]})"},
                                          {"picture.png", "\x89PNG" + lines(10'000)},
                                          {"export.ndjson", "\xef\xbb\xbf\r\n{\"n\":1}\n"},
                                          {"Thumbs.db", "{}"}}));
    CHECK(outcome.failure == "");
    CHECK(outcome.parts == std::vector<std::string>{"\xef\xbb\xbf\r\n{\"n\":1}\n"});
    CHECK(outcome.left_out == std::vector<std::string>{"Manifest.json", "picture.png"});
}

TEST_CASE("a zip that holds no export is refused, and its files are named") {
    CHECK(unzip(zip_of({{"a.png", "PNG"}, {"b.txt", "text"}})).failure ==
          "the zip from Hub holds no export, only \"a.png\", \"b.txt\"");
    CHECK(unzip(zip_of({{"a.png", " PNG"}})).failure ==
          "the export from Hub is not JSON: its only file, \"a.png\", begins with 'P'");
    CHECK(shown_name("b\x1b[31m.txt") == "\"b?[31m.txt\"");
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 0; i < 20; ++i) many.emplace_back(std::to_string(i) + ".txt", "text");
    CHECK(unzip(zip_of(many)).failure ==
          "the zip from Hub holds no export, only \"0.txt\", \"1.txt\", \"2.txt\", \"3.txt\", \"4.txt\"");
}

TEST_CASE("an empty entry and a zip without entries give no bytes") {
    CHECK(unzip(zip_of({{"a", ""}})).failure == "");
    CHECK(unzip(zip_of({{"a", ""}})).bytes == "");
    CHECK(unzip(zip_of({})).failure == "");
    CHECK(unzip(zip_of({})).bytes == "");
}

TEST_CASE("what is no zip is named so") {
    CHECK(unzip("<html>no</html>").failure == "the export from Hub is not a zip file");
    CHECK(unzip("PK").failure == "the export from Hub is not a zip file");
    CHECK(unzip("").failure == "the export from Hub is incomplete: the file is empty. Run the plugin again.");
}

TEST_CASE("a zip that is cut off is incomplete") {
    const std::string zip = zip_of({{"a", lines(50'000)}});
    for (const std::size_t size : {std::size_t{5}, std::size_t{31}, zip.size() / 2, zip.size() - 200}) {
        const Outcome outcome = unzip(zip.substr(0, size));
        CHECK(outcome.failure.find("incomplete") != std::string::npos);
        CHECK(outcome.code == Code::invalid);
    }
}

TEST_CASE("a wrong byte is found") {
    std::string zip = zip_of({{"a", lines(200'000)}});
    zip[zip.size() / 2] = static_cast<char>(zip[zip.size() / 2] ^ 0x55);
    const Outcome outcome = unzip(zip);
    CHECK(outcome.failure.find("damaged") != std::string::npos);
}

TEST_CASE("an encrypted zip is named so") {
    std::string zip = zip_of({{"a", lines(10)}});
    zip[6] = static_cast<char>(zip[6] | 1); // the flag in the local header
    CHECK(unzip(zip).failure == "the export from Hub is encrypted, which is not supported");
}

TEST_CASE("the limit is kept and names its configuration key") {
    const std::string zip = zip_of({{"a", "[" + std::string(50'000'000, ' ')}});
    const Outcome outcome = unzip(zip, 1'048'576);
    CHECK(outcome.failure == "the export is larger than 1 MB unzipped, which limits.unzip_mb allows");
    CHECK(outcome.bytes.size() <= 1'048'576);
    CHECK(outcome.code == Code::limit);
}

TEST_CASE("a failure of the download goes through unchanged") {
    const std::string zip = zip_of({{"a", lines(50'000)}});
    const Outcome outcome =
        unzip(zip.substr(0, zip.size() / 2), 1 << 30, 1000, error(Code::network, "the line is cut"));
    CHECK(outcome.failure == "the line is cut");
    CHECK(outcome.code == Code::network);
}

TEST_CASE("a receiver that closes ends the work") {
    const std::string zip = zip_of({{"a", lines(500'000)}});
    CancelToken cancel;
    ByteQueue in(64, 1 << 20, cancel), out(1, 4096, cancel);
    Block all(zip.size());
    all.append(zip);
    in.push(std::move(all));
    in.finish();
    std::thread worker([&] {
        unzip_export(
            in, out, 1 << 30, [](const std::string &) {}, [](std::uint64_t) {});
    });
    CHECK(out.pop().value().has_value());
    out.close();
    worker.join();
    CHECK(in.closed());
}

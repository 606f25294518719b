// The source of an export with a server on loopback: whole exports, exports that fail on the way, and a consumer that
// stops early. The threads of the source must end in every case; a test in which they do not end never returns.
//
// The export is made once and kept, because its compression takes longer than all tests.
#include "host/export/export_source.hpp"

#include "host/hub/answer_server.hpp"
#include "host/job/recorded_job.hpp"
#include "host/pipeline/zip_spool.hpp"
#include "temporary_folder.hpp"
#include "unpack/packed.hpp"

#include "base/files.hpp"
#include "base/ids.hpp"
#include "base/units.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <mutex>

using namespace angod;
using namespace angod::host;
using namespace std::chrono_literals;

namespace {

std::string record(int number) {
    return fmt::format(R"({{"number":{},"pad":"{}"}})", number, to_hex(sha256(std::to_string(number))));
}

std::string zip_of(const std::string &name, const std::string &data) {
    const TemporaryFolder folder;
    SpoolQuota quota(std::uint64_t{1} << 30);
    CancelToken cancel;
    auto spool = ZipSpool::create(folder.path(), quota, cancel).value();
    spool->open(name);
    spool->write(data);
    return files::read(spool->finish().value().path, std::uint64_t{1} << 30).value();
}

std::string export_of(int records) {
    std::string lines;
    for (int i = 0; i < records; ++i) lines += record(i) + "\n";
    return zip_of("export.ndjson", lines);
}

constexpr int kMany = 160'000;

/// About 6 MB of zip for queues of 4 MB, and 15 MB of records for queues of 3 MB.
const std::string &large_export() {
    static const std::string zip = export_of(kMany);
    return zip;
}

/// A server of one export, and the job that reads it.
struct Export {
    std::string zip;
    unsigned status = 200;
    RecordedJob run{"{}"};
    std::mutex mutex; ///< the download thread logs
    AnswerServer server{[this](const auto &) {
        return AnswerServer::Reply{zip, status, {{"Content-Type", "application/zip"}}};
    }};

    explicit Export(std::string of) : zip(std::move(of)) {
        run.job.limits = {0, std::uint64_t{1} << 30, 1 << 20};
        run.job.log = [this](LogLevel, std::string_view text) {
            const std::lock_guard lock(mutex);
            run.log.emplace_back(text);
        };
    }
    DownloadRequest request() const {
        DownloadRequest out;
        out.url = server.url() + "/export.zip?sig=s3cr3t-signature";
        out.what = "the export";
        out.retry = {.attempts = 2, .base_delay = 1ms, .max_delay = 1ms};
        return out;
    }
};

/// Reads to the end. Returns the number of records, which are checked.
int read_all(AssetReader &reader) {
    ango_asset asset{};
    asset.struct_size = sizeof asset;
    int count = 0;
    while (reader.next(asset) == ANGO_OK) {
        const std::string_view text(asset.json.data, static_cast<std::size_t>(asset.json.size));
        if (text != record(count)) FAIL_CHECK("record " << count << " is " << std::string(text.substr(0, 100)));
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("all records of an export come in order, and the log tells its size") {
    for (const int count : {0, 1, 20'000}) {
        Export all(export_of(count));
        ExportSource source(all.run.job, all.request());
        CHECK(read_all(source.reader()) == count);
        CHECK(source.reader().at_end());
        CHECK_FALSE(source.reader().failure());
        source.stop();
        CHECK(all.run.log == std::vector<std::string>{"downloaded the export: " + size_text(all.zip.size())});
    }
}

TEST_CASE("an export that is larger than all queues together comes whole") {
    REQUIRE(large_export().size() > 5u << 20);
    Export large(large_export());
    ExportSource source(large.run.job, large.request());
    CHECK(read_all(source.reader()) == kMany);
}

TEST_CASE("a consumer that stops early ends the threads") {
    Export large(large_export());
    {
        ExportSource source(large.run.job, large.request());
        ango_asset asset{};
        asset.struct_size = sizeof asset;
        REQUIRE(source.reader().next(asset) == ANGO_OK);
        source.stop();
        source.stop();
    }
    const ExportSource unread(large.run.job, large.request());
}

TEST_CASE("a cancel ends the reader and the threads") {
    Export large(large_export());
    ExportSource source(large.run.job, large.request());
    ango_asset asset{};
    asset.struct_size = sizeof asset;
    REQUIRE(source.reader().next(asset) == ANGO_OK);
    large.run.job.cancel.cancel();
    std::int32_t status = ANGO_OK;
    while (status == ANGO_OK) status = source.reader().next(asset);
    CHECK(status == ANGO_CANCELLED);
}

TEST_CASE("a download that fails is the failure of the reader, without the secret in the address") {
    Export refused("no right to s3cr3t-signature");
    refused.status = 403;
    ExportSource source(refused.run.job, refused.request());
    CHECK(read_all(source.reader()) == 0);
    const auto failed = source.reader().failure();
    REQUIRE(failed);
    CHECK(failed->text.find("403") != std::string::npos);
    CHECK(failed->text.find("s3cr3t-signature") == std::string::npos);
    source.stop();
    CHECK(refused.run.log.empty());
}

TEST_CASE("data that is no zip, or a damaged one, is the failure of the reader") {
    std::string cut = export_of(5000);
    cut.resize(cut.size() / 2);
    for (const std::string &bytes : {std::string("no zip at all, but a text"), cut}) {
        Export damaged(bytes);
        ExportSource source(damaged.run.job, damaged.request());
        read_all(source.reader());
        const auto failed = source.reader().failure();
        REQUIRE(failed);
        CHECK(failed->code == Code::invalid);
    }
}

TEST_CASE("the limits of the job hold") {
    Export large(export_of(1000));
    large.run.job.limits.unzip_bytes = 1000;
    ExportSource source(large.run.job, large.request());
    read_all(source.reader());
    REQUIRE(source.reader().failure());
    CHECK(source.reader().failure()->code == Code::limit);
    Export wide(export_of(10));
    wide.run.job.limits.asset_bytes = 20;
    ExportSource other(wide.run.job, wide.request());
    ango_asset asset{};
    asset.struct_size = sizeof asset;
    CHECK(other.reader().next(asset) == ANGO_LIMIT);
}

TEST_CASE("the log tells the size before a module can see the end of the export") {
    for (const int count : {1, 20'000}) {
        Export all(export_of(count));
        ExportSource source(all.run.job, all.request());
        CHECK(read_all(source.reader()) == count);
        // Without a wait: this is what was said when the reader came to the end.
        CHECK(all.run.log == std::vector<std::string>{"downloaded the export: " + size_text(all.zip.size())});
    }
}

TEST_CASE("an export that was packed with gzip once more, unnamed, is unpacked, and its end is checked") {
    const std::string gzipped = packed(export_of(100), kGzip);
    Export whole(gzipped);
    ExportSource source(whole.run.job, whole.request());
    CHECK(read_all(source.reader()) == 100);
    for (const std::size_t missing : {std::size_t{1}, std::size_t{8}, gzipped.size() / 2}) {
        Export cut(gzipped.substr(0, gzipped.size() - missing));
        ExportSource other(cut.run.job, cut.request());
        read_all(other.reader());
        REQUIRE(other.reader().failure());
        CHECK(other.reader().failure()->text ==
              "the export from Hub is damaged: its gzip data ends too early. Run the plugin again.");
    }
}

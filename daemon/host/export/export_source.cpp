#include "host/export/export_source.hpp"

#include "base/own_process.hpp"
#include "base/units.hpp"

#include "host/pipeline/unzip.hpp"

#include "rest/http_client.hpp"

#include "unpack/export_zip.hpp"
#include "unpack/inflater.hpp"

#include <fmt/format.h>

#include <exception>
#include <optional>
#include <utility>

namespace angod::host {

namespace {

// Small enough to stay in the processor's cache, large enough that the hand-over costs little.
constexpr std::size_t kZippedBlocks = 16, kZippedBlock = 256 * 1024;
constexpr std::size_t kUnzippedBlocks = 6, kUnzippedBlock = 512 * 1024;

/// Fills blocks with the small pieces that libcurl delivers.
class Filler {
public:
    explicit Filler(ByteQueue &queue) : queue_(queue), block_(queue.fresh()) {}
    bool take(std::string_view bytes) {
        for (;;) {
            bytes.remove_prefix(block_.append(bytes));
            if (bytes.empty()) return true;
            if (!queue_.push(std::move(block_))) return false;
            block_ = queue_.fresh();
        }
    }
    void finish() {
        if (block_.size() > 0) queue_.push(std::move(block_));
        queue_.finish();
    }

private:
    ByteQueue &queue_;
    Block block_;
};

} // namespace

ExportSource::ExportSource(const Job &job, DownloadRequest request)
    : job_(job),
      zipped_(kZippedBlocks, kZippedBlock, job.cancel),
      unzipped_(kUnzippedBlocks, kUnzippedBlock, job.cancel),
      reader_(std::make_unique<AssetReader>(unzipped_, job.limits.asset_bytes)),
      download_([this, request = std::move(request)] { download_all(request); }),
      unzip_([this] {
          name_thread("unzip");
          const auto left_out = [this](const std::string &name) {
              job_.log(LogLevel::info,
                       fmt::format("left {} of the zip from Hub out: it is no part of the export", shown_name(name)));
          };
          unzip_export(zipped_, unzipped_, job_.limits.unzip_bytes, left_out,
                       [this](std::uint64_t records) { promised_ = records; });
      }) {}

ExportSource::~ExportSource() { stop(); }

void ExportSource::stop() {
    unzipped_.close();
    if (unzip_.joinable()) unzip_.join(); // it closes zipped_
    if (download_.joinable()) download_.join();
}

void ExportSource::download_all(const DownloadRequest &request) {
    name_thread("download");
    try {
        rest::HttpClient client({job_.hub.ca_file, "", job_.hub.proxies});
        Filler filler(zipped_);
        Inflater gzip(Inflater::Format::gzip); // a store or a proxy has packed the file, and may not say so
        std::optional<Error> damaged;
        const Inflater::Take fill = [&](std::string_view unpacked) { return filler.take(unpacked); };
        const auto bytes = download(client, request, job_.cancel, [&](std::string_view piece) {
            const auto more = gzip.write(piece, fill);
            if (!more) damaged = more.error();
            return more && *more;
        });
        if (bytes || damaged) {
            const auto ended = damaged ? Result<bool>(*damaged) : gzip.finish(fill);
            if (!ended)
                return zipped_.fail(
                    error(Code::invalid, fmt::format("the export from Hub is damaged: its gzip data {}. "
                                                     "Run the plugin again.",
                                                     ended.error().text)));
        }
        if (!bytes) return zipped_.fail(bytes.error());
        // Before the module can see the end: what it says of that must come later.
        job_.log(LogLevel::info, fmt::format("downloaded the export: {}", size_text(*bytes)));
        filler.finish();
    } catch (const std::exception &e) {
        zipped_.fail(error(Code::io, fmt::format("downloading the export failed: {}", e.what())));
    }
}

} // namespace angod::host

// The source of an export: a thread that downloads, a thread that unzips, and the reader at the end of the pipeline.
#pragma once

#include "host/job/job.hpp"
#include "host/pipeline/asset_reader.hpp"
#include "host/pipeline/byte_queue.hpp"
#include "host/pipeline/download.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace angod::host {

/// Made and used on the job thread. Takes about 12 MB at most, whatever the size of the export.
class ExportSource {
public:
    /// Starts the threads. job must outlive the source. The download thread calls job.log and the functions of the
    /// request.
    ExportSource(const Job &job, DownloadRequest request);
    ~ExportSource();
    ExportSource(const ExportSource &) = delete;
    ExportSource &operator=(const ExportSource &) = delete;

    AssetReader &reader() { return *reader_; }
    /// The records that a manifest in the zip counts, if there is one. After stop.
    std::optional<std::uint64_t> promised() const { return promised_; }
    /// Ends both threads, whatever they are doing. After that the reader has no more records.
    void stop();

private:
    void download_all(const DownloadRequest &request);

    const Job &job_;
    ByteQueue zipped_, unzipped_;
    std::unique_ptr<AssetReader> reader_;
    std::optional<std::uint64_t> promised_; ///< of the unzip thread, until it has ended
    std::thread download_, unzip_;
};

} // namespace angod::host

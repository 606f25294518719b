// Where an export comes from: a thread that downloads, a thread that unzips, and the reader at their end.
#pragma once

#include "host/job/job.hpp"
#include "host/pipeline/asset_reader.hpp"
#include "host/pipeline/byte_queue.hpp"
#include "host/pipeline/download.hpp"

#include <memory>
#include <string>
#include <thread>

namespace angod::host {

/// Made and used on the job thread. At most about 12 MB, whatever the size of the export.
class ExportSource {
public:
    /// Starts at once. job must outlive it; job.log and the functions of the request are called from the download
    /// thread.
    ExportSource(const Job &job, DownloadRequest request);
    ~ExportSource();
    ExportSource(const ExportSource &) = delete;
    ExportSource &operator=(const ExportSource &) = delete;

    AssetReader &reader() { return *reader_; }
    /// Ends both threads, whatever they do; the reader has no more records then.
    void stop();

private:
    void download_all(const DownloadRequest &request);

    const Job &job_;
    ByteQueue zipped_, unzipped_;
    std::unique_ptr<AssetReader> reader_;
    std::thread download_, unzip_;
};

/// "136.1 MB"
std::string megabytes(std::uint64_t bytes);

} // namespace angod::host
